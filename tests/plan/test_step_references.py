"""References to steps that there are not, and what errors of a unit stop: sections 1 and 3."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.plan.loading import Loaded, load_capability

_DOCUMENT = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - path: /ships/{imo}
      operations:
      - {name: get-ship, method: GET, inputParameters: [{name: filter.name, in: query}]}
  exposes:
  - type: mcp
    namespace: m
    tools:
    - name: t
      description: A run
      steps:
      - {type: call, name: first, call: api.get-ship, with: {imo: VALUE}}
      - {type: call, name: second, call: api.get-ship, with: {imo: $.first.next}}
    - {name: other, description: Another, call: api.get-ship}
"""


def _load(folder: Path, value: str, more: str = "") -> Loaded:
    file = folder / "capability.yaml"
    text = _DOCUMENT.replace("VALUE", value)
    file.write_text(text.replace("    - {name: other", f"{more}\n    - {{name: other"))
    return load_capability(file)


def _served(loaded: Loaded) -> list[str]:
    assert loaded.capability is not None
    return [tool.name for tool in loaded.capability.mcp[0].tools]


def test_a_part_of_a_step_that_there_is_not_is_an_error(tmp_path: Path) -> None:
    output = "      outputParameters: [{name: next, value: '{{frist.next}}'}]"
    loaded = _load(tmp_path, "7", output)
    (found,) = loaded.diagnostics
    assert (found.code, found.unit) == ("reference-unknown", "m.t")
    assert found.hint == "did you mean 'first'?"
    assert _served(loaded) == ["other"]


@pytest.mark.parametrize("reference", ["'{{second}}'", "'{{query.number}}'", "'{{filter.name}}'"])
def test_an_input_may_be_called_like_a_step_or_a_place(tmp_path: Path, reference: str) -> None:
    declared = "      inputParameters: [{name: second}, {name: number}, {name: filter.name}]"
    loaded = _load(tmp_path, reference, declared)
    assert loaded.diagnostics == ()


def test_a_path_that_cannot_be_read_stops_its_unit_alone(tmp_path: Path) -> None:
    output = "      outputParameters: [{name: next, value: '{{first.[}}'}]"
    loaded = _load(tmp_path, "7", output)
    (found,) = loaded.diagnostics
    assert (found.code, found.unit) == ("jsonpath-invalid", "m.t")
    assert _served(loaded) == ["other"]


def test_an_output_that_cannot_be_read_stops_its_unit_alone(tmp_path: Path) -> None:
    loaded = _load(tmp_path, "7", "      outputParameters: [{name: next, mapping: '$.next['}]")
    (found,) = loaded.diagnostics
    assert (found.code, found.unit) == ("jsonpath-invalid", "m.t")
    assert _served(loaded) == ["other"]
