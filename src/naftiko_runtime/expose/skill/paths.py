"""Where skills are on a listener, and what a path asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from naftiko_runtime.load.folders import read_parts
from naftiko_runtime.plan.adapters import Skill

LIST: Final = "/skills"
"""Where all skills are listed; each has its own path below."""

_ROUTES: Final = {
    "list": LIST,
    "skill": f"{LIST}/{{name}}",
    "contents": f"{LIST}/{{name}}/contents",
    "file": f"{LIST}/{{name}}/contents/{{path}}",
    "download": f"{LIST}/{{name}}/download",
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a path asks for.

    Attributes:
        kind: The list of all skills; or a skill, the list of its files, one of them, all of them.
        skill: The skill's name.
        parts: The file's path below the skill's folder.
    """

    kind: Literal["list", "skill", "contents", "file", "download"]
    skill: str = ""
    parts: tuple[str, ...] = ()


def skill_path(skill: Skill) -> str:
    """Return where a skill is."""
    return f"{LIST}/{quote(skill.name, safe='')}"


def read_target(path: str) -> Target | None:
    """Return what a path asks for, the list or one below it; None where there can be nothing.

    Args:
        path: As the request has it, still percent-encoded.
    """
    if path == LIST:
        return Target("list")
    parts = read_parts(path.removeprefix(f"{LIST}/"))
    match parts:
        case (skill,):
            return Target("skill", skill)
        case (skill, "contents"):
            return Target("contents", skill)
        case (skill, "download"):
            return Target("download", skill)
        case (skill, "contents", *file):
            return Target("file", skill, tuple(file))
    return None


def route_of(path: str) -> str | None:
    """Return the route of a path, its variables in braces; None where there can be nothing."""
    target = read_target(path)
    return _ROUTES[target.kind] if target is not None else None
