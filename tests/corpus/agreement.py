"""Calls every unit of a face with many arguments, and reports what is not as it must be."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.faces import open_face
from tests.corpus.oracle.arguments import Case, as_json_text, cases
from tests.corpus.oracle.comparison import differences
from tests.corpus.oracle.exposed import Unit
from tests.corpus.oracle.inputs import expected_inputs
from tests.corpus.oracle.request import expected_request
from tests.corpus.reply import Face
from tests.corpus.subject import Subject
from tests.corpus.upstream import RecordingUpstream


async def disagreements(subject: Subject, kind: str) -> list[str]:
    """Return a report on each call of a face whose upstream request is not the oracle's."""
    upstream = RecordingUpstream()
    async with open_face(kind, subject, upstream) as face:
        return [
            _report(subject, unit, case, findings)
            for unit in subject.units(kind)
            for case in _cases(subject, unit)
            if (findings := await _findings(subject, unit, case, face, upstream))
        ]


def _cases(subject: Subject, unit: Unit) -> Iterator[Case]:
    """Yield the calls of a unit; models also write values as JSON text (section 4.6)."""
    inputs = expected_inputs(unit)
    for case in cases(inputs, f"{subject.title} {unit}"):
        yield case
    if unit.face == "mcp":
        yield Case("values as JSON text", case.arguments, as_json_text(inputs, case.arguments))


async def _findings(
    subject: Subject, unit: Unit, case: Case, face: Face, upstream: RecordingUpstream
) -> list[str]:
    reply = await face.call(unit, expected_inputs(unit), case.written or case.arguments)
    sent = upstream.taken()
    if len(sent) != 1 or not reply.is_success:
        return [f"{len(sent)} requests went upstream; the caller got {reply.text}"]
    expected = expected_request(unit, case.arguments, subject.around)
    return list(differences(expected, sent[0]))


def _report(subject: Subject, unit: Unit, case: Case, findings: list[str]) -> str:
    lines = [f"{subject.title}: {unit}: {case.reason}", f"arguments: {case.arguments}"]
    if case.written is not None:
        lines.append(f"written as: {case.written}")
    return "\n  ".join([*lines, *findings])
