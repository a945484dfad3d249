"""What goes over the seam to an upstream client, and what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import field
from typing import Any, Protocol, TypeAlias

from naftiko_runtime.limits import DEFAULT_LIMITS
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline, record

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]
"""Header pairs in order; names in lower case, values without surrounding white space."""


@record
class UpstreamRequest:
    """One request, complete but for `host` and `content-length`, which the client adds.

    Its representation leaves out what may hold credentials.

    Attributes:
        method: In upper case.
        origin: Where it goes.
        target: The request target in origin form: encoded path and query, from the first slash.
        headers: All headers but `host`, `content-length` and connection management.
        body: The body, or None where there is none (an empty body is `b""`).
    """

    method: str
    origin: Origin
    target: bytes = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


@record
class UpstreamResponse:
    """One final answer (never 1xx), its body complete and free of content encodings.

    Attributes:
        status: 200 to 599.
        headers: As they came, without `content-encoding` and `content-length` where the body was
            decoded, and without hop-by-hop headers.
        body: The whole body.
    """

    status: int
    headers: Headers
    body: bytes


@record
class StreamedBody:
    """A request's body that comes in pieces, each asked for when the one before it is sent.

    Attributes:
        pieces: The body.
        length: How many bytes all pieces have; None where nobody knows yet.
    """

    pieces: AsyncIterator[bytes]
    length: int | None


@record
class StreamedResponse:
    """One final answer whose body is still coming.

    Attributes:
        status: 200 to 599.
        headers: As they came, without hop-by-hop headers.
        pieces: The body, free of transfer codings, in its content encoding. Nothing is read ahead
            of who reads it but what has arrived together.
    """

    status: int
    headers: Headers
    pieces: AsyncIterator[bytes]


@record
class UpstreamLimits:
    """What an upstream client may use.

    Attributes:
        connect_seconds: How long a connection may take to stand, TLS included.
        response_bytes: How large a body may be, as it travels and decoded.
        head_bytes: How large status line and headers may be.
        connections: How many connections may be open to one origin.
        idle_seconds: How long an unused connection is kept.
    """

    connect_seconds: float = 5.0
    response_bytes: int = DEFAULT_LIMITS.response_bytes
    head_bytes: int = 64 * 1024
    connections: int = DEFAULT_LIMITS.upstream_connections
    idle_seconds: float = 30.0


class UpstreamClient(Protocol):
    """The one seam to the network: everything that carries requests implements it."""

    def send(
        self, request: UpstreamRequest, deadline: Deadline
    ) -> Coroutine[Any, Any, UpstreamResponse]:
        """Carry one request and read its whole answer. Redirects are answers, not followed.

        Raises:
            UpstreamUnreachable: No connection, or it was lost before the answer began.
            UpstreamProtocolError: The answer is not HTTP, or it breaks off.
            UpstreamTooLarge: The answer's head or body is over the limit.
            UpstreamTimeout: The deadline, or the limit for connecting, has passed.
        """
        ...

    def stream(
        self, request: UpstreamRequest, body: StreamedBody | None, patience_seconds: float
    ) -> AbstractAsyncContextManager[StreamedResponse]:
        """Carry one request and its answer in pieces; no size of a body is too large.

        Leaving the context before the answer is read to its end closes the connection. What the
        pieces of the request raise ends the exchange, and is raised here.

        Args:
            request: The request, its own `body` left empty.
            body: What it carries; None where there is nothing.
            patience_seconds: How long upstream may be silent: before the head of the answer, once
                it has the whole request, and before each further piece; and how long it may not
                take a piece. Time that the request's pieces take to come does not count.

        Raises:
            UpstreamUnreachable: No connection, or it was lost before the answer began.
            UpstreamProtocolError: The answer is not HTTP, or it breaks off.
            UpstreamTooLarge: The answer's head is over the limit.
            UpstreamTimeout: The patience, or the limit for connecting, is exhausted.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...
