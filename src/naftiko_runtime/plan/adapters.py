"""The servers that a capability exposes, compiled."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import Literal

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.plan.callers import CallerCheck
from naftiko_runtime.plan.forwarding import ForwardPlan
from naftiko_runtime.plan.governance import Governance
from naftiko_runtime.plan.mcp_parts import Prompt, Resource, StaticFolder
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.plan.paths import PathTemplate
from naftiko_runtime.plan.routes import ANY_METHOD
from naftiko_runtime.values import Json, record


@record
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


@record
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


@record
class ServerPlan:
    """What is said of a server, whatever it serves.

    Attributes:
        namespace: The adapter's.
        address: Where it listens; None where the document is silent.
        port: Where it listens; None where the document is silent.
        description: For people; clients of MCP get it as instructions for models.
        callers: What callers have to prove; None where anyone may call.
        at: Where the document declares it.
    """

    namespace: str
    address: str | None
    port: int | None
    description: str | None
    callers: CallerCheck | None
    at: Position


@record
class RestPlan(ServerPlan):
    """A REST server's part of a listener.

    Attributes:
        routes: In document order, each method and path once.
        forwards: In document order, each path once; a route's method goes before them.
    """

    routes: tuple[Route, ...]
    forwards: tuple[ForwardRoute, ...]


@record
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


@record
class McpPlan(ServerPlan):
    """An MCP server.

    Attributes:
        transport: `http` or `stdio`.
        tools: In document order.
        ttl_ms: For how long clients may keep lists, in milliseconds.
        resources: In document order.
        prompts: In document order.
    """

    transport: str
    tools: tuple[Tool, ...]
    ttl_ms: int
    resources: tuple[Resource, ...] = ()
    prompts: tuple[Prompt, ...] = ()

    @property
    def places(self) -> frozenset[Path]:
        """The folders and files, besides the document's, whose changes a reload shows."""
        folders = {one.path for one in self.resources if isinstance(one, StaticFolder)}
        return frozenset(folders | {one.file for one in self.prompts if one.file is not None})


@record
class SkillToolSource:
    """The operation or tool that a tool of a skill stands for.

    Attributes:
        namespace: The adapter's.
        action: As callers of the adapter call it.
        mode: Which face the adapter has.
        operation: What it executes.
    """

    namespace: str
    action: str
    mode: Literal["rest", "mcp"]
    operation: Operation


@record
class SkillTool:
    """A tool of a skill.

    Attributes:
        name: As the document calls it.
        description: For models.
        source: What it stands for; None where it is an instruction to read.
        instruction: A file below the skill's folder; None where it stands for something else.
        at: Where the document declares it.
    """

    name: str
    description: str | None
    source: SkillToolSource | None
    instruction: str | None
    at: Position


@record
class Skill:
    """A skill.

    Attributes:
        name: As callers call it: unique in its adapter.
        address: `namespace.name`, for logs.
        facts: What the document says of it, by the specification's keys, its tools aside.
        folder: Where its files are, all links resolved; None where it has none.
        tools: In document order.
        at: Where the document declares it.
    """

    name: str
    address: str
    facts: dict[str, Json]
    folder: Path | None
    tools: tuple[SkillTool, ...]
    at: Position


@record
class SkillPlan(ServerPlan):
    """A skill server.

    Attributes:
        skills: In document order.
    """

    skills: tuple[Skill, ...]

    @property
    def places(self) -> frozenset[Path]:
        """The folders, besides the document's, whose changes a reload shows."""
        return frozenset(one.folder for one in self.skills if one.folder is not None)


@record
class ControlPlan(ServerPlan):
    """A management server: which endpoints it has.

    Attributes:
        capability: The name of the capability that asks for it.
        specification: The version of the specification that its document names.
        health: Whether it tells if the process lives and is ready.
        info: Whether it tells what is served.
        reload: Whether it has files loaded again.
        metrics: Whether it tells what is measured.
        traces: How many traces it keeps to be told; 0 for none.
        scripting: What holds for scripts, if it tells that.
    """

    capability: str
    specification: str | None
    health: bool
    info: bool
    reload: bool
    metrics: bool
    traces: int
    scripting: Governance | None


@record
class Capability:
    """A capability, ready to be served.

    Attributes:
        name: Its label, or its file's name.
        description: For people.
        version: Its own version, where the document says one.
        file: The file, as the user wrote it.
        rest: Its REST servers.
        mcp: Its MCP servers.
        skills: Its skill servers.
        control: Its management servers.
        secrets: Values that may never be shown.
    """

    name: str
    description: str | None
    version: str | None
    file: str
    rest: tuple[RestPlan, ...]
    mcp: tuple[McpPlan, ...]
    skills: tuple[SkillPlan, ...]
    control: tuple[ControlPlan, ...]
    secrets: frozenset[str] = field(repr=False)

    @property
    def places(self) -> frozenset[Path]:
        """The folders and files, besides the document's, whose changes a reload shows."""
        served = (*(one.places for one in self.mcp), *(one.places for one in self.skills))
        return frozenset[Path]().union(*served)
