"""The servers that a capability exposes, compiled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.plan.callers import CallerCheck
from naftiko_runtime.plan.forwarding import ForwardPlan
from naftiko_runtime.plan.mcp_parts import Prompt, Resource, StaticFolder
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.plan.paths import PathTemplate
from naftiko_runtime.plan.routes import ANY_METHOD
from naftiko_runtime.values import Json


@dataclass(frozen=True, slots=True)
class Route:
    """One REST operation.

    Attributes:
        method: In upper case.
        path: The exposed path.
        operation: What it executes.
        name: As the document calls it.
        resource: The name of its resource.
        summary: The label or description, one line.
        description: For people.
        callers: What callers have to prove; None where anyone may call.
        at: Where the document declares it.
    """

    method: str
    path: PathTemplate
    operation: Operation
    name: str
    resource: str
    summary: str | None
    description: str | None
    callers: CallerCheck | None
    at: Position


@dataclass(frozen=True, slots=True)
class ForwardRoute:
    """One REST resource whose requests are passed on, whatever their method.

    Attributes:
        path: The exposed path.
        plan: What they are passed on to, and how.
        name: The resource's, or its path.
        description: For people.
        callers: What callers have to prove; None where anyone may call.
        at: Where the document declares it.
    """

    path: PathTemplate
    plan: ForwardPlan
    name: str
    description: str | None
    callers: CallerCheck | None
    at: Position

    @property
    def method(self) -> str:
        """What stands for every method."""
        return ANY_METHOD


@dataclass(frozen=True, slots=True)
class RestPlan:
    """A REST server's part of a listener.

    Attributes:
        namespace: The adapter's.
        address: Where it listens; None where the document is silent.
        port: Where it listens; None where the document is silent.
        description: For people.
        callers: What callers have to prove; None where anyone may call.
        routes: In document order, each method and path once.
        forwards: In document order, each path once; a route's method goes before them.
        at: Where the document declares it.
    """

    namespace: str
    address: str | None
    port: int | None
    description: str | None
    callers: CallerCheck | None
    routes: tuple[Route, ...]
    forwards: tuple[ForwardRoute, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Tool:
    """One MCP tool.

    Attributes:
        name: As clients call it: unique in its adapter, at most 64 safe characters.
        operation: What it executes.
        title: For people.
        description: For models.
        input_schema: The JSON Schema of its arguments.
        output_schema: The JSON Schema of its structured content, where the outputs declare one.
        annotations: What calling it does, in MCP's terms (`readOnlyHint`, ...).
        arguments: The inputs' names by published argument names, where those differ.
        at: Where the document declares it.
    """

    name: str
    operation: Operation
    title: str | None
    description: str | None
    input_schema: dict[str, Json]
    output_schema: dict[str, Json] | None
    annotations: dict[str, Json]
    arguments: dict[str, str]
    at: Position


@dataclass(frozen=True, slots=True)
class McpPlan:
    """An MCP server.

    Attributes:
        namespace: The adapter's.
        address: Where it listens; None where the document is silent.
        port: Where it listens; None where the document is silent.
        transport: `http` or `stdio`.
        instructions: The adapter's description, for models.
        callers: What callers have to prove; None where anyone may call.
        tools: In document order.
        ttl_ms: For how long clients may keep lists, in milliseconds.
        at: Where the document declares it.
        resources: In document order.
        prompts: In document order.
    """

    namespace: str
    address: str | None
    port: int | None
    transport: str
    instructions: str | None
    callers: CallerCheck | None
    tools: tuple[Tool, ...]
    ttl_ms: int
    at: Position
    resources: tuple[Resource, ...] = ()
    prompts: tuple[Prompt, ...] = ()

    @property
    def places(self) -> frozenset[Path]:
        """The folders and files, besides the document's, whose changes a reload shows."""
        folders = {one.path for one in self.resources if isinstance(one, StaticFolder)}
        return frozenset(folders | {one.file for one in self.prompts if one.file is not None})


@dataclass(frozen=True, slots=True)
class Capability:
    """A capability, ready to be served.

    Attributes:
        name: Its label, or its file's name.
        description: For people.
        version: Its own version, where the document says one.
        file: The file, as the user wrote it.
        rest: Its REST servers.
        mcp: Its MCP servers.
        secrets: Values that may never be shown.
    """

    name: str
    description: str | None
    version: str | None
    file: str
    rest: tuple[RestPlan, ...]
    mcp: tuple[McpPlan, ...]
    secrets: frozenset[str]
