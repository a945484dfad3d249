"""Base URIs: section 2 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.base_uris import BaseUri, MissingBaseUri
from naftiko_runtime.plan.origins import Origin
from tests.plan.units_building import Compiled, a_rest, an_api, call_of, one_call, read


def _with_base(folder: Path, base: str, options: LoadOptions | None = None) -> Compiled:
    return one_call(folder, base=base, options=options)


def _read_two(folder: Path, first: str, second: str, options: LoadOptions) -> Compiled:
    """Load a document with two APIs that have these base URIs."""
    apis = (
        an_api("{name: op}", base=first, namespace="one"),
        an_api("{name: op}", base=second, namespace="two"),
    )
    routes = "{name: a, method: GET, call: one.op}, {name: b, method: PUT, call: two.op}"
    return read(folder, ", ".join(apis), a_rest(routes), options=options)


def _two_apis(folder: Path, first: str, second: str, options: LoadOptions) -> list[str]:
    """Return the base URIs of two APIs, as they are shown or written."""
    made = _read_two(folder, first, second, options)
    bases = [call_of(route.operation).base for route in made.routes]
    return [base.written if isinstance(base, MissingBaseUri) else str(base) for base in bases]


@pytest.mark.parametrize(
    ("written", "base"),
    [
        ("https://up.example", BaseUri(Origin("https", "up.example", 443), "")),
        ("http://up.example/", BaseUri(Origin("http", "up.example", 80), "")),
        ("HTTPS://up.example:8443/v1/", BaseUri(Origin("https", "up.example", 8443), "/v1")),
        (" https://[::1]:8080/a b ", BaseUri(Origin("https", "::1", 8080), "/a%20b")),
    ],
)
def test_a_base_uri_is_taken_apart_at_load(tmp_path: Path, written: str, base: BaseUri) -> None:
    assert _with_base(tmp_path, written).call.base == base


@pytest.mark.parametrize(
    "text",
    ["https://up.example/v1", "http://up.example:8080", "https://[::1]", "http://[::1]:81/x"],
)
def test_a_base_uri_is_shown_without_its_default_port(tmp_path: Path, text: str) -> None:
    assert str(_with_base(tmp_path, text).call.base) == text


@pytest.mark.parametrize(
    "written",
    [
        "up.example/v1",
        "ftp://up.example",
        "https:///v1",
        "https://user:secret@up.example",
        "https://up.example:99999",
        "https://up.example:0",
        "https://[::1",
    ],
)
def test_what_is_no_http_url_is_an_error_that_does_not_repeat_it(
    tmp_path: Path, written: str
) -> None:
    made = _with_base(tmp_path, written)
    assert made.is_refused
    assert made.messages == [
        "error value-invalid: the base URI of 'api' is no http or https URL",
    ]


def test_an_empty_base_uri_is_a_warning_that_says_how_to_set_it(tmp_path: Path) -> None:
    made = _with_base(tmp_path, "")
    assert made.messages == [
        "warning base-uri-missing: the base URI of 'api' is empty; its calls will answer 503"
    ]
    assert made.hints == ["give --base-uri api=URL, or set NAFTIKO_BASE_URI_API"]
    assert made.call.base == MissingBaseUri("api", "")


def test_variables_without_a_value_are_named_once_each(tmp_path: Path) -> None:
    made = _with_base(tmp_path, "https://{sub}.{{site}}.example/{sub}")
    assert made.messages == [
        "warning base-uri-missing: the base URI of 'api' lacks site, sub; its calls will answer 503"
    ]
    assert made.hints == [
        "give --var site=VALUE --var sub=VALUE (or set site, sub), or give --base-uri api=URL"
    ]


@pytest.mark.parametrize("written", ["{SHOP}", "{ SHOP }", "{{SHOP}}", "{{env.SHOP}}"])
@pytest.mark.parametrize("option", ["variables", "environment"])
def test_variables_come_from_options_and_from_the_environment(
    tmp_path: Path, written: str, option: str
) -> None:
    options = (
        LoadOptions(variables={"SHOP": "north"})
        if option == "variables"
        else LoadOptions(environment={"SHOP": "north"})
    )
    made = _with_base(tmp_path, f"https://{written}.example", options)
    assert str(made.call.base) == "https://north.example"


@pytest.mark.parametrize("written", ["{SHOP}", "{{SHOP}}", "{{env.SHOP}}"])
def test_the_option_goes_before_the_environment(tmp_path: Path, written: str) -> None:
    options = LoadOptions(environment={"SHOP": "south"}, variables={"SHOP": "north"})
    made = _with_base(tmp_path, f"https://{written}.example", options)
    assert str(made.call.base) == "https://north.example"


@pytest.mark.parametrize("written", ["{SHOP}", "{{SHOP}}", "{{vault.SHOP}}"])
def test_variables_come_from_binds(tmp_path: Path, written: str) -> None:
    made = one_call(
        tmp_path,
        base=f"https://{written}.example",
        more="binds: [{namespace: vault, keys: {SHOP: SOURCE}}]",
        options=LoadOptions(environment={"SOURCE": "north"}),
    )
    assert str(made.call.base) == "https://north.example"
    assert not made.messages


@pytest.mark.parametrize(
    ("location", "how"),
    [
        ("", "set SOURCE, region"),
        (
            "location: 'dir:///run/none', ",
            "set region; put it into the file SOURCE in dir:///run/none",
        ),
    ],
)
def test_what_a_bind_lacks_is_set_at_its_source(tmp_path: Path, location: str, how: str) -> None:
    made = one_call(
        tmp_path,
        base="https://{{vault.SHOP}}.{region}.example",
        more=f"binds: [{{{location}namespace: vault, keys: {{SHOP: SOURCE}}}}]",
    )
    (hint,) = (one.hint for one in made.loaded.diagnostics if one.code == "base-uri-missing")
    options = "--var SHOP=VALUE --var region=VALUE"
    assert hint == f"give {options} (or {how}), or give --base-uri api=URL"


def test_the_option_of_a_namespace_replaces_what_is_written(tmp_path: Path) -> None:
    options = LoadOptions(base_uris={"api": "http://127.0.0.1:9/x"})
    assert str(_with_base(tmp_path, "https://up.example", options).call.base) == (
        "http://127.0.0.1:9/x"
    )


def test_the_environment_replaces_what_is_written(tmp_path: Path) -> None:
    options = LoadOptions(environment={"NAFTIKO_BASE_URI_API": "http://127.0.0.1:9"})
    made = _with_base(tmp_path, "https://up.example", options)
    assert str(made.call.base) == "http://127.0.0.1:9"


def test_the_option_goes_before_the_environments_base_uri(tmp_path: Path) -> None:
    options = LoadOptions(
        base_uris={"api": "http://option.example"},
        environment={"NAFTIKO_BASE_URI_API": "http://environment.example"},
    )
    assert str(_with_base(tmp_path, "", options).call.base) == "http://option.example"


def test_an_environment_variable_spells_namespaces_in_capitals(tmp_path: Path) -> None:
    api = an_api("{name: op}", base="", namespace="my-api.v2")
    options = LoadOptions(environment={"NAFTIKO_BASE_URI_MY_API_V2": "http://up.example"})
    made = read(tmp_path, api, a_rest("{name: op, call: my-api.v2.op}"), options=options)
    assert str(made.call.base) == "http://up.example"


def test_the_option_without_a_namespace_is_for_the_only_api(tmp_path: Path) -> None:
    options = LoadOptions(base_uri="http://127.0.0.1:9")
    assert str(_with_base(tmp_path, "https://up.example", options).call.base) == (
        "http://127.0.0.1:9"
    )


def test_the_option_without_a_namespace_is_for_the_only_api_that_lacks_one(tmp_path: Path) -> None:
    options = LoadOptions(base_uri="http://given.example")
    bases = _two_apis(tmp_path, "http://one.example", "", options)
    assert bases == ["http://one.example", "http://given.example"]


def test_the_option_without_a_namespace_is_for_none_of_two_that_lack_one(tmp_path: Path) -> None:
    assert _two_apis(tmp_path, "", "", LoadOptions(base_uri="http://given.example")) == ["", ""]


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ("", "", "2 consumed APIs lack a base URI"),
        ("http://one.example", "http://{two}.example", "no consumed API lacks a base URI"),
    ],
)
def test_the_option_without_a_namespace_is_reported_where_it_fits_nothing(
    tmp_path: Path, first: str, second: str, why: str
) -> None:
    options = LoadOptions(base_uri="http://given.example")
    made = _read_two(tmp_path, first, second, options)
    (found,) = (one for one in made.loaded.diagnostics if one.code == "base-uri-unused")
    assert found.message == f"--base-uri without a namespace is not used: {why}"
    assert found.hint == "say which one is meant: --base-uri one=URL or --base-uri two=URL"
    assert found.position is not None


def test_the_option_without_a_namespace_is_reported_where_nothing_is_consumed(
    tmp_path: Path,
) -> None:
    made = read(
        tmp_path,
        "",
        a_rest("{name: a, method: GET, outputParameters: [{value: x}]}"),
        options=LoadOptions(base_uri="http://given.example"),
    )
    message = "--base-uri without a namespace is not used: no consumed API lacks a base URI"
    assert made.messages == [f"warning base-uri-unused: {message}"]
    assert made.loaded.diagnostics[0].hint is None


def test_the_option_without_a_namespace_is_not_reported_where_it_is_used(tmp_path: Path) -> None:
    options = LoadOptions(base_uri="http://given.example")
    assert _read_two(tmp_path, "http://one.example", "", options).messages == []
