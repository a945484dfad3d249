"""What a `forward` is compiled to."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.diagnostics import Diagnostic
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import RestPlan
from naftiko_runtime.plan.base_uris import MissingBaseUri
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.forwarding import ForwardPlan
from naftiko_runtime.plan.loading import load_capability

DOCUMENT = """\
naftiko: 1.0.0-alpha3
{binds}
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: {base}
    {api}
  exposes:
  - type: rest
    namespace: gate
    {adapter}
    resources:
    - {resource}
"""
RESOURCE = "{path: '/x/{path}', forward: {targetNamespace: api}}"


def compile_(
    folder: Path,
    resource: str = RESOURCE,
    api: str = "",
    adapter: str = "",
    base: str = "https://api.test/v1",
    binds: str = "",
) -> tuple[RestPlan | None, list[Diagnostic]]:
    """Compile a document with one consumed API and one adapter."""
    file = folder / "capability.yaml"
    file.write_text(
        DOCUMENT.format(api=api, adapter=adapter, resource=resource, base=base, binds=binds)
    )
    loaded = load_capability(file, LoadOptions({"TOKEN": "s3cret"}))
    plan = loaded.capability.rest[0] if loaded.capability is not None else None
    return plan, [one for one in loaded.diagnostics if one.code != "version-missing"]


def forward(
    folder: Path, resource: str = RESOURCE, api: str = "", adapter: str = ""
) -> ForwardPlan:
    """Return the only forward of a document."""
    plan, _ = compile_(folder, resource, api, adapter)
    assert plan is not None
    (route,) = plan.forwards
    return route.plan


def codes(found: list[Diagnostic]) -> list[str]:
    return [one.code for one in found]


def test_a_forward_is_a_route_of_every_method(tmp_path: Path) -> None:
    plan, found = compile_(tmp_path)
    assert plan is not None
    (route,) = plan.forwards
    assert (route.method, str(route.path), route.path.spans) == ("*", "/x/{path}", True)
    assert (route.plan.address, route.plan.target) == ("gate./x/{path}", "api")
    assert not found


def test_it_bears_the_name_of_its_resource(tmp_path: Path) -> None:
    resource = "{name: all, path: '/x/{{path}}', forward: {targetNamespace: api}}"
    assert forward(tmp_path, resource).address == "gate.all"


@pytest.mark.parametrize("path", ["/x", "/x/{other}", "/x/{path}/y", "/x-{path}", "/{y}{path}"])
def test_only_a_last_segment_named_path_spans_slashes(tmp_path: Path, path: str) -> None:
    resource = f"{{path: '{path}', forward: {{targetNamespace: api}}}}"
    plan, _ = compile_(tmp_path, resource)
    assert plan is not None
    assert not plan.forwards[0].path.spans


def test_the_operations_beside_it_have_the_same_path(tmp_path: Path) -> None:
    operations = "operations: [{method: GET, name: mock, outputParameters: [{value: hi}]}]"
    resource = f"{{path: '/x/{{path}}', forward: {{targetNamespace: api}}, {operations}}}"
    plan, _ = compile_(tmp_path, resource)
    assert plan is not None
    assert plan.routes[0].path == plan.forwards[0].path


def test_a_namespace_that_nothing_has_leaves_the_forward_out(tmp_path: Path) -> None:
    plan, found = compile_(tmp_path, "{path: /x, forward: {targetNamespace: apii}}")
    assert plan is not None
    assert not plan.forwards
    assert (found[0].code, found[0].unit) == ("namespace-unknown", "gate./x")
    assert found[0].hint == "did you mean 'api'?"


def test_a_forward_without_a_target_is_left_out(tmp_path: Path) -> None:
    plan, found = compile_(tmp_path, "{path: /x, forward: {trustedHeaders: [A]}}")
    assert plan is not None
    assert not plan.forwards
    assert codes(found) == ["value-missing"]


def test_the_first_of_two_forwards_on_one_path_is_served(tmp_path: Path) -> None:
    one = "path: /x, forward: {targetNamespace: api}}"
    both = f"{{name: a, {one}\n    - {{name: b, {one}"
    plan, found = compile_(tmp_path, both)
    assert plan is not None
    assert [one.name for one in plan.forwards] == ["a"]
    assert codes(found) == ["route-duplicate"]


def test_a_base_uri_that_is_missing_is_kept_as_such(tmp_path: Path) -> None:
    plan, found = compile_(tmp_path, base="")
    assert plan is not None
    assert isinstance(plan.forwards[0].plan.base, MissingBaseUri)
    assert codes(found) == [
        "mapping-value-null",
        "base-uri-missing",
    ] or "base-uri-missing" in codes(found)


def test_trusted_headers_are_kept_in_lower_case(tmp_path: Path) -> None:
    resource = "{path: /x, forward: {targetNamespace: api, trustedHeaders: [X-Id, ' Accept ']}}"
    assert forward(tmp_path, resource).trusted == {b"x-id", b"accept"}


@pytest.mark.parametrize("name", ["Connection", "host", "Content-Length", "no header", "''"])
def test_headers_that_are_never_passed_on_are_warned_of(tmp_path: Path, name: str) -> None:
    resource = f"{{path: /x, forward: {{targetNamespace: api, trustedHeaders: [{name}, X-Id]}}}}"
    plan, found = compile_(tmp_path, resource)
    assert plan is not None
    assert plan.forwards[0].plan.trusted == {b"x-id"}
    assert codes(found) == ["header-not-forwarded"]


def test_what_callers_prove_themselves_with_is_not_passed_on(tmp_path: Path) -> None:
    resource = "{path: /x, forward: {targetNamespace: api, trustedHeaders: [Authorization]}}"
    plan, found = compile_(tmp_path, resource, adapter="authentication: {type: bearer, token: t}")
    assert plan is not None
    assert not plan.forwards[0].plan.trusted
    assert codes(found) == ["header-not-forwarded"]


@pytest.mark.parametrize("place", ["query", "cookie"])
def test_a_proof_elsewhere_is_not_passed_on_either(tmp_path: Path, place: str) -> None:
    proof = f"authentication: {{type: apikey, key: k, value: v, placement: {place}}}"
    plan = forward(tmp_path, adapter=proof)
    own = plan.own_query if place == "query" else plan.own_cookies
    assert own == {"k"}


def test_fixed_parameters_of_the_api_are_encoded_once(tmp_path: Path) -> None:
    parameters = """inputParameters:
    - {name: X-Version, in: header, value: 2}
    - {name: 'a b', in: query, value: [1, 2]}
    - {name: c, value: x y}
    - {name: s, in: cookie, value: t}
    - {name: later, in: query}
    - {name: nothing, in: query, value: '{{rest.input}}'}
    - {name: p, in: path, value: 1}
    - {name: Host, in: header, value: evil.test}
    - {in: query, value: 1}"""
    plan = forward(tmp_path, api=parameters)
    assert plan.headers == ((b"x-version", b"2"),)
    assert plan.query == ("a%20b=1", "a%20b=2", "c=x%20y")
    assert plan.cookies == (b"s=t",)
    assert plan.own_query == {"a b", "c"}
    assert plan.own_cookies == {"s"}
    assert plan.missing is None


def test_credentials_of_the_api_are_added(tmp_path: Path) -> None:
    key = "authentication: {type: apikey, key: 'api key', value: '{{env.TOKEN}}', placement: query}"
    plan = forward(tmp_path, api=key)
    assert plan.query == ("api%20key=s3cret",)
    assert plan.own_query == {"api key"}


def test_credentials_that_can_not_be_served_stop_the_capability(tmp_path: Path) -> None:
    plan, found = compile_(tmp_path, api="authentication: {type: magic}")
    assert plan is None
    assert codes(found) == ["authentication-incomplete"]


def test_a_fixed_parameter_without_a_value_is_told_of(tmp_path: Path) -> None:
    parameters = """inputParameters:
    - {name: A, in: header, value: '{{env.GONE}}'}
    - {name: B, in: header, value: '{{env.LOST}}'}"""
    plan = forward(tmp_path, api=parameters)
    assert plan.missing is not None
    assert "GONE" in plan.missing
    assert not plan.headers


def test_a_fixed_header_with_a_control_character_leaves_the_forward_broken(tmp_path: Path) -> None:
    _, found = compile_(tmp_path, api='inputParameters: [{name: A, in: header, value: "a\\nb"}]')
    assert codes(found) == ["value-invalid"]
    assert found[0].unit == "gate./x/{path}"


def test_it_is_counted_with_the_operations_of_its_api(tmp_path: Path) -> None:
    api = """x-resilience: {concurrency: {limit: 7}, rateLimit: {requests: 5}}
    resources: [{path: /y, operations: [{name: get, method: GET}]}]"""
    resource = "{path: /y, operations: [{name: get, method: GET, call: api.get}]}"
    plan, _ = compile_(tmp_path, f"{RESOURCE}\n    - {resource}", api)
    assert plan is not None
    action = plan.routes[0].operation.action
    assert isinstance(action, CallPlan)
    policy = plan.forwards[0].plan.resilience
    assert (policy.key, policy.concurrency.limit) == (action.resilience.key, 7)
