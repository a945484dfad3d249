"""Calls that must be turned down without a request to upstream (sections 4.7 and 5)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from naftiko_runtime.values import Json
from tests.corpus.faces import open_face
from tests.corpus.oracle.arguments import Arguments, cases
from tests.corpus.oracle.exposed import Unit
from tests.corpus.oracle.inputs import ExpectedInput, expected_inputs
from tests.corpus.reply import Face
from tests.corpus.subject import Subject
from tests.corpus.upstream import RecordingUpstream

_WRONG: Final[dict[str | None, Json]] = {"integer": "many", "number": "much", "boolean": "maybe"}

_CREDENTIAL: Final = "Authorization"


@dataclass(frozen=True, slots=True)
class Offence:
    """A call that is wrong, and the inputs that the answer must name."""

    reason: str
    arguments: Arguments
    named: tuple[str, ...]


async def accepted_offences(subject: Subject, kind: str) -> list[str]:
    """Return a report on each wrong call that was not turned down, or not in the right words."""
    upstream = RecordingUpstream()
    async with open_face(kind, subject, upstream) as face:
        return [
            f"{subject.title}: {unit}: {offence.reason}\n  {offence.arguments}\n  {finding}"
            for unit in subject.units(kind)
            for offence in _offences(subject, unit)
            for finding in await _findings(unit, offence, face, upstream)
        ]


def _offences(subject: Subject, unit: Unit) -> Iterator[Offence]:
    inputs = expected_inputs(unit)
    sound = next(cases(inputs, f"{subject.title} {unit}")).arguments
    yield from _missing(unit, inputs, sound)
    yield from _mistyped(inputs, sound)
    yield from _unsafe(unit, inputs, sound)
    if unit.face == "mcp" and all(one.name != _CREDENTIAL for one in inputs):
        stray = sound | {_CREDENTIAL: "Bearer of-the-model"}
        yield Offence("a credential from a model", stray, (_CREDENTIAL,))


def _missing(unit: Unit, inputs: Sequence[ExpectedInput], sound: Arguments) -> Iterator[Offence]:
    """Leave out everything that is required; a path variable can't be left out of a path."""
    names = [one.name for one in inputs if one.required and one.place != "path"]
    if names:
        kept = {name: value for name, value in sound.items() if name not in names}
        yield Offence("required inputs are missing", kept, tuple(names))


def _mistyped(inputs: Sequence[ExpectedInput], sound: Arguments) -> Iterator[Offence]:
    wrong = {one.name: _WRONG[one.type] for one in inputs if one.type in _WRONG}
    if wrong:
        yield Offence("values of other types", sound | wrong, tuple(wrong))


def _unsafe(unit: Unit, inputs: Sequence[ExpectedInput], sound: Arguments) -> Iterator[Offence]:
    """Put what would leave the path where it must not; an empty segment is no REST route."""
    texts = [one.name for one in inputs if one.type == "string" and _is_in_path(one)]
    for value in (".", "..") if unit.face == "rest" else (".", "..", ""):
        for name in texts:
            yield Offence(f"{value!r} in a path", sound | {name: value}, (name,))


def _is_in_path(one: ExpectedInput) -> bool:
    return any(target.startswith("path ") for target in one.feeds)


async def _findings(
    unit: Unit, offence: Offence, face: Face, upstream: RecordingUpstream
) -> list[str]:
    reply = await face.call(unit, expected_inputs(unit), offence.arguments)
    sent = upstream.taken()
    if sent or not reply.is_refusal:
        return [f"not refused: {[one.target for one in sent]} went upstream, got {reply.text}"]
    names = [face.published(unit, name) for name in offence.named]
    unnamed = [name for name in names if json.dumps(name)[1:-1] not in reply.text]
    return [f"the answer does not name {unnamed}: {reply.text}"] if unnamed else []
