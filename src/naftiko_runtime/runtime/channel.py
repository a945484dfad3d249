"""The line between the first process and a worker: short messages, and sockets beside them."""

from __future__ import annotations

import json
import socket
from collections import deque
from dataclasses import dataclass
from typing import Final

from naftiko_runtime.values import Json

SEND_SECONDS: Final = 10.0
_CHUNK: Final = 65536
_MOST_SOCKETS: Final = 253  # Linux passes no more at once, unix(7)


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        word: What is asked for, or was done.
        values: What belongs to it.
        passed: The socket beside it.
    """

    word: str
    values: tuple[Json, ...] = ()
    passed: socket.socket | None = None


class Channel:
    """One end of the line.

    Args:
        end: A connected stream socket of the Unix family.
    """

    def __init__(self, end: socket.socket) -> None:
        end.settimeout(SEND_SECONDS)
        self._end = end
        self._unread = b""
        self._sockets: deque[int] = deque()

    def fileno(self) -> int:
        """Return what can be waited for: it is readable when something has arrived."""
        return self._end.fileno()

    def send(self, word: str, *values: Json, passed: socket.socket | None = None) -> None:
        """Send a message.

        Args:
            word: What is asked for, or was done.
            values: What belongs to it.
            passed: A socket that the other process gets, too.

        Raises:
            OSError: The other process is gone, or has not read for too long.
        """
        line = json.dumps([word, passed is not None, *values]).encode() + b"\n"
        if passed is None:
            self._end.sendall(line)
            return
        sent = socket.send_fds(self._end, [line], [passed.fileno()])
        self._end.sendall(line[sent:])

    def receive(self) -> list[Message]:
        """Return the messages that have arrived; wait for some if there are none.

        Raises:
            EOFError: The other process is gone.
        """
        try:
            data, sockets, _, _ = socket.recv_fds(self._end, _CHUNK, _MOST_SOCKETS)
        except ConnectionError as error:
            raise EOFError from error
        if not data:
            raise EOFError
        self._sockets.extend(sockets)
        *lines, self._unread = (self._unread + data).split(b"\n")
        return [self._message(line) for line in lines]

    def close(self) -> None:
        """Close this end."""
        self._end.close()

    def _message(self, line: bytes) -> Message:
        word, has_socket, *values = json.loads(line)
        passed = socket.socket(fileno=self._sockets.popleft()) if has_socket else None
        return Message(word, tuple(values), passed)


def channel() -> tuple[Channel, Channel]:
    """Return both ends of a new line."""
    one, other = socket.socketpair()
    return Channel(one), Channel(other)
