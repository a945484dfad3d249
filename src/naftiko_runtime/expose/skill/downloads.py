"""Answers that are made while they are sent."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import anyio
from anyio import CapacityLimiter, to_thread

from naftiko_runtime.execute.upstream.message import Headers
from naftiko_runtime.expose.rest.request_id import HEADER as REQUEST_ID
from naftiko_runtime.load.folders import FileTooLarge

if TYPE_CHECKING:
    from starlette.types import Send

_PIECE_BYTES: Final = 64 * 1024

_log: Final = logging.getLogger("naftiko.skill")


@dataclass(frozen=True, slots=True)
class Download:
    """A response whose body is not there yet.

    Attributes:
        headers: All but `x-request-id`.
        chunks: The body; each part is made by a thread.
        threads: How many of those there may be at once.
        seconds: How long the caller may take for each piece of the body.
    """

    headers: Headers
    chunks: Iterator[bytes]
    threads: CapacityLimiter
    seconds: float

    @property
    def status(self) -> int:
        """200: that something fails is not known before it is sent."""
        return 200


async def send_download(download: Download, request_id: str, send: Send, *, head: bool) -> None:
    """Send a response.

    A body that can't be finished is left unfinished, so that the connection breaks off and nobody
    takes half of it for the whole.

    Args:
        download: What to send.
        request_id: Sent as `X-Request-Id`.
        send: ASGI's.
        head: Whether the request was a HEAD: no body is made.
    """
    headers = [*download.headers, (REQUEST_ID, request_id.encode())]
    await send({"type": "http.response.start", "status": download.status, "headers": headers})
    if not head:
        try:
            await _send_body(download, send)
        except (FileTooLarge, TimeoutError) as error:
            reason = "a file has grown too large" if isinstance(error, FileTooLarge) else "too slow"
            _log.warning("download broken off: %s", reason, extra={"request_id": request_id})
            return
    await send({"type": "http.response.body", "body": b""})


async def _send_body(download: Download, send: Send) -> None:
    while chunk := await to_thread.run_sync(_next, download.chunks, limiter=download.threads):
        for start in range(0, len(chunk), _PIECE_BYTES):
            body = chunk[start : start + _PIECE_BYTES]
            with anyio.fail_after(download.seconds):
                await send({"type": "http.response.body", "body": body, "more_body": True})


def _next(chunks: Iterator[bytes]) -> bytes:
    return next(chunks, b"")
