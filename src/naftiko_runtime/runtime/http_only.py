"""Reading requests that ask for another protocol: they are requests like any other here.

RFC 9110 section 7.8 lets a server ignore the field `Upgrade`. The parser does not: what is behind
such a head is no HTTP to it any more, so that a body would be lost, or be taken for a request. It
is given the head once more, without the field, and reads on from there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class HttpOnlyProtocol(HttpToolsProtocol, ABC):
    """uvicorn's connection, on which nothing but HTTP is spoken."""

    _plain_head = b""
    _is_at_end = False

    def parse(self, data: bytes) -> None:
        """Parse what has arrived.

        Raises:
            httptools.HttpParserError: It can't be part of a request.
        """
        while data and not self._is_at_end:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = data[upgrade.args[0] :]
                self._read_on()
            else:
                return

    def on_headers_complete(self) -> None:
        """Take the head of a request, unless it is to be read once more."""
        if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            self._plain_head = self._without_upgrade()
        else:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Take the end of a request, unless its head is to be read once more."""
        if not self._plain_head:
            self.on_request_complete()

    @abstractmethod
    def on_request_complete(self) -> None:
        """Take the end of a request."""

    def _read_on(self) -> None:
        """Read the head again; behind a request for a tunnel, there is nothing to be read."""
        head, self._plain_head = self._plain_head, b""
        if head:
            self.parser = httptools.HttpRequestParser(self)  # the other may take it for the end
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
            self.parser.feed_data(head)
        else:
            self.cycle.keep_alive = False
            self._is_at_end = True

    def _without_upgrade(self) -> bytes:
        """Return the head that was read, without the field that asks for an upgrade."""
        line = self.parser.get_method(), self.url, self.parser.get_http_version().encode()
        fields = [b"%b: %b\r\n" % field for field in self.headers if field[0] != b"upgrade"]
        return b"%b %b HTTP/%b\r\n%b\r\n" % (*line, b"".join(fields))
