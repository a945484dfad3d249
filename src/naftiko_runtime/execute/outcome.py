"""What a call comes to, whichever face asked for it."""

from __future__ import annotations

from typing import Final

from naftiko_runtime.execute.upstream.message import Headers
from naftiko_runtime.values import ABSENT, Value, record

RELAYED_HEADERS: Final = frozenset(
    {
        b"content-type",
        b"content-language",
        b"etag",
        b"last-modified",
        b"cache-control",
        b"expires",
        b"vary",
        b"location",
        b"link",
        b"retry-after",
        b"x-request-id",
    }
)
RELAYED_PREFIXES: Final = (b"x-ratelimit-", b"ratelimit")


@record
class Outcome:
    """The answer to a call.

    Attributes:
        status: An HTTP status, 200 to 599.
        headers: What of upstream's headers may be passed on, `content-type` included.
        body: The answer's bytes.
        value: The value that the bytes stand for, where it was shaped here; else absent.
        step: The step whose upstream error this is, for people: `step 2 of 3, get-crew`; None
            where the answer is no step's error.
    """

    status: int
    headers: Headers
    body: bytes
    value: Value = ABSENT
    step: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether upstream answered with an error status."""
        return self.status >= 400

    def header(self, name: bytes) -> bytes | None:
        """Return the first value of a header, its name in lower case."""
        return next((value for key, value in self.headers if key == name), None)


def relayed(headers: Headers) -> Headers:
    """Return the headers of an upstream answer that callers may see, RFC 9110 section 7.6."""
    return tuple(
        [
            pair
            for pair in headers
            if pair[0] in RELAYED_HEADERS or pair[0].startswith(RELAYED_PREFIXES)
        ]
    )
