"""Servers of the standard library, each in a thread of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer
from threading import Thread
from typing import TypeVar

_Server = TypeVar("_Server", bound=BaseServer)


@contextmanager
def serving_in_thread(server: _Server) -> Iterator[_Server]:
    """Have a server serve until the block ends, however that is; then close it."""
    with server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
