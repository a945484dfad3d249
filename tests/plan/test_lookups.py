"""Look-ups: section 10 of the behaviour."""

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
    - {path: /crew, operations: [{name: list-crew, method: GET}]}
  exposes:
  - type: mcp
    namespace: m
    tools:
    - name: t
      description: A look-up
      inputParameters: [{name: wanted, required: false}]
      steps:
      - {type: call, name: crew, call: api.list-crew}
      - {type: lookup, name: hit, LOOKUP}
      mappings: [{targetName: hit, value: $.hit}]
"""
_ADA: Json = {"id": 1, "name": "Ada", "rank": {"code": "C"}, "a.b": "x"}
_BO: Json = {"id": "2", "name": "Bo", "rank": {"code": "M"}, "a": {"b": "x"}}
_TWIN: Json = {"id": "1", "name": "Twin"}


async def _hit(folder: Path, lookup: str, crew: Json, **arguments: Json) -> Json:
    operation = tool(load(folder, _DOCUMENT.replace("LOOKUP", lookup)), "t").operation
    engine = Engine(RecordingClient(lambda _: answer(crew)))
    outcome = await engine.execute(operation, arguments)
    assert not isinstance(outcome.value, Absent)
    assert isinstance(outcome.value, dict)
    return outcome.value["hit"]


async def test_the_first_entry_with_the_value_as_text_is_the_hit(tmp_path: Path) -> None:
    lookup = "index: crew, match: id, lookupValue: m.wanted"
    assert await _hit(tmp_path, lookup, [_BO, _ADA, _TWIN], wanted="1") == _ADA


async def test_a_list_of_values_gives_the_list_of_hits(tmp_path: Path) -> None:
    lookup = "index: crew, match: id, lookupValue: m.wanted, outputParameters: [name, age]"
    hits = await _hit(tmp_path, lookup, [_ADA, _BO], wanted=[2, 9, "1", 2])
    assert hits == [{"name": name, "age": None} for name in ("Bo", "Ada", "Bo")]


@pytest.mark.parametrize("wanted", [9, None, {"id": 1}, ""])
async def test_no_hit_is_null(tmp_path: Path, wanted: Json) -> None:
    lookup = "index: crew, match: id, lookupValue: m.wanted"
    assert await _hit(tmp_path, lookup, [_ADA, "no object", {"id": None}], wanted=wanted) is None


async def test_a_value_that_is_left_out_hits_nothing(tmp_path: Path) -> None:
    lookup = "index: crew, match: id, lookupValue: '{{wanted}}'"
    assert await _hit(tmp_path, lookup, [_ADA, {"name": "Nameless"}]) is None


async def test_one_object_is_searched_like_a_list_of_one(tmp_path: Path) -> None:
    assert await _hit(tmp_path, "index: crew, match: name, lookupValue: Ada", _ADA) == _ADA


@pytest.mark.parametrize("index", ["crew.member", "$.crew.member", "\"$['crew'].member\""])
@pytest.mark.parametrize("members", [[_ADA, _BO], _BO])
async def test_a_part_of_an_output_is_searched(tmp_path: Path, index: str, members: Json) -> None:
    lookup = f"index: {index}, match: id, lookupValue: 2"
    assert await _hit(tmp_path, lookup, {"member": members}) == _BO


@pytest.mark.parametrize("index", ["crew", "crew.member", "$.crew.member"])
def test_a_look_up_takes_the_output_that_it_searches(tmp_path: Path, index: str) -> None:
    file = tmp_path / "capability.yaml"
    lookup = f"index: {index}, match: id, lookupValue: m.wanted"
    file.write_text(_DOCUMENT.replace("LOOKUP", lookup))
    assert load_capability(file).diagnostics == ()


@pytest.mark.parametrize("match", ["rank.code", "$.rank.code"])
async def test_a_field_further_inside_is_compared(tmp_path: Path, match: str) -> None:
    lookup = f"index: crew, match: {match}, lookupValue: M"
    assert await _hit(tmp_path, lookup, [_ADA, _BO]) == _BO


async def test_a_field_goes_before_a_path_of_the_same_name(tmp_path: Path) -> None:
    lookup = "index: crew, match: a.b, lookupValue: x"
    assert await _hit(tmp_path, lookup, [_ADA, _BO]) == _ADA


@pytest.mark.parametrize(
    ("lookup", "code"),
    [
        ("index: crwe, match: id, lookupValue: 1", "reference-unknown"),
        ("match: id, lookupValue: 1", "value-missing"),
        ("index: crew, lookupValue: 1", "value-missing"),
        ("index: crew, match: id", "value-missing"),
        ("index: crew, match: 'id[', lookupValue: 1", "jsonpath-invalid"),
    ],
)
def test_a_look_up_that_cannot_work_is_an_error(tmp_path: Path, lookup: str, code: str) -> None:
    file = tmp_path / "capability.yaml"
    file.write_text(_DOCUMENT.replace("LOOKUP", lookup))
    (found,) = (one for one in load_capability(file).diagnostics if one.unit == "m.t")
    assert found.code == code
