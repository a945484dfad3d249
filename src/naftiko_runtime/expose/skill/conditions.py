"""Answers that clients have already: validators and conditions, RFC 9110 section 13."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final

from naftiko_runtime.execute.upstream.message import Headers
from naftiko_runtime.expose.callers import RawHeaders
from naftiko_runtime.expose.rest.response import Answer

_KEPT: Final = frozenset({b"cache-control", b"etag", b"last-modified"})
_SECOND: Final = 1_000_000_000


def validators(changed: int, tag: bytes) -> Headers:
    """Return the headers by which clients ask whether something is as they have it.

    Args:
        changed: When it last changed, in nanoseconds since the epoch.
        tag: Without quotes; it differs whenever the content may.
    """
    when = datetime.fromtimestamp(changed // _SECOND, UTC)
    date = format_datetime(when, usegmt=True).encode()
    return ((b"etag", b'"%b"' % tag), (b"last-modified", date))


def tag_of(content: bytes) -> bytes:
    """Return a tag for some content, or for what identifies it."""
    return hashlib.sha256(content).hexdigest()[:32].encode()


def answer_to(answer: Answer, headers: RawHeaders) -> Answer:
    """Return an answer, or 304 where the client has it already.

    Args:
        answer: The whole of it.
        headers: The request's.
    """
    if not is_known(answer.headers, headers):
        return answer
    kept = tuple(pair for pair in answer.headers if pair[0] in _KEPT)
    return replace(answer, status=304, headers=kept, body=b"")


def is_known(validating: Headers, headers: RawHeaders) -> bool:
    """Return whether the client has what these headers are of.

    Args:
        validating: The answer's headers.
        headers: The request's.
    """
    own, asked = dict(validating), dict(headers)
    tags = asked.get(b"if-none-match")
    if tags is not None:
        known = [one.strip().removeprefix(b"W/") for one in tags.split(b",")]
        return tags.strip() == b"*" or own.get(b"etag") in known
    since, changed = asked.get(b"if-modified-since"), own.get(b"last-modified")
    return since is not None and changed is not None and not _is_after(changed, since)


def _is_after(changed: bytes, since: bytes) -> bool:
    try:
        known = parsedate_to_datetime(since.decode("latin-1"))
        return parsedate_to_datetime(changed.decode()) > known
    except (ValueError, TypeError):  # no date, or one without a time zone: as if it weren't there
        return True
