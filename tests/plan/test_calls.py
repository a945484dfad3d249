"""What goes upstream, but for bodies: section 5 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.errors import CredentialMissing, InvalidInput
from naftiko_runtime.values import Json
from tests.plan.units_building import one_call


@pytest.mark.parametrize(
    ("base", "path", "target"),
    [
        ("https://up.example", "", "/"),
        ("https://up.example", "/", "/"),
        ("https://up.example/v1", "", "/v1"),
        ("https://up.example/v1/", "/", "/v1/"),
        ("https://up.example/v1/", "/ships", "/v1/ships"),
        ("https://up.example/v1", "ships", "/v1/ships"),
        ("https://up.example/v1", "//ships/", "/v1/ships/"),
        ("https://up.example/v1", "/ships?sort=name&x=a b", "/v1/ships?sort=name&x=a%20b"),
        ("https://up.example/v1", "/ships#top", "/v1/ships"),
        ("https://up.example/v1", "/a b/%zz/%2F", "/v1/a%20b/%25zz/%2F"),
    ],
)
def test_base_uri_and_path_are_joined_by_one_slash(
    tmp_path: Path, base: str, path: str, target: str
) -> None:
    assert one_call(tmp_path, base=base, path=path, exposed="/x").target() == target


@pytest.mark.parametrize("path", ["{id}", "/{id}", "/{{id}}", "{{id}}"])
def test_a_path_may_start_with_a_variable(tmp_path: Path, path: str) -> None:
    made = one_call(tmp_path, path=path, exposed="/x/{id}")
    assert made.target(id="a/b c~") == "/v1/a%2Fb%20c~"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_path_variable_can_not_lead_out_of_its_segment(tmp_path: Path, value: str) -> None:
    with pytest.raises(InvalidInput):
        one_call(tmp_path, path="/ships/{id}").target(id=value)


def test_a_refused_value_is_told_by_the_callers_name_of_it(tmp_path: Path) -> None:
    made = one_call(tmp_path, unit="with: {id: rest.ship}", path="/{id}", exposed="/{ship}")
    with pytest.raises(InvalidInput) as caught:
        made.target(ship="..")
    assert [problem.pointer for problem in caught.value.problems] == ["/ship"]


def test_a_refused_value_made_of_two_inputs_is_told_by_upstreams_name(tmp_path: Path) -> None:
    made = one_call(
        tmp_path, unit="with: {id: '{{rest.a}}{{rest.b}}'}", path="/{id}", exposed="/{a}/{b}"
    )
    with pytest.raises(InvalidInput) as caught:
        made.target(a=".", b="")
    assert [problem.pointer for problem in caught.value.problems] == ["/id"]


@pytest.mark.parametrize(
    ("value", "target"),
    [
        (None, "/v1/things"),
        ("", "/v1/things?q="),
        (True, "/v1/things?q=true"),
        ([1, "a b"], "/v1/things?q=1&q=a%20b"),
        ({"t": {"n": 1}}, "/v1/things?q%5Bt%5D%5Bn%5D=1"),
    ],
)
def test_query_values_are_written_by_their_kind(tmp_path: Path, value: Json, target: str) -> None:
    assert one_call(tmp_path, "inputParameters: [{name: q, in: query}]").target(q=value) == target


def test_a_query_parameter_that_is_absent_is_not_sent(tmp_path: Path) -> None:
    made = one_call(tmp_path, "inputParameters: [{name: q, in: query}]", path="/things?fixed=1")
    assert made.target() == "/v1/things?fixed=1"
    assert made.target(q=2) == "/v1/things?fixed=1&q=2"


def test_style_and_explode_are_openapis(tmp_path: Path) -> None:
    parameter = "{name: q, in: query, style: pipeDelimited, explode: false}"
    made = one_call(tmp_path, f"inputParameters: [{parameter}]")
    assert made.target(q=["a", "b"]) == "/v1/things?q=a%7Cb"


@pytest.mark.parametrize(
    ("value", "sent"), [("a", "a"), ("", ""), (["a", 1], "a,1"), (True, "true"), (None, None)]
)
def test_headers_are_written_unless_absent_or_null(
    tmp_path: Path, value: Json, sent: str | None
) -> None:
    made = one_call(tmp_path, "inputParameters: [{name: X-Thing, in: header}]")
    assert made.header("x-thing", **{"X-Thing": value}) == sent
    assert made.header("x-thing") is None


def test_a_header_with_a_control_character_is_refused(tmp_path: Path) -> None:
    made = one_call(tmp_path, "inputParameters: [{name: X-Thing, in: header}]")
    with pytest.raises(InvalidInput):
        made.sends(**{"X-Thing": "a\r\nHost: b"})


def test_cookies_share_one_header(tmp_path: Path) -> None:
    cookies = "{name: a, in: cookie}, {name: b, in: cookie}, {name: c, in: cookie}"
    made = one_call(tmp_path, f"inputParameters: [{cookies}]")
    assert made.header("cookie", a="1", b=None, c="x y") == "a=1; c=x%20y"
    assert made.header("cookie") is None


@pytest.mark.parametrize(
    ("says", "accept"),
    [
        ("", "application/json"),
        ("outputRawFormat: CSV", "text/csv"),
        ("outputRawFormat: avro", "*/*"),
        ("outputRawFormat: binary, outputMediaType: image/png", "image/png"),
    ],
)
def test_accept_follows_the_format_of_the_answer(tmp_path: Path, says: str, accept: str) -> None:
    assert one_call(tmp_path, says).header("accept") == accept


def _key_in(place: str, value: str) -> tuple[str, str]:
    """Return an input that may carry the key, and the authentication that has it, too."""
    given = f"inputParameters: [{{name: key, in: {place}}}, {{name: other, in: {place}}}]"
    return given, f"authentication: {{type: apikey, key: key, value: {value}, placement: {place}}}"


def test_the_configured_key_is_added_to_the_query(tmp_path: Path) -> None:
    given, api = _key_in("query", "configured")
    made = one_call(tmp_path, given, api=api)
    assert made.target(other="1") == "/v1/things?key=configured&other=1"


def test_a_key_of_the_callers_replaces_the_one_in_the_query(tmp_path: Path) -> None:
    given, api = _key_in("query", "configured")
    made = one_call(tmp_path, given, api=api)
    assert made.target(key="mine", other="1") == "/v1/things?key=mine&other=1"


def test_the_configured_key_is_added_to_the_cookies(tmp_path: Path) -> None:
    given, api = _key_in("cookie", "configured")
    made = one_call(tmp_path, given, api=api)
    assert made.header("cookie") == "key=configured"
    assert made.header("cookie", other="1") == "key=configured; other=1"


def test_a_key_of_the_callers_replaces_the_one_in_the_cookies(tmp_path: Path) -> None:
    given, api = _key_in("cookie", "configured")
    assert one_call(tmp_path, given, api=api).header("cookie", key="mine") == "key=mine"


def test_a_key_of_the_callers_replaces_the_one_in_a_header(tmp_path: Path) -> None:
    given, api = _key_in("header", "configured")
    made = one_call(tmp_path, given, api=api)
    assert (made.header("key"), made.header("key", key="mine")) == ("configured", "mine")


@pytest.mark.parametrize("place", ["query", "cookie", "header"])
def test_a_key_without_a_value_is_missing_unless_the_caller_brings_one(
    tmp_path: Path, place: str
) -> None:
    given, api = _key_in(place, "'{{KEY}}'")
    made = one_call(tmp_path, given, api=api, more="binds: [{keys: {KEY: KEY}}]")
    with pytest.raises(CredentialMissing, match="set the environment variable KEY"):
        made.sends(other="1")
    assert made.sends(key="mine")


@pytest.mark.parametrize("place", ["query", "cookie", "header"])
def test_a_null_is_no_key_that_the_caller_brings(tmp_path: Path, place: str) -> None:
    given, api = _key_in(place, "configured")
    made = one_call(tmp_path, given, api=api)
    sent = made.sends(key=None)
    assert "configured" in f"{sent.target!r} {sent.headers}"
