"""What is said of skills, in the shapes that their clients know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from naftiko_runtime.load.folders import ServedFile
from naftiko_runtime.load.media_types import media_type_of
from naftiko_runtime.plan.adapters import Skill, SkillTool
from naftiko_runtime.values import Json

_LISTED: Final = ("description", "license")

UNKNOWN_TYPE: Final = "application/octet-stream"


def skills_payload(skills: Sequence[Skill]) -> dict[str, Json]:
    """Return what the list says of all skills."""
    return {"count": len(skills), "skills": [_entry(skill) for skill in skills]}


def skill_payload(skill: Skill) -> dict[str, Json]:
    """Return all that is said of a skill."""
    return {"name": skill.name, **skill.facts, "tools": [_tool(one) for one in skill.tools]}


def contents_payload(skill: Skill, files: Iterable[ServedFile]) -> dict[str, Json]:
    """Return what is said of a skill's files."""
    return {"name": skill.name, "files": [_file(one) for one in files]}


def file_type(name: str) -> str:
    """Return what a file is by its extension."""
    return media_type_of(name) or UNKNOWN_TYPE


def _entry(skill: Skill) -> Json:
    told: dict[str, Json] = {key: skill.facts[key] for key in _LISTED if key in skill.facts}
    return {"name": skill.name, **told, "tools": [one.name for one in skill.tools]}


def _tool(tool: SkillTool) -> Json:
    named: dict[str, Json] = {"name": tool.name}
    if tool.description is not None:
        named["description"] = tool.description
    source = tool.source
    if source is None:
        return {**named, "type": "instruction", "instruction": tool.instruction}
    reference: dict[str, Json] = {
        "targetNamespace": source.namespace,
        "action": source.action,
        "mode": source.mode,
    }
    return {**named, "type": "derived", "invocationRef": reference}


def _file(file: ServedFile) -> Json:
    return {
        "path": "/".join(file.parts),
        "size": file.size,
        "type": file_type(file.parts[-1]),
    }
