"""Tools of skills: what they stand for, or which file they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from naftiko_runtime.diagnostics import Diagnostics, did_you_mean
from naftiko_runtime.load.folders import FileTooLarge, is_served, read_below
from naftiko_runtime.plan.adapters import McpPlan, RestPlan, SkillTool, SkillToolSource
from naftiko_runtime.plan.skill_folders import LARGEST_FILE_BYTES
from naftiko_runtime.spec import skill as spec
from naftiko_runtime.values import record


@record
class _Unit:
    """What a tool of a skill may stand for; `names` are those that the document knows it by."""

    names: tuple[str, ...]
    source: SkillToolSource
    description: str | None


class Siblings:
    """The operations and tools of the adapters beside a skill adapter.

    Args:
        rest: The capability's REST servers.
        mcp: Its MCP servers.
    """

    def __init__(self, rest: Sequence[RestPlan], mcp: Sequence[McpPlan]) -> None:
        self.namespaces = tuple(
            dict.fromkeys([*(one.namespace for one in rest), *(one.namespace for one in mcp)])
        )
        self._units = [*_operations(rest), *_tools(mcp)]

    def actions(self, namespace: str) -> list[str]:
        """Return what a namespace offers, in document order."""
        return [one.source.action for one in self._units if one.source.namespace == namespace]

    def find(self, namespace: str, action: str) -> tuple[SkillToolSource, str | None] | None:
        """Return an operation or tool with its description; None where there is none."""
        for one in self._units:
            if one.source.namespace == namespace and action in one.names:
                return one.source, one.description
        return None


def _operations(plans: Sequence[RestPlan]) -> Iterator[_Unit]:
    for plan in plans:
        for route in plan.routes:
            source = SkillToolSource(plan.namespace, route.name, "rest", route.operation)
            yield _Unit((route.name,), source, route.description)


def _tools(plans: Sequence[McpPlan]) -> Iterator[_Unit]:
    for plan in plans:
        for tool in plan.tools:
            source = SkillToolSource(plan.namespace, tool.name, "mcp", tool.operation)
            names = (tool.name, tool.operation.address.removeprefix(f"{plan.namespace}."))
            yield _Unit(names, source, tool.description)


@record
class ToolReader:
    """Reads the tools of one skill.

    Attributes:
        folder: The skill's, all links resolved; None where it has none.
        skill: Its address, `namespace.name`.
        siblings: What tools may stand for.
        diagnostics: Takes what is wrong.
    """

    folder: Path | None
    skill: str
    siblings: Siblings
    diagnostics: Diagnostics

    def read(self, name: str, tool: spec.SkillTool) -> SkillTool | None:
        """Return a tool; None if it can't be served (an error of the tool tells why)."""
        if tool.from_ is not None and tool.instruction is not None:
            problem = f"'{name}' has a 'from' and an 'instruction'"
            self._refuse(tool, name, "value-invalid", problem, "instruction", "leave one of them")
            return None
        if tool.from_ is not None:
            return self._derived(name, tool, tool.from_)
        if tool.instruction is not None:
            return self._instruction(name, tool, tool.instruction)
        hint = "give it a 'from', or the file of an 'instruction'"
        problem = f"'{name}' says nothing of what it does"
        self._refuse(tool, name, "value-missing", problem, "name", hint)
        return None

    def _derived(
        self, name: str, tool: spec.SkillTool, source: spec.SkillToolSource
    ) -> SkillTool | None:
        namespace, action = source.source_namespace or "", source.action or ""
        found = self.siblings.find(namespace, action)
        if found is not None:
            unit, description = found
            return SkillTool(name, tool.description or description, unit, None, tool.position)
        code = "skill-action-unknown"
        if namespace not in self.siblings.namespaces:
            problem = f"no REST or MCP adapter has the namespace '{namespace}'"
            hint = _hint(namespace, self.siblings.namespaces)
        else:
            problem = f"'{namespace}' serves no operation or tool '{action}'"
            hint = _hint(action, self.siblings.actions(namespace))
        self._refuse(tool, name, code, problem, "from", hint)
        return None

    def _instruction(self, name: str, tool: spec.SkillTool, path: str) -> SkillTool | None:
        parts = path.removeprefix("./").split("/")
        if self.folder is None:
            problem = f"'{path}' is nowhere, for the skill has no 'location'"
            self._refuse_file(tool, name, "skill-file-missing", problem)
        elif not all(map(is_served, parts)):
            self._refuse_file(tool, name, "skill-file-invalid", f"'{path}' is no path of a file")
        elif not _is_there(self.folder, parts):
            problem = f"there is no file '{path}' in the skill's folder"
            self._refuse_file(tool, name, "skill-file-missing", problem)
        else:
            return SkillTool(name, tool.description, None, "/".join(parts), tool.position)
        return None

    def _refuse_file(self, tool: spec.SkillTool, name: str, code: str, problem: str) -> None:
        hint = "an 'instruction' is a file below the skill's 'location', and no hidden one"
        self._refuse(tool, name, code, problem, "instruction", hint)

    def _refuse(
        self, tool: spec.SkillTool, name: str, code: str, problem: str, key: str, hint: str | None
    ) -> None:
        unit = f"{self.skill}.{name}"
        message = f"{problem}; {unit} is left out"
        self.diagnostics.error(code, message, tool.at(key), hint=hint, unit=unit)


def _is_there(folder: Path, parts: Sequence[str]) -> bool:
    """Return whether there is a file that will be served; one too large is reported elsewhere."""
    try:
        return read_below(folder, parts, LARGEST_FILE_BYTES) is not None
    except FileTooLarge:
        return True


def _hint(name: str, known: Sequence[str]) -> str | None:
    if not known:
        return None
    return did_you_mean(name, known) or f"there is {', '.join(known)}"
