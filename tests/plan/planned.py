"""Small capabilities, planned from YAML as authors write it, and the requests that they write."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from naftiko_runtime.execute.requests import assemble
from naftiko_runtime.execute.upstream.message import UpstreamRequest
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import Capability
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.plan.loading import Loaded, load_capability
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.values import Json

ONE_TOOL = """
naftiko: 1.0.0-alpha3
binds:
- keys: {TOKEN: TOKEN, SHIP: SHIP}
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - path: /notes
      operations:
      - name: send
        method: POST
%s
  exposes:
  - type: mcp
    namespace: m
    tools:
    - name: send
      description: Send a note
      call: api.send
%s
"""

VALUES = LoadOptions(environment={"TOKEN": 's3c"ret', "SHIP": "7", "from-outside": "outside"})


@dataclass(frozen=True)
class Planned:
    """What came of a document."""

    loaded: Loaded

    @property
    def capability(self) -> Capability:
        """The capability, which no error stopped."""
        assert self.loaded.capability is not None, self.messages
        return self.loaded.capability

    @property
    def messages(self) -> list[str]:
        """The findings, each as `severity code line: message`."""
        return [
            f"{one.severity} {one.code} {one.position.line if one.position else 0}: {one.message}"
            for one in self.loaded.diagnostics
        ]

    @property
    def units(self) -> dict[str, Operation]:
        """The exposed units by address."""
        adapters = self.capability
        tools = [tool.operation for adapter in adapters.mcp for tool in adapter.tools]
        routes = [route.operation for adapter in adapters.rest for route in adapter.routes]
        return {one.address: one for one in (*tools, *routes)}

    def inputs(self, unit: str = "m.send") -> dict[str, bool]:
        """Return whether each input of a unit is required, by name."""
        return {one.name: one.required for one in self.units[unit].inputs}

    def request(
        self,
        arguments: Mapping[str, Json] | None = None,
        unit: str = "m.send",
        steps: Mapping[str, Json] | None = None,
    ) -> UpstreamRequest:
        """Return the request of a unit's call, or of its last step's after these outputs."""
        operation = self.units[unit]
        scope = Scope(operation.checker.check_json(dict(arguments or {})), dict(steps or {}))
        action = operation.action
        if not isinstance(action, CallPlan):
            assert action is not None
            assert action.last_call is not None
            action = action.last_call.call
        return assemble(action, scope)


def plan(folder: Path, text: str, options: LoadOptions | None = None) -> Planned:
    """Plan a whole document."""
    file = folder / "capability.yaml"
    file.write_text(textwrap.dedent(text), encoding="utf-8")
    return Planned(load_capability(file, options))


def one_tool(folder: Path, operation: str, tool: str = "") -> Planned:
    """Plan the tool `m.send` over `POST /notes`; both have these keys besides."""
    indented = [
        textwrap.indent(textwrap.dedent(keys).strip("\n"), indent)
        for keys, indent in ((operation, " " * 8), (tool, " " * 6))
    ]
    return plan(folder, ONE_TOOL % tuple(indented), VALUES)
