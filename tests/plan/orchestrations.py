"""Units with steps, planned for tests."""

from __future__ import annotations

import textwrap
from pathlib import Path

from naftiko_runtime.plan.steps import StepsPlan
from naftiko_runtime.values import Json
from tests.plan.planned import Planned, plan

DOCUMENT = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - {path: '/ships/{imo}', operations: [{name: get-ship, method: GET}]}
    - {path: /crew, operations: [{name: list-crew, method: GET}]}
  exposes:
  - type: mcp
    namespace: m
    tools:
    - {name: other, description: Another, call: api.list-crew}
    - name: run
      description: Run it
%s
"""
CREW: Json = [
    {"id": "1", "name": "Ada", "rank": "mate"},
    {"id": 2, "name": "Bo"},
    {"id": 2, "name": "Cy"},
    "no entry",
    {"name": "Di"},
]


def planned(folder: Path, keys: str) -> Planned:
    """Plan the tool `m.run`, which says this."""
    return plan(folder, DOCUMENT % textwrap.indent(textwrap.dedent(keys).strip("\n"), "      "))


def run_of(made: Planned) -> StepsPlan:
    """Return what `m.run` does; nothing is wrong with it, but that steps may be of no use."""
    assert all("step-unused" in one for one in made.messages), made.messages
    action = made.units["m.run"].action
    assert isinstance(action, StepsPlan)
    return action
