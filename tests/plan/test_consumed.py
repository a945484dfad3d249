"""Consumed operations, put together from their levels: section 5 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.load.options import LoadOptions
from tests.plan.units_building import a_rest, an_api, an_mcp, call_of, one_call, read


def _parameter(value: str, place: str = "query") -> str:
    return f"inputParameters: [{{name: v, in: {place}, value: {value}}}]"


def test_a_value_of_the_api_applies_to_all_operations(tmp_path: Path) -> None:
    assert one_call(tmp_path, api=_parameter("api")).target() == "/v1/things?v=api"


def test_a_value_of_the_resource_goes_before_the_apis(tmp_path: Path) -> None:
    made = one_call(tmp_path, resource=_parameter("resource"), api=_parameter("api"))
    assert made.target() == "/v1/things?v=resource"


def test_a_value_of_the_operation_goes_before_all_others(tmp_path: Path) -> None:
    made = one_call(
        tmp_path, _parameter("own"), resource=_parameter("resource"), api=_parameter("api")
    )
    assert made.target() == "/v1/things?v=own"


def test_a_value_stays_where_an_inner_level_declares_the_parameter_without_one(
    tmp_path: Path,
) -> None:
    inner = "inputParameters: [{name: v, in: query, description: d}]"
    assert one_call(tmp_path, inner, api=_parameter("api")).target() == "/v1/things?v=api"


def test_parameters_of_one_name_in_two_places_are_two(tmp_path: Path) -> None:
    made = one_call(tmp_path, _parameter("own", "header"), api=_parameter("api"))
    assert (made.target(), made.header("v")) == ("/v1/things?v=api", "own")


def test_an_operations_path_replaces_its_resources(tmp_path: Path) -> None:
    made = one_call(tmp_path, "path: /others", path="/things", exposed="/x")
    assert made.target() == "/v1/others"


def test_methods_are_read_in_any_case_and_get_is_the_one_that_is_not_said(tmp_path: Path) -> None:
    api = an_api("{name: a, method: post}, {name: b}")
    made = read(tmp_path, api, a_rest("{name: a, method: PUT}, {name: b, method: DELETE}"))
    assert [call_of(route.operation).method for route in made.routes] == ["POST", "GET"]


@pytest.mark.parametrize("name", ["Host", "content-length", "Connection", "Transfer-Encoding"])
def test_a_header_that_can_not_be_set_is_a_warning_and_not_sent(tmp_path: Path, name: str) -> None:
    made = one_call(tmp_path, f"inputParameters: [{{name: {name}, in: header, value: x}}]")
    assert made.messages == [
        f"warning parameter-unused: the header '{name}' is the connection's own and is not set by "
        "parameters"
    ]
    assert made.header(name.lower()) is None
    assert not made.inputs


def test_a_parameter_that_does_not_say_where_is_in_the_path_or_the_query(tmp_path: Path) -> None:
    made = one_call(tmp_path, "inputParameters: [{name: id}, {name: q}]", path="/things/{id}")
    assert made.target(id="1", q="2") == "/v1/things/1?q=2"


def test_a_parameter_of_the_environment_is_not_sent(tmp_path: Path) -> None:
    made = one_call(
        tmp_path,
        "inputParameters: [{name: TOKEN, in: environment}, "
        "{name: X-Token, in: header, value: '{{TOKEN}}'}]",
        options=LoadOptions(environment={"TOKEN": "t"}),
    )
    assert (made.target(), made.header("x-token")) == ("/v1/things", "t")
    assert not made.inputs


def test_two_apis_of_one_namespace_are_an_error(tmp_path: Path) -> None:
    made = read(tmp_path, f"{an_api('{name: a}')}, {an_api('{name: b}')}", an_mcp(""))
    assert made.is_refused
    assert made.messages == [
        "error namespace-duplicate: there are two consumed APIs with the namespace 'api'"
    ]


def test_a_tunnel_is_never_bypassed(tmp_path: Path) -> None:
    made = one_call(tmp_path, api="tunnel: {type: ssh}")
    assert made.is_refused
    assert made.messages == [
        "error not-yet-supported: 'api' is reached through a tunnel, which is not supported yet"
    ]


@pytest.mark.parametrize("path", ["/../admin", "/a/../../admin", "..", "/%2E%2e/admin", "/a/.."])
def test_an_operation_whose_path_leads_out_of_the_base_uri_is_left_out(
    tmp_path: Path, path: str
) -> None:
    made = one_call(tmp_path, path=path, exposed="/x")
    assert not made.is_refused
    finding, *consequences = made.messages
    assert finding == (
        f"error value-invalid: the path '{path}' has a '..', which may lead out of the base URI"
    )
    assert consequences
    assert all("error operation-unknown: " in one for one in consequences)


@pytest.mark.parametrize("path", ["/a..b", "/...", "/..{id}", "/./a"])
def test_dots_that_lead_nowhere_are_sent_as_they_are(tmp_path: Path, path: str) -> None:
    made = one_call(tmp_path, path=path, exposed="/x/{id}")
    assert made.target(id="1") == "/v1" + path.replace("{id}", "1")
