"""The API behind `everything.yaml`: one thing of each media type, on a free port."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import orjson

from tests.threads import serving_in_thread

_PIXEL: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
)
_WAVE_FORMAT: Final = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
_SILENCE: Final = struct.pack("<4sI4s24s4sI", b"RIFF", 36, b"WAVE", _WAVE_FORMAT, b"data", 0)
_THINGS: Final[Mapping[str, tuple[str, bytes]]] = {
    "/text": ("text/plain", b"This is a simple text response for testing."),
    "/image": ("image/png", _PIXEL),
    "/sound": ("audio/wav", _SILENCE),
    "/document": ("application/pdf", b"%PDF-1.4\n%%EOF\n"),
}
_RECORDS: Final = "/records/"
_CHANGES: Final = "/changes/"


class _Upstream(ThreadingHTTPServer):
    """The API.

    Attributes:
        on_change: Learns of what is to be changed.
    """

    def __init__(self, on_change: Callable[[str], None]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.on_change = on_change


class _Handler(BaseHTTPRequestHandler):
    server: _Upstream

    def do_GET(self) -> None:
        if self.path.startswith(_RECORDS):
            record = {"id": self.path.removeprefix(_RECORDS), "templateTest": True}
            self._answer(200, "application/json", orjson.dumps(record))
        elif self.path in _THINGS:
            self._answer(200, *_THINGS[self.path])
        else:
            self._answer(404, "text/plain", b"This intentionally is an error.")

    def do_POST(self) -> None:
        self.server.on_change(self.path.removeprefix(_CHANGES))
        self._answer(202, "application/json", b"{}")

    def _answer(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing of requests."""


@contextmanager
def everything_upstream(on_change: Callable[[str], None]) -> Iterator[str]:
    """Serve the API while the block lasts.

    Args:
        on_change: Learns of what tools ask to be changed: a tool, a prompt.

    Yields:
        The API's base URI.
    """
    with serving_in_thread(_Upstream(on_change)) as server:
        yield f"http://127.0.0.1:{server.server_port}"
