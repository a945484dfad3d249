"""MCP adapters for tests, over one small API."""

from __future__ import annotations

import textwrap
from pathlib import Path

from naftiko_runtime.diagnostics import Diagnostic
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import McpPlan
from naftiko_runtime.plan.loading import load_capability

API = """
naftiko: 1.0.0-alpha3
binds:
- namespace: env
  keys: {GREETING: GREETING, UNSET: UNSET}
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test/v1
    resources:
    - path: /ships/{imo}
      name: ship
      operations:
      - name: get-ship
        method: GET
        description: A ship of the registry
        inputParameters:
        - {name: detail, in: query, type: boolean}
        - {name: flag, in: query, type: string, enum: [NL, NO, SE]}
    - path: /ships
      name: ships
      operations:
      - {name: list-ships, method: GET}
  aggregates:
  - namespace: fleet
    functions:
    - name: lookup
      description: Looks a ship up
      inputParameters: [{name: imo, type: string}]
      call: api.get-ship
      with: {imo: fleet.imo}
  exposes:
  - type: mcp
    namespace: ships
    port: 0
"""


def plan(folder: Path, adapter: str) -> tuple[McpPlan, list[Diagnostic]]:
    """Return the MCP server of the API, with more keys of its adapter, and what is odd about it."""
    file = folder / "capability.yaml"
    file.write_text(API + textwrap.indent(textwrap.dedent(adapter), "    "))
    loaded = load_capability(file, LoadOptions(environment={"GREETING": "Ahoy"}))
    assert loaded.capability is not None, loaded.diagnostics
    (found,) = loaded.capability.mcp
    return found, [one for one in loaded.diagnostics if one.code != "variable-missing"]


def codes(found: list[Diagnostic]) -> list[str]:
    """Return the codes of findings."""
    return [one.code for one in found]
