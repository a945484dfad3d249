"""Small capabilities for tests of what comes of them: their pieces are YAML flow mappings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from naftiko_runtime.execute.requests import assemble
from naftiko_runtime.execute.upstream.message import UpstreamRequest
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import Capability, Route, Tool
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.plan.inputs import Input
from naftiko_runtime.plan.loading import Loaded, load_capability
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.values import Json


@dataclass(frozen=True, slots=True)
class Compiled:
    """What came of a document."""

    loaded: Loaded

    @property
    def capability(self) -> Capability:
        """The capability, which no error stopped."""
        assert self.loaded.capability is not None, self.messages
        return self.loaded.capability

    @property
    def is_refused(self) -> bool:
        """Whether an error stopped the capability as a whole."""
        return self.loaded.capability is None

    @property
    def messages(self) -> list[str]:
        """The findings, each as `severity code: message`."""
        return [f"{one.severity} {one.code}: {one.message}" for one in self.loaded.diagnostics]

    @property
    def hints(self) -> list[str | None]:
        """The hints of the findings."""
        return [one.hint for one in self.loaded.diagnostics]

    @property
    def routes(self) -> list[Route]:
        """The routes of all REST adapters."""
        return [route for adapter in self.capability.rest for route in adapter.routes]

    @property
    def tools(self) -> list[Tool]:
        """The tools of all MCP adapters."""
        return [tool for adapter in self.capability.mcp for tool in adapter.tools]

    @property
    def route(self) -> Route:
        """The only route."""
        (route,) = self.routes
        return route

    @property
    def tool(self) -> Tool:
        """The only tool."""
        (tool,) = self.tools
        return tool

    @property
    def call(self) -> CallPlan:
        """What the only route calls."""
        return call_of(self.route.operation)

    @property
    def inputs(self) -> Mapping[str, Input]:
        """The inputs of the only route, by name."""
        return {one.name: one for one in self.route.operation.inputs}

    @property
    def tool_inputs(self) -> Mapping[str, Input]:
        """The inputs of the only tool, by name."""
        return {one.name: one for one in self.tool.operation.inputs}

    def sends(self, **arguments: Json) -> UpstreamRequest:
        """Return what the only route sends upstream."""
        return sent_by(self.route.operation, arguments)

    def target(self, **arguments: Json) -> str:
        """Return path and query of what the only route sends upstream."""
        return self.sends(**arguments).target.decode()

    def header(self, header: str, **arguments: Json) -> str | None:
        """Return a header of what the only route sends upstream."""
        value = dict(self.sends(**arguments).headers).get(header.encode())
        return value.decode() if value is not None else None


def call_of(operation: Operation) -> CallPlan:
    """Return what an operation calls; it has no steps."""
    assert isinstance(operation.action, CallPlan)
    return operation.action


def sent_by(operation: Operation, arguments: dict[str, Json]) -> UpstreamRequest:
    """Return what an operation sends upstream for checked arguments."""
    return assemble(call_of(operation), Scope(arguments))


def read(
    folder: Path, consumes: str, exposes: str, more: str = "", options: LoadOptions | None = None
) -> Compiled:
    """Compile a capability.

    Args:
        folder: Where its file goes.
        consumes: The consumed APIs, in flow style without the brackets.
        exposes: The adapters, likewise.
        more: What else the capability says, as flow members.
        options: What the operator says besides.
    """
    block = f"{{consumes: [{consumes}], exposes: [{exposes}], {more}}}"
    file = folder / "capability.yaml"
    file.write_text(f"naftiko: 1.0.0-alpha3\ncapability: {block}\n")
    return Compiled(load_capability(file, options))


def an_api(
    operations: str,
    *,
    path: str = "/things",
    api: str = "",
    resource: str = "",
    base: str = "https://up.example/v1",
    namespace: str = "api",
) -> str:
    """Return a consumed API of one resource; all but the paths are flow members."""
    members = f"path: '{path}', operations: [{operations}], {resource}"
    return f"{{namespace: {namespace}, baseUri: '{base}', resources: [{{{members}}}], {api}}}"


def a_rest(operations: str, *, path: str = "/things", resource: str = "", adapter: str = "") -> str:
    """Return a REST adapter of one resource; all but the path are flow members."""
    members = f"path: '{path}', operations: [{operations}], {resource}"
    return f"{{type: rest, namespace: face, resources: [{{{members}}}], {adapter}}}"


def an_mcp(tools: str, adapter: str = "") -> str:
    """Return an MCP adapter; tools and what else it says are flow members."""
    return f"{{type: mcp, namespace: agent, tools: [{tools}], {adapter}}}"


def one_call(
    folder: Path,
    consumed: str = "",
    unit: str = "",
    *,
    method: str = "GET",
    path: str = "/things",
    exposed: str | None = None,
    api: str = "",
    resource: str = "",
    base: str = "https://up.example/v1",
    more: str = "",
    options: LoadOptions | None = None,
) -> Compiled:
    """Compile one consumed operation, exposed as a route and as a tool.

    Args:
        folder: Where the file goes.
        consumed: What the consumed operation says, as flow members.
        unit: What the route and the tool say, likewise.
        method: The method on both sides.
        path: The consumed path.
        exposed: The exposed path; the consumed one by default.
        api: What else the consumed API says.
        resource: What else the consumed resource says.
        base: The base URI.
        more: What else the capability says.
        options: What the operator says besides.
    """
    operation = f"{{name: op, method: {method}, {consumed}}}"
    acting = f"call: api.op, {unit}"
    route = f"{{name: unit, method: {method}, {acting}}}"
    return read(
        folder,
        an_api(operation, path=path, api=api, resource=resource, base=base),
        f"{a_rest(route, path=exposed or path)}, {an_mcp(f'{{name: unit, {acting}}}')}",
        more,
        options,
    )
