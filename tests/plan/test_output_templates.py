"""Templates in outputs: what they refer to. Sections 3, 4 and 10 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.plan.loading import load_capability
from naftiko_runtime.values import Absent, Json
from tests.documents import load, tool
from tests.upstreams import RecordingClient, answer

_DOCUMENT = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - path: /crew
      operations: [{name: list-crew, method: GET}]
  exposes:
  - type: mcp
    namespace: m
    tools:
    - name: t
"""
_STEPS = """
      steps: [{type: call, name: list-crew, call: api.list-crew}]
"""
_GREETING = """
      outputParameters:
      - {name: greeting, type: string, value: 'Hello {{who}}'}
      - {name: deep, type: object, value: {list: ['{{age}}', 1]}}
      - {name: listed, type: array, items: {type: string, value: '{{who}}'}}
      - {name: grouped, type: object, mapping: {properties: {port: {value: '{{port}}'}}}}
"""
_DECLARED = """
      inputParameters: [{name: who, type: string}]
"""


async def _answer(folder: Path, *parts: str, **arguments: Json) -> Json:
    operation = tool(load(folder, "".join((_DOCUMENT, *parts))), "t").operation
    client = RecordingClient(lambda _: answer([{"name": "Ada"}, {"name": "Bo"}]))
    outcome = await Engine(client).execute(operation, arguments)
    assert not isinstance(outcome.value, Absent)
    return outcome.value


@pytest.mark.parametrize("action", ["", "      call: api.list-crew", _STEPS])
def test_the_names_in_templates_are_inputs(tmp_path: Path, action: str) -> None:
    operation = tool(load(tmp_path, f"{_DOCUMENT}{action}{_GREETING}"), "t").operation
    inputs = {one.name: (one.type, one.required) for one in operation.inputs}
    assert inputs == dict.fromkeys(("who", "age", "port"), (None, False))


async def test_inputs_fill_the_templates(tmp_path: Path) -> None:
    assert await _answer(tmp_path, _GREETING, who="Cy", age=7) == {
        "greeting": "Hello Cy",
        "deep": {"list": [7, 1]},
        "listed": ["Cy"],
        "grouped": {"port": None},
    }


def test_a_template_asks_for_no_more_than_what_is_declared(tmp_path: Path) -> None:
    operation = tool(load(tmp_path, _DOCUMENT + _DECLARED + _GREETING), "t").operation
    assert [one.name for one in operation.inputs] == ["who"]


def test_a_name_that_no_input_bears_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "capability.yaml"
    output = "      outputParameters: [{name: greeting, value: 'Hello {{whom}}'}]"
    file.write_text(_DOCUMENT + _DECLARED + output)
    (found,) = load_capability(file).diagnostics
    assert (found.code, found.hint) == ("reference-unknown", "did you mean 'who'?")


_STEP_TEMPLATE = """
      outputParameters:
      - {name: first, type: string, value: '{{list-crew.0.name}}'}
      - {name: all, type: array, value: '{{list-crew}}'}
"""


@pytest.mark.parametrize("more", ["", "      mappings: [{targetName: more, value: 1}]"])
async def test_the_outputs_of_steps_fill_templates(tmp_path: Path, more: str) -> None:
    answered = await _answer(tmp_path, _STEPS, _STEP_TEMPLATE, more)
    assert isinstance(answered, dict)
    assert answered["first"] == "Ada"
    assert answered["all"] == [{"name": "Ada"}, {"name": "Bo"}]
