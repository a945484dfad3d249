"""Small capabilities with one script step, for tests."""

from __future__ import annotations

from pathlib import Path

from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.loading import Loaded, load_capability
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.plan.steps import ScriptStep, StepsPlan

_DOCUMENT = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - {{path: /crew, operations: [{{name: list-crew, method: GET}}]}}
  exposes:
  - type: mcp
    namespace: m
    port: 0
    tools:
    - name: totals
      description: Totals
      {inputs}
      steps:
      - {{type: call, name: crew, call: api.list-crew}}
      - {{name: sum, {step}}}
      {mappings}
    - {{name: crew, description: The crew, call: api.list-crew}}
{more}
"""
PYTHON = "type: script, language: python, location: 'file:///./scripts', file: sum.py"
JAVASCRIPT = "type: script, language: javascript, location: 'file:///./scripts', file: sum.js"


def write(folder: Path, name: str, text: str) -> None:
    """Write one file of a script."""
    file = folder / "scripts" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


def write_document(
    folder: Path,
    step: str = PYTHON,
    *,
    inputs: str = "inputParameters: [{name: imo, type: string}]",
    mappings: str = "mappings: [{targetName: total, value: $.sum}]",
    more: str = "",
) -> Path:
    """Write a document whose unit `m.totals` runs a script, and return its file."""
    file = folder / "capability.yaml"
    file.write_text(_DOCUMENT.format(step=step, inputs=inputs, mappings=mappings, more=more))
    return file


def plan(folder: Path, step: str = PYTHON, **parts: str) -> Loaded:
    """Return what comes of such a document at planning."""
    environment = {"NAFTIKO_SCRIPTING": parts.pop("switch", "")}
    return load_capability(write_document(folder, step, **parts), LoadOptions(environment))


def operation(loaded: Loaded) -> Operation:
    """Return what the unit `m.totals` executes."""
    assert loaded.capability is not None, loaded.diagnostics
    found = {one.name: one.operation for one in loaded.capability.mcp[0].tools}
    assert "totals" in found, loaded.diagnostics
    return found["totals"]


def script_step(loaded: Loaded) -> ScriptStep:
    """Return the script step of the unit `m.totals`."""
    action = operation(loaded).action
    assert isinstance(action, StepsPlan)
    (step,) = (one for one in action.steps if isinstance(one, ScriptStep))
    return step
