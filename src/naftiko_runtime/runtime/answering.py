"""Answers that are written at once: head and body in one system call.

uvicorn writes the head of an answer when it begins and the body when that is there. Each is a
system call, and a call through the runtime would make three (one of them upstream). Two of them
take a sixth of its time (`perf`), so that leaving out the third saves a twelfth.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

if TYPE_CHECKING:
    from starlette.types import Message
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

_FIELDS: Final = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t -~\x80-\xff]*\r\n)*")
_LENGTH: Final = b"content-length"
_UVICORNS: Final = frozenset({b"connection", b"transfer-encoding"})


HandOver: TypeAlias = "Callable[[RequestResponseCycle, Sequence[bytes]], Awaitable[bool]]"
"""Has another process answer a request, whose body is given, too; returns whether it does."""


class AnswerWriter:
    """ASGI's `send` for one request.

    The head of an answer of known length waits for the body. Where that comes as a whole, both are
    written at once; everything else is uvicorn's to send.

    Args:
        cycle: uvicorn's view of the request.
        over: Has another process answer it.
    """

    __slots__ = ("_cycle", "_length", "_over", "_start")

    def __init__(self, cycle: RequestResponseCycle, over: HandOver | None = None) -> None:
        self._cycle = cycle
        self._over = over
        self._start: Message | None = None
        self._length: bytes | None = None

    async def __call__(self, message: Message) -> None:
        """Send a part of the answer."""
        start, cycle = self._start, self._cycle
        if start is None and message["type"] == "http.response.start":
            self._length = _length(message)
            if self._length is not None:
                self._start = message
                return
        if start is None:
            await cycle.send(message)  # type: ignore[arg-type]
        else:
            self._start = None
            body = message.get("body", b"")
            is_whole = not message.get("more_body") and self._length == b"%d" % len(body)
            if not (is_whole and self.whole(start["status"], start["headers"], body)):
                await cycle.send(start)  # type: ignore[arg-type]
                await cycle.send(message)  # type: ignore[arg-type]

    def whole(self, status: int, fields: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
        """Write a whole answer; return whether that was possible.

        Args:
            status: 200 to 599.
            fields: Its headers, `content-length` included, those of the connection not.
            body: All of its body.
        """
        cycle = self._cycle
        if not cycle.keep_alive or cycle.flow.write_paused or cycle.scope["method"] == "HEAD":
            return False
        lines = _lines(fields)
        is_sound = _FIELDS.fullmatch(lines) and lines.count(b"\n") == len(fields)
        if not is_sound or cycle.disconnected or cycle.response_started:
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        head = _head(status, *cycle.default_headers)
        cycle.transport.write(b"".join((head, lines, b"\r\n", body)))
        cycle.message_event.set()
        cycle.on_response()
        return True

    async def hand_over(self, pieces: Sequence[bytes]) -> bool:
        """Have another process answer the request; return whether it does.

        Args:
            pieces: All of the request's body, as it was read.
        """
        return self._over is not None and await self._over(self._cycle, pieces)


@lru_cache(maxsize=64)  # what uvicorn puts before every answer's own headers is its date
def _head(status: int, *fields: tuple[bytes, bytes]) -> bytes:
    """Return the status line and the lines of some headers."""
    return STATUS_LINE[status] + _lines(fields)


def _lines(fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join([b"%b: %b\r\n" % field for field in fields])


def _length(start: Message) -> bytes | None:
    """Return the length that an answer says it has, if it leaves the connection as it is."""
    length = None
    for name, value in start["headers"]:
        if name == _LENGTH:
            length = value
        elif name in _UVICORNS:
            return None
    return length
