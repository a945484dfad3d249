"""Reading the bytes of a request's body, within bounds of size and time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from naftiko_runtime.errors import RequestTooLarge
from naftiko_runtime.expose.callers import RawHeaders
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.rest.problems import RequestTimeout

if TYPE_CHECKING:
    from starlette.types import Message, Receive


class CallerGone(Exception):
    """Nobody waits for an answer here: the caller has left, or another process gives it."""


async def read_body(headers: RawHeaders, receive: Receive, limits: Limits) -> list[bytes]:
    """Read the whole body of a request; return its pieces.

    Args:
        headers: The request's.
        receive: ASGI's.
        limits: How large it may be, and how long it may take to arrive.

    Raises:
        RequestTooLarge: It is over the limit; where `Content-Length` says so, nothing is read.
        RequestTimeout: It did not come in time.
        CallerGone: The rest will never come.
    """
    _check_length(_declared_length(headers), limits)
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await _read(receive, limits)
    except TimeoutError:
        raise RequestTimeout("the request body did not come in time") from None


async def _read(receive: Receive, limits: Limits) -> list[bytes]:
    pieces: list[bytes] = []
    length = 0
    while True:
        message = await _next_piece(receive)
        piece: bytes = message.get("body", b"")
        pieces.append(piece)
        length += len(piece)
        _check_length(length, limits)
        if not message.get("more_body", False):
            return pieces


def _declared_length(headers: RawHeaders) -> int:
    declared = next((value for name, value in headers if name == b"content-length"), b"")
    return int(declared) if declared.isdigit() else 0


def _check_length(length: int, limits: Limits) -> None:
    if length > limits.body_bytes:
        raise RequestTooLarge(f"the request body may have {limits.body_bytes} bytes at most")


async def _next_piece(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise CallerGone
    return message
