"""The inputs of units that refer to a function: section 10 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.values import Json
from tests.documents import load, tool
from tests.upstreams import RecordingClient

_FLEET = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - path: /ships/{imo_number}
      operations:
      - name: get-ship
        method: GET
        inputParameters: [{name: lang, in: query, type: string}]
  aggregates:
  - namespace: fleet
    functions:
    - name: get-ship
      inputParameters:
      - {name: imo, type: string, description: The number of the ship}
      - {name: lang, type: string, required: false}
      call: api.get-ship
      with: {imo_number: fleet.imo}
    - name: get-ship-plain
      inputParameters: [{name: imo-number, type: string}]
      call: api.get-ship
  exposes:
"""
_TOOL = _FLEET + "  - {type: mcp, namespace: m, tools: [{name: t, ref: fleet.get-ship, MORE}]}"


async def _target(folder: Path, more: str, arguments: dict[str, Json]) -> bytes:
    operation = tool(load(folder, _TOOL.replace("MORE", more)), "t").operation
    client = RecordingClient()
    await Engine(client).execute(operation, arguments)
    return client.requests[0].target


def _inputs(folder: Path, more: str) -> list[str]:
    operation = tool(load(folder, _TOOL.replace("MORE", more)), "t").operation
    return [one.name for one in operation.inputs]


def test_a_functions_inputs_are_inherited(tmp_path: Path) -> None:
    assert _inputs(tmp_path, "description: d") == ["imo", "lang"]


@pytest.mark.parametrize("with_", ["{imo: 7}", "{imo: '7'}", "{IMO: 7}"])
def test_an_input_that_the_unit_feeds_is_not_asked_for(tmp_path: Path, with_: str) -> None:
    assert _inputs(tmp_path, f"with: {with_}") == ["lang"]


async def test_what_the_unit_feeds_goes_upstream(tmp_path: Path) -> None:
    assert await _target(tmp_path, "with: {imo: 7}", {"lang": "en"}) == b"/ships/7?lang=en"


def test_an_input_that_is_fed_by_another_goes_by_its_name(tmp_path: Path) -> None:
    capability = load(tmp_path, _TOOL.replace("MORE", "with: {imo: m.number}"))
    number, _ = tool(capability, "t").operation.inputs
    assert (number.name, number.required) == ("number", True)
    assert number.description == "The number of the ship"


@pytest.mark.parametrize("value", ["m.number", "'{{number}}'"])
async def test_an_input_that_feeds_another_goes_upstream(tmp_path: Path, value: str) -> None:
    target = await _target(tmp_path, f"with: {{imo: {value}}}", {"number": "7"})
    assert target == b"/ships/7"


def test_an_input_that_feeds_itself_stays(tmp_path: Path) -> None:
    assert _inputs(tmp_path, "with: {imo: 'IMO-{{imo}}'}") == ["imo", "lang"]


def test_inputs_that_trade_places_stay(tmp_path: Path) -> None:
    assert _inputs(tmp_path, "with: {imo: m.lang, lang: m.imo}") == ["imo", "lang"]


def test_an_input_that_is_fed_by_its_neighbour_is_not_asked_for(tmp_path: Path) -> None:
    assert _inputs(tmp_path, "with: {imo: m.lang}") == ["lang"]


def test_what_a_template_feeds_is_asked_for(tmp_path: Path) -> None:
    assert _inputs(tmp_path, "with: {imo: 'IMO-{{number}}'}") == ["lang", "number"]


def test_a_unit_that_feeds_all_inputs_has_none(tmp_path: Path) -> None:
    assert _inputs(tmp_path, "with: {imo: 7, lang: en}") == []


def test_declared_inputs_replace_the_functions(tmp_path: Path) -> None:
    more = "with: {imo: m.number}, inputParameters: [{name: number, type: integer}]"
    assert _inputs(tmp_path, more) == ["number"]


def test_a_function_without_a_with_is_fed_by_parameter(tmp_path: Path) -> None:
    more = "ref: fleet.get-ship-plain, with: {imo_number: 7}"
    document = _TOOL.replace("ref: fleet.get-ship, MORE", more)
    assert tool(load(tmp_path, document), "t").operation.inputs == ()


def test_an_exposed_path_feeds_a_functions_input(tmp_path: Path) -> None:
    document = f"""{_FLEET}
  - type: rest
    namespace: r
    resources:
    - path: '/boats/{{number}}'
      operations: [{{method: GET, name: get, ref: fleet.get-ship, with: {{imo: r.number}}}}]
    """
    (route,) = load(tmp_path, document).rest[0].routes
    places = {one.name: one.place for one in route.operation.inputs}
    assert places == {"number": Place.PATH, "lang": Place.QUERY}
