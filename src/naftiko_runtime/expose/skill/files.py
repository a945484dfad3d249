"""Single files and pages of skills as answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from naftiko_runtime.execute.upstream.message import Headers
from naftiko_runtime.expose.rest.response import Answer
from naftiko_runtime.expose.skill.conditions import tag_of, validators
from naftiko_runtime.expose.skill.payloads import file_type
from naftiko_runtime.load.folders import read_below
from naftiko_runtime.plan.expressions import to_json
from naftiko_runtime.values import Json

_GUARDS: Final[Headers] = (
    (b"content-security-policy", b"sandbox; default-src 'none'"),
    (b"x-content-type-options", b"nosniff"),
)
"""A page among the files may not act as one of the server's own."""


def read_answer(folder: Path, parts: Sequence[str], largest: int) -> Answer | None:
    """Return a file as an answer; None where there is none.

    Args:
        folder: The skill's, all links resolved.
        parts: The file's path below it.
        largest: How many bytes it may have.

    Raises:
        FileTooLarge: It has more.
    """
    read = read_below(folder, parts, largest)
    if read is None:
        return None
    file, content = read
    kind = file_type(parts[-1]).encode()
    if kind.startswith(b"text/"):
        kind += b"; charset=utf-8"
    tag = b"%x-%x" % (file.changed, file.size)
    headers = ((b"content-type", kind), *_GUARDS, *validators(file.changed, tag))
    return Answer(200, headers, content)


def page(payload: dict[str, Json]) -> Answer:
    """Return what is said of skills as an answer."""
    body = to_json(payload)
    headers = ((b"content-type", b"application/json"), (b"etag", b'"%b"' % tag_of(body)))
    return Answer(200, headers, body)
