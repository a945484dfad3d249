"""Small capabilities for tests, written to files and loaded."""

from __future__ import annotations

import textwrap
from pathlib import Path

from naftiko_runtime.diagnostics import Severity
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import Capability, Tool
from naftiko_runtime.plan.loading import load_capability

ONE_OPERATION = """
naftiko: 1.0.0-alpha3
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
        inputParameters:
        - {name: detail, in: query, type: boolean}
  exposes:
  - type: rest
    namespace: ships-rest
    port: 0
    resources:
    - path: /ships/{imo}
      operations:
      - {method: GET, name: get-ship, call: api.get-ship}
  - type: mcp
    namespace: ships-mcp
    port: 0
    tools:
    - {name: get-ship, description: Get a ship, call: api.get-ship}
"""


def load(folder: Path, text: str, options: LoadOptions | None = None) -> Capability:
    """Load a capability that has no errors."""
    file = folder / "capability.yaml"
    file.write_text(textwrap.dedent(text))
    loaded = load_capability(file, options)
    errors = [one for one in loaded.diagnostics if one.severity is Severity.ERROR]
    assert loaded.capability is not None, errors
    assert not errors
    return loaded.capability


def tool(capability: Capability, name: str) -> Tool:
    """Return a tool by its name."""
    return next(one for adapter in capability.mcp for one in adapter.tools if one.name == name)
