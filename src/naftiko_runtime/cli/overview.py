"""What a capability offers, calls and needs, ready to be shown: the content of `inspect`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from naftiko_runtime.cli.exposed import FaceName
from naftiko_runtime.cli.loading import LoadedCapability
from naftiko_runtime.cli.stand_ins import calls_of
from naftiko_runtime.diagnostics import Diagnostic
from naftiko_runtime.diagnostics.harmless import Mask
from naftiko_runtime.errors import CallError
from naftiko_runtime.expose.control.endpoints import endpoints_of
from naftiko_runtime.plan.adapters import (
    ControlPlan,
    ForwardRoute,
    McpPlan,
    RestPlan,
    Skill,
    SkillPlan,
    SkillTool,
)
from naftiko_runtime.plan.base_uris import MissingBaseUri
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.exposed import scripts_of
from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.plan.inputs import Input
from naftiko_runtime.plan.mcp_parts import uri_of
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.values import Absent, Json

_NEEDS: Final = ("variable-missing", "base-uri-missing")


@dataclass(frozen=True, slots=True)
class CallView:
    """A call that a unit makes: the consumed operation, and where it goes."""

    operation: str
    method: str
    url: str
    at: str


@dataclass(frozen=True, slots=True)
class InputView:
    """An input; tools have no places; a `credential` is what the runtime itself can provide."""

    name: str
    type: str | None
    required: bool
    place: str | None
    credential: bool
    description: str | None
    default: Json


@dataclass(frozen=True, slots=True)
class UnitView:
    """A REST operation or a tool; `shown` is `METHOD /path` or the tool's name.

    `scripts` are the files of its script steps.
    """

    name: str
    shown: str
    description: str | None
    at: str
    calls: tuple[CallView, ...]
    scripts: tuple[str, ...]
    inputs: tuple[InputView, ...]


@dataclass(frozen=True, slots=True)
class SkillToolView:
    """A tool of a skill: what it stands for, or the file of its instruction."""

    name: str
    shown: str
    at: str


@dataclass(frozen=True, slots=True)
class SkillView:
    """A skill with its folder and its tools."""

    name: str
    description: str | None
    at: str
    folder: str | None
    tools: tuple[SkillToolView, ...]


@dataclass(frozen=True, slots=True)
class ServerView:
    """An adapter with its units; without address and port it gets those of the listener.

    `resources` are URIs, templates of them, and what the URIs of folders' files start with. Servers
    of the face `skill` have skills in the place of units, those of the face `control` endpoints.
    """

    face: FaceName | Literal["skill", "control"]
    namespace: str
    address: str | None
    port: int | None
    units: tuple[UnitView, ...]
    resources: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    skills: tuple[SkillView, ...] = ()
    endpoints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingView:
    """Something that is missing, or left out, and what to do about it."""

    unit: str | None
    message: str
    hint: str | None
    at: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """A capability: its servers, what the file still needs, and the units that are left out."""

    name: str
    file: str
    version: str | None
    description: str | None
    servers: tuple[ServerView, ...]
    needs: tuple[FindingView, ...]
    left_out: tuple[FindingView, ...]


def overview(loaded: LoadedCapability, mask: Mask) -> Overview:
    """Return what can be said of a capability.

    Args:
        loaded: The capability.
        mask: Hides secrets in every text that may hold one.
    """
    capability = loaded.capability
    found = loaded.diagnostics
    return Overview(
        capability.name,
        capability.file,
        capability.version,
        capability.description,
        (
            *(_rest(plan, mask) for plan in capability.rest),
            *(_mcp(plan, mask) for plan in capability.mcp),
            *(_skills(plan) for plan in capability.skills),
            *(_control(plan) for plan in capability.control),
        ),
        tuple(_finding(one, mask) for one in found if one.code in _NEEDS),
        tuple(_finding(one, mask) for one in found if one.unit is not None),
    )


def _rest(plan: RestPlan, mask: Mask) -> ServerView:
    units = [
        UnitView(
            route.name,
            f"{route.method} {route.path}",
            route.description,
            str(route.at),
            _calls(route.operation, mask),
            _scripts(route.operation),
            tuple(_input(one, one.place.value) for one in route.operation.inputs),
        )
        for route in plan.routes
    ]
    units += [_forward(route, mask) for route in plan.forwards]
    return ServerView("rest", plan.namespace, plan.address, plan.port, tuple(units))


def _forward(route: ForwardRoute, mask: Mask) -> UnitView:
    plan, shown = route.plan, f"{route.method} {route.path}"
    is_known = not isinstance(plan.base, MissingBaseUri)
    url = f"{plan.base}" if is_known else f"<base URI of {plan.target}>"
    call = CallView(
        plan.target, route.method, mask(f"{url}/…" if route.path.spans else url), str(plan.at)
    )
    return UnitView(route.name, shown, route.description, str(route.at), (call,), (), ())


def _mcp(plan: McpPlan, mask: Mask) -> ServerView:
    units = [
        UnitView(
            tool.name,
            tool.name,
            tool.description,
            str(tool.at),
            _calls(tool.operation, mask),
            _scripts(tool.operation),
            tuple(_input(one, None) for one in tool.operation.inputs if not one.hidden),
        )
        for tool in plan.tools
    ]
    resources = tuple(mask(uri_of(one)) for one in plan.resources)
    prompts = tuple(one.name for one in plan.prompts)
    place = (plan.namespace, plan.address, plan.port)
    return ServerView("mcp", *place, tuple(units), resources, prompts)


def _skills(plan: SkillPlan) -> ServerView:
    skills = tuple(_skill(one) for one in plan.skills)
    return ServerView("skill", plan.namespace, plan.address, plan.port, (), skills=skills)


def _control(plan: ControlPlan) -> ServerView:
    endpoints = tuple(f"{method} {path}" for method, path in endpoints_of(plan))
    return ServerView("control", plan.namespace, plan.address, plan.port, (), endpoints=endpoints)


def _skill(skill: Skill) -> SkillView:
    folder = str(skill.folder) if skill.folder is not None else None
    tools = tuple(SkillToolView(one.name, _told(one), str(one.at)) for one in skill.tools)
    return SkillView(skill.name, _description(skill), str(skill.at), folder, tools)


def _description(skill: Skill) -> str | None:
    described = skill.facts.get("description")
    return described if isinstance(described, str) else None


def _told(tool: SkillTool) -> str:
    source = tool.source
    if source is None:
        return f"reads {tool.instruction}"
    return f"is {source.mode} {source.namespace}.{source.action}"


def _calls(operation: Operation, mask: Mask) -> tuple[CallView, ...]:
    return tuple(
        CallView(one.address, one.method, mask(shown_url(one, operation.inputs)), str(one.at))
        for one in calls_of(operation)
    )


def _scripts(operation: Operation) -> tuple[str, ...]:
    return tuple(str(script.sources[-1].file) for script in scripts_of(operation))


def shown_url(call: CallPlan, inputs: Iterable[Input]) -> str:
    """Return where a call goes, without its query, the inputs that its path takes in braces.

    Where an earlier step or a variable without a value decides on the path, an ellipsis stands
    for it.
    """
    names = [one.name for one in inputs]
    base = call.base
    origin, prefix = str(base), "" if isinstance(base, MissingBaseUri) else base.prefix
    if isinstance(base, MissingBaseUri):
        origin = f"<base URI of {base.namespace}>"
    try:
        target = call.target(Scope({name: f"{{{name}}}" for name in names}))
    except CallError:
        return f"{origin}/…"
    path = target.decode().partition("?")[0].removeprefix(prefix)
    for name in names:
        path = path.replace(quote(f"{{{name}}}", safe=""), f"{{{name}}}")
    return origin + path


def _input(one: Input, place: str | None) -> InputView:
    return InputView(
        one.name,
        one.type,
        one.required and not one.has_default,
        place,
        one.hidden,
        one.description,
        None if isinstance(one.default, Absent) else one.default,
    )


def _finding(one: Diagnostic, mask: Mask) -> FindingView:
    hint = mask(one.hint) if one.hint else None
    return FindingView(one.unit, mask(one.message), hint, str(one.position or "") or None)
