"""Answers on their way out: from an outcome to what ASGI sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from naftiko_runtime.execute.outcome import Outcome
from naftiko_runtime.execute.upstream.message import Headers
from naftiko_runtime.expose.rest.relocation import Rewrite
from naftiko_runtime.expose.rest.request_id import HEADER as REQUEST_ID
from naftiko_runtime.expose.sending import send_messages, send_whole
from naftiko_runtime.values import record

if TYPE_CHECKING:
    from starlette.types import Send

WITHOUT_BODY: Final = frozenset({204, 205, 304})
_WITH_LINKS: Final = frozenset({b"location", b"link"})


@record
class Answer:
    """One response.

    Attributes:
        status: 200 to 599.
        headers: All but `content-length` and `x-request-id`.
        body: The whole body.
    """

    status: int
    headers: Headers
    body: bytes = b""


def relay(outcome: Outcome, rewrite: Rewrite) -> Answer:
    """Return an outcome as a response.

    Args:
        outcome: What the call came to.
        rewrite: Makes `Location` and `Link` lead to exposed paths.
    """
    return Answer(outcome.status, rewritten(outcome.headers, rewrite), outcome.body)


def rewritten(headers: Headers, rewrite: Rewrite) -> Headers:
    """Return headers with `Location` and `Link` leading to exposed paths."""
    for name, _ in headers:
        if name in _WITH_LINKS:
            return tuple(
                (name, rewrite(name, value) if name in _WITH_LINKS else value)
                for name, value in headers
            )
    return headers


async def send_answer(answer: Answer, request_id: str, send: Send, *, head: bool) -> None:
    """Send a response.

    Args:
        answer: What to send.
        request_id: Sent as `X-Request-Id`, unless upstream has called the request something else.
        send: ASGI's.
        head: Whether the request was a HEAD: the body stays here, its length is told.
    """
    body = answer.body
    headers = list(answer.headers)
    if answer.status in WITHOUT_BODY:
        headers = [pair for pair in headers if pair[0] != b"content-type"]
        body = b""
    elif body or not head:
        headers.append((b"content-length", b"%d" % len(body)))
    for name, _ in headers:
        if name == REQUEST_ID:
            break
    else:
        headers.append((REQUEST_ID, request_id.encode()))
    if head or answer.status in WITHOUT_BODY:
        await send_messages(answer.status, headers, b"", send)
    else:
        await send_whole(answer.status, headers, body, send)
