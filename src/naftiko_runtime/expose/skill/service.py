"""The skills of one listener, called as plain ASGI. Section 8."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Final

from naftiko_runtime.errors import CallerRefused
from naftiko_runtime.expose.callers import Admission, Callers, RawHeaders, admit_to_all
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.rest.problems import (
    Problem,
    not_offered,
    problem_of,
    unforeseen,
    unknown_path,
)
from naftiko_runtime.expose.rest.request_id import request_id
from naftiko_runtime.expose.rest.response import Answer, send_answer
from naftiko_runtime.expose.skill.conditions import answer_to, is_known
from naftiko_runtime.expose.skill.downloads import Download, send_download
from naftiko_runtime.expose.skill.files import page
from naftiko_runtime.expose.skill.paths import LIST, Target, read_target
from naftiko_runtime.expose.skill.payloads import skill_payload, skills_payload
from naftiko_runtime.expose.skill.reading import FolderReader
from naftiko_runtime.load.folders import FileTooLarge
from naftiko_runtime.plan.adapters import Skill, SkillPlan
from naftiko_runtime.plan.skill_folders import SkillTooLarge

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from naftiko_runtime.expose.rest.service import OnAnswer

_OFFERED: Final = ("GET", "HEAD")

_log: Final = logging.getLogger("naftiko.skill")


@dataclass(frozen=True, slots=True)
class _Served:
    """A page about one skill, or about all of them, and who may have it.

    Attributes:
        skill: The skill; None where the page is about all of them.
        page: What is said.
        admissions: What a caller has to pass.
    """

    skill: Skill | None
    page: Answer
    admissions: tuple[Admission, ...]


class SkillService:
    """Answers requests for the skills of one listener.

    Files are read when they are asked for. What skills there are is only told to callers that all
    adapters let in.

    Args:
        plans: The adapters, in order: of two skills of one name, the first is served.
        limits: What callers may ask.
        callers: Lets them pass.
        on_answer: Told of every answer.
        reader: Reads the skills' files.
    """

    def __init__(
        self,
        plans: Sequence[SkillPlan],
        limits: Limits,
        callers: Callers,
        on_answer: OnAnswer | None = None,
        reader: FolderReader | None = None,
    ) -> None:
        self._is_empty = not plans
        self._skills = _skills(plans, callers)
        self._all = _together(self._skills.values(), plans, callers)
        self._on_answer = on_answer
        self._reader = reader or FolderReader(limits.call_seconds)

    def serves(self, path: str) -> bool:
        """Return whether a path, as requests have it, is one of those where skills are."""
        return not self._is_empty and (path == LIST or path.startswith(f"{LIST}/"))

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Answer one request for such a path."""
        started = perf_counter()
        called = request_id(scope["headers"])
        path = scope["raw_path"].decode("latin-1")
        target = read_target(path)
        served = self._served(target)
        answer = await self._answer(target, served, scope, called)
        is_head = scope["method"] == "HEAD"
        if isinstance(answer, Download):
            await send_download(answer, called, send, head=is_head)
        else:
            await send_answer(answer, called, send, head=is_head)
        if self._on_answer is not None:
            address = served.skill.address if served is not None and served.skill else None
            seconds = perf_counter() - started
            self._on_answer(scope["method"], path, address, answer.status, seconds, called)

    def _served(self, target: Target | None) -> _Served | None:
        if target is None or target.kind == "list":
            return self._all if target is not None else None
        return self._skills.get(target.skill)

    async def _answer(
        self, target: Target | None, served: _Served | None, scope: Scope, called: str
    ) -> Answer | Download:
        """Return what is asked for, if the caller may have it, or what is in the way."""
        path = scope["raw_path"].decode("latin-1")
        try:
            await admit_to_all((served or self._all).admissions, scope)
            if target is None or served is None:
                return unknown_path().answer(path, called)
            if scope["method"] not in _OFFERED:
                return not_offered(scope["method"], _OFFERED, path, called)
            found = await self._find(target, served)
        except CallerRefused as error:
            return problem_of(error, b"").answer(path, called)
        except (SkillTooLarge, FileTooLarge) as error:
            return _too_large(error).answer(path, called)
        except Exception:  # noqa: BLE001 - the last resort; it is logged with its traceback
            _log.exception("%s failed", path, extra={"request_id": called})
            return unforeseen().answer(path, called)
        if found is None:
            return unknown_path().answer(path, called)
        return _conditional(_kept(found, served), scope["headers"])

    async def _find(self, target: Target, served: _Served) -> Answer | Download | None:
        if served.skill is None or target.kind == "skill":
            return served.page
        return await self._reader.answer(served.skill, target)


def _skills(plans: Sequence[SkillPlan], callers: Callers) -> dict[str, _Served]:
    served: dict[str, _Served] = {}
    for plan in plans:
        admissions = callers.admissions([plan.callers])
        for skill in plan.skills:
            served.setdefault(skill.name, _Served(skill, page(skill_payload(skill)), admissions))
    return served


def _together(served: Iterable[_Served], plans: Sequence[SkillPlan], callers: Callers) -> _Served:
    skills = [one.skill for one in served if one.skill is not None]
    return _Served(
        None, page(skills_payload(skills)), callers.admissions(plan.callers for plan in plans)
    )


def _kept(found: Answer | Download, served: _Served) -> Answer | Download:
    """Return an answer that says who may keep it: always to be asked for again."""
    keeping = b"private, no-cache" if served.admissions else b"no-cache"
    return replace(found, headers=((b"cache-control", keeping), *found.headers))


def _conditional(found: Answer | Download, headers: RawHeaders) -> Answer | Download:
    if isinstance(found, Answer):
        return answer_to(found, headers)
    known = is_known(found.headers, headers)
    return answer_to(Answer(200, found.headers), headers) if known else found


def _too_large(error: SkillTooLarge | FileTooLarge) -> Problem:
    detail = str(error) or "the file is larger than this server sends"
    return Problem(500, "skill-too-large", "The skill is too large", detail)
