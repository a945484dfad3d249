"""Skill adapters: from the document to skills and their tools. Section 8 of the behaviour."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.load.folders import is_served
from naftiko_runtime.load.locations import split_location
from naftiko_runtime.load.nodes import to_plain
from naftiko_runtime.plan.adapters import McpPlan, RestPlan, Skill, SkillPlan, SkillTool
from naftiko_runtime.plan.callers import read_caller_check
from naftiko_runtime.plan.context import Context
from naftiko_runtime.plan.skill_folders import report_folder
from naftiko_runtime.plan.skill_tools import Siblings, ToolReader
from naftiko_runtime.spec import skill as spec
from naftiko_runtime.values import Json, record

T = TypeVar("T", spec.Skill, spec.SkillTool)

_KEBAB: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_NAME: Final = 64


def plan_skills(
    adapter: spec.SkillAdapter,
    context: Context,
    rest: Sequence[RestPlan],
    mcp: Sequence[McpPlan],
) -> SkillPlan:
    """Compile a skill adapter; skills and tools that can't be served are left out and reported.

    Args:
        adapter: The adapter.
        context: What names mean outside of any adapter.
        rest: The capability's REST servers, of which tools may be derived.
        mcp: Its MCP servers, as well.
    """
    namespace = adapter.namespace or ""
    reader = _Reader(namespace, Siblings(rest, mcp), context.diagnostics)
    return SkillPlan(
        namespace,
        adapter.address,
        adapter.port,
        adapter.description,
        read_caller_check(adapter.authentication, context.names, namespace),
        adapter.position,
        tuple(reader.read(adapter.skills)),
    )


@record
class _Reader:
    """Reads the skills of one adapter."""

    namespace: str
    siblings: Siblings
    diagnostics: Diagnostics

    def read(self, skills: Sequence[spec.Skill]) -> Iterator[Skill]:
        for name, skill in self._named(skills, "skill", self.namespace):
            address = f"{self.namespace}.{name}"
            if skill.description is None:
                message = f"the skill '{name}' has no description; models choose skills by it"
                self.diagnostics.warning("value-missing", message, skill.position)
            if self._has_files(skill, address):
                folder = self._folder(skill, name)
                tools = self._tools(skill, folder, address)
                yield Skill(name, address, _facts(skill), folder, tools, skill.position)

    def _named(self, things: Sequence[T], noun: str, unit: str) -> Iterator[tuple[str, T]]:
        """Yield skills or tools with their names, each name once."""
        taken: set[str] = set()
        for thing in things:
            name = thing.name or ""
            if not is_served(name):
                self._refuse_name(thing, name, noun, unit)
            elif name in taken:
                message = f"there are two {noun}s '{name}' in {unit}; the first one is served"
                self.diagnostics.warning("skill-duplicate", message, thing.at("name"))
            else:
                taken.add(name)
                self._report_name(thing, name, noun)
                yield name, thing

    def _refuse_name(self, thing: T, name: str, noun: str, unit: str) -> None:
        problem = f"a {noun} can't be called '{name}'" if name else f"a {noun} needs a 'name'"
        self.diagnostics.error(
            "skill-name-invalid",
            f"{problem}; it is left out",
            thing.at("name"),
            hint="use lower-case letters, digits and hyphens",
            unit=f"{unit}.{name}",
        )

    def _report_name(self, thing: T, name: str, noun: str) -> None:
        if len(name) > _LONGEST_NAME or not _KEBAB.fullmatch(name):
            self.diagnostics.warning(
                "skill-name-invalid",
                f"clients may not take '{name}' as the name of a {noun}",
                thing.at("name"),
                hint=f"use lower-case letters, digits and hyphens, {_LONGEST_NAME} at most",
            )

    def _has_files(self, skill: spec.Skill, address: str) -> bool:
        """Return whether the skill's location, if it has one, is one of files."""
        if skill.location is None:
            return True
        scheme, _ = split_location(skill.location, Path())
        if scheme in ("", "file"):
            return True
        self.diagnostics.error(
            "value-invalid",
            f"files of skills can't be served from '{scheme}:'; {address} is left out",
            skill.at("location"),
            hint="use a folder, such as file:///./skills/review",
            unit=address,
        )
        return False

    def _folder(self, skill: spec.Skill, name: str) -> Path | None:
        if skill.location is None:
            return None
        at = skill.at("location")
        _, path = split_location(skill.location, Path(at.file).parent)
        folder = path.resolve()
        report_folder(folder, skill.location, name, at, self.diagnostics)
        return folder

    def _tools(self, skill: spec.Skill, folder: Path | None, address: str) -> tuple[SkillTool, ...]:
        reader = ToolReader(folder, address, self.siblings, self.diagnostics)
        named = self._named(skill.tools, "tool", address)
        read = (reader.read(name, tool) for name, tool in named)
        return tuple(tool for tool in read if tool is not None)


def _facts(skill: spec.Skill) -> dict[str, Json]:
    facts: dict[str, Json] = {
        "description": skill.description,
        "license": skill.license,
        "compatibility": skill.compatibility,
        "argument-hint": skill.argument_hint,
        "allowed-tools": to_plain(skill.allowed_tools),
        "user-invocable": skill.user_invocable,
        "disable-model-invocation": skill.disable_model_invocation,
        "metadata": to_plain(skill.metadata),
    }
    return {key: value for key, value in facts.items() if value is not None}
