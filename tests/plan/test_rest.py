"""From REST adapters to routes: sections 1 and 4 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.plan import resolution
from tests.plan.units_building import Compiled, a_rest, an_api, call_of, read

OPERATIONS = "{name: list, method: GET}, {name: create, method: POST}"


def _routes(folder: Path, operations: str, *, resource: str = "", adapter: str = "") -> Compiled:
    exposed = a_rest(operations, resource=resource, adapter=adapter)
    return read(folder, an_api(OPERATIONS), exposed)


def _called(made: Compiled) -> list[str]:
    return [call_of(route.operation).address for route in made.routes]


def test_an_adapter_says_where_and_what_it_is(tmp_path: Path) -> None:
    adapter = "address: 127.0.0.1, port: 8080, description: Ships"
    (plan,) = _routes(tmp_path, "{name: list}", adapter=adapter).capability.rest
    assert (plan.namespace, plan.address, plan.port) == ("face", "127.0.0.1", 8080)
    assert plan.description == "Ships"


def test_routes_are_in_document_order(tmp_path: Path) -> None:
    made = _routes(tmp_path, "{name: create, method: post}, {name: list}")
    assert [(route.method, str(route.path)) for route in made.routes] == [
        ("POST", "/things"),
        ("GET", "/things"),
    ]


@pytest.mark.parametrize("path", ["things", " /things", "//things"])
def test_a_path_starts_with_one_slash(tmp_path: Path, path: str) -> None:
    made = read(tmp_path, an_api(OPERATIONS), a_rest("{name: list}", path=path))
    assert str(made.route.path) == "/things"


def test_a_route_is_described_by_itself_then_by_its_resource(tmp_path: Path) -> None:
    made = _routes(
        tmp_path,
        "{name: list, label: Own label, description: Own}, {name: create, method: POST}",
        resource='name: things, description: "First line\\nsecond"',
    )
    assert [(one.summary, one.description) for one in made.routes] == [
        ("Own label", "Own"),
        ("First line", "First line\nsecond"),
    ]
    assert {one.resource for one in made.routes} == {"things"}


def test_a_route_without_any_words_is_named_after_what_it_is(tmp_path: Path) -> None:
    route = _routes(tmp_path, "{method: POST, call: api.create}").route
    assert (route.name, route.resource) == ("POST /things", "/things")
    assert (route.summary, route.description) == (None, None)
    assert route.operation.address == "face.POST /things"


def test_an_operation_that_says_nothing_is_bound_by_its_name(tmp_path: Path) -> None:
    made = _routes(tmp_path, "{name: create, method: PUT}")
    assert _called(made) == ["api.create"]
    assert made.messages == [
        "info operation-bound-by-name: 'create' says nothing of what it does; it is bound to "
        "'api.create' by its name"
    ]


def test_an_operation_that_has_nothing_to_do_is_left_out_alone(tmp_path: Path) -> None:
    made = _routes(tmp_path, "{name: lost, method: PUT}, {name: list}")
    assert _called(made) == ["api.list"]
    assert made.messages[0] == (
        "error operation-without-action: PUT /things has nothing to do and is left out"
    )
    assert made.hints[0] == "give it a 'call', 'steps', a 'ref' or outputs with a 'value'"


def test_a_name_that_two_apis_have_binds_nothing(tmp_path: Path) -> None:
    apis = f"{an_api('{name: list}')}, {an_api('{name: list}', namespace='other')}"
    made = read(tmp_path, apis, a_rest("{name: list}"))
    assert made.routes == []
    assert made.messages == [
        "error operation-without-action: GET /things has nothing to do and is left out"
    ]


def test_an_operation_of_fixed_values_needs_no_call(tmp_path: Path) -> None:
    made = _routes(tmp_path, "{name: list, outputParameters: [{name: a, value: x}]}")
    assert made.route.operation.action is None
    assert not made.messages


def test_an_unknown_call_is_left_out_alone(tmp_path: Path) -> None:
    made = _routes(tmp_path, "{name: a, call: api.lost}, {name: b, method: PUT, call: api.list}")
    assert _called(made) == ["api.list"]
    assert made.messages == [
        "error operation-unknown: there is no consumed operation 'api.lost'; face.a is left out"
    ]


def test_of_many_unknown_calls_the_first_ones_are_told_what_they_may_mean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolution, "MOST_COMPARED", 2)
    made = _routes(tmp_path, ", ".join(f"{{name: {one}, call: api.lits}}" for one in "abc"))
    assert made.hints == ["did you mean 'api.list'?"] * 2 + [None]


def test_an_unknown_ref_is_left_out_alone(tmp_path: Path) -> None:
    made = _routes(tmp_path, "{name: a, ref: x.y}, {name: b, method: PUT, call: api.list}")
    assert _called(made) == ["api.list"]
    assert made.messages == [
        "error reference-unknown: there is no function 'x.y'; face.a is left out"
    ]


def test_steps_that_can_not_run_leave_their_operation_out_alone(tmp_path: Path) -> None:
    steps = "steps: [{name: s, type: call, call: api.lost}]"
    made = _routes(tmp_path, f"{{name: a, {steps}}}, {{name: b, method: PUT, call: api.list}}")
    assert _called(made) == ["api.list"]


def test_an_operation_with_steps_does_not_call_besides_them(tmp_path: Path) -> None:
    steps = "steps: [{name: s, type: call, call: api.list}]"
    made = _routes(tmp_path, f"{{name: a, call: api.lost, {steps}}}")
    assert made.route.name == "a"
    assert not made.messages


def test_of_two_operations_on_one_method_and_path_the_first_is_served(tmp_path: Path) -> None:
    made = _routes(tmp_path, "{name: a, call: api.list}, {name: b, call: api.create}")
    assert made.route.name == "a"
    assert made.messages == [
        "warning route-duplicate: GET /things is exposed twice; the first one is served"
    ]


def test_a_resource_that_forwards_has_operations_all_the_same(tmp_path: Path) -> None:
    made = _routes(tmp_path, "{name: list}", resource="forward: {targetNamespace: api}")
    assert made.route.name == "list"
    assert [one.plan.target for one in made.capability.rest[0].forwards] == ["api"]


def test_a_forward_that_leads_nowhere_does_not_stop_the_operations(tmp_path: Path) -> None:
    made = _routes(tmp_path, "{name: list}", resource="forward: {targetNamespace: gone}")
    assert made.route.name == "list"
    assert any(
        "error namespace-unknown: there is no consumed API 'gone'" in m for m in made.messages
    )


def test_inputs_are_declared_on_three_levels_and_the_inner_ones_win(tmp_path: Path) -> None:
    def declared(level: str, *names: str) -> str:
        inputs = (f"{{name: {name}, in: query, description: {level}}}" for name in names)
        return f"inputParameters: [{', '.join(inputs)}]"

    made = _routes(
        tmp_path,
        f"{{name: list, {declared('operation', 'a')}}}",
        resource=declared("resource", "a", "b"),
        adapter=declared("adapter", "a", "b", "c"),
    )
    assert {name: one.description for name, one in made.inputs.items()} == {
        "a": "operation",
        "b": "resource",
        "c": "adapter",
    }
