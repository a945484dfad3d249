"""The client: which connection, and whether to try once more."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Final, NamedTuple

from naftiko_runtime.errors import UpstreamTimeout, UpstreamUnreachable
from naftiko_runtime.execute.upstream.answer import upstream_response
from naftiko_runtime.execute.upstream.message import (
    StreamedBody,
    StreamedResponse,
    UpstreamLimits,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.execute.upstream.patience import Patience
from naftiko_runtime.execute.upstream.pooled.connection import Connection, LostBeforeAnswer
from naftiko_runtime.execute.upstream.pooled.head import RequestHeads
from naftiko_runtime.execute.upstream.pooled.pool import Pool
from naftiko_runtime.execute.upstream.pooled.streaming import StreamedExchange
from naftiko_runtime.execute.upstream.trust import Trust
from naftiko_runtime.execute.upstream.wire import IDEMPOTENT_METHODS
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline

_DEFAULT_LIMITS: Final = UpstreamLimits()


class _Destination(NamedTuple):
    """What is kept for one origin."""

    pool: Pool
    heads: RequestHeads


class PooledClient:
    """Carries requests over HTTP/1.1, directly: proxies and HTTP/2 are not for it.

    An idempotent request whose kept connection turns out dead before any byte of an answer is sent
    once more over a new one (RFC 9110 9.2.2, RFC 9112 9.3.1).
    """

    def __init__(
        self, limits: UpstreamLimits = _DEFAULT_LIMITS, *, verify: ssl.SSLContext | None = None
    ) -> None:
        """Prepare the client; no connection is made yet.

        Args:
            limits: What it may use.
            verify: How TLS is done; None trusts the system's authorities.
        """
        self._limits = limits
        self._trust = Trust(verify)
        self._closed = False
        self._destinations: dict[Origin, _Destination] = {}

    async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        """Carry one request and read its whole answer: `UpstreamClient.send`.

        Raises:
            ValueError: Something in the request is not fit to be sent.
        """
        if deadline.at <= monotonic():
            detail = "There was no time left to ask the upstream API."
            raise UpstreamTimeout(detail, unsent=True)
        pool, heads = self._destinations.get(request.origin) or self._destination(request.origin)
        head, body, head_only = heads.head(request), request.body, request.method == "HEAD"
        connection = await pool.connection(deadline)
        try:
            received = await connection.exchange(head, body, deadline.at, head_only=head_only)
        except LostBeforeAnswer:
            if connection.exchanges == 1 or request.method not in IDEMPOTENT_METHODS:
                raise
            connection = await pool.connection(deadline, fresh=True)
            received = await connection.exchange(head, body, deadline.at, head_only=head_only)
        return upstream_response(*received, self._limits.response_bytes)

    @asynccontextmanager
    async def stream(
        self, request: UpstreamRequest, body: StreamedBody | None, patience_seconds: float
    ) -> AsyncIterator[StreamedResponse]:
        """Carry one request and its answer in pieces: `UpstreamClient.stream`.

        Only a request without a body is sent once more: pieces that are gone do not come again.

        Raises:
            ValueError: Something in the request is not fit to be sent.
        """
        pool, heads = self._destinations.get(request.origin) or self._destination(request.origin)
        head, head_only = heads.streamed(request, body), request.method == "HEAD"
        exchange, connection = await self._streamed(pool, patience_seconds)
        try:
            response = await exchange.begin(head, body, head_only=head_only)
        except LostBeforeAnswer:
            is_repeatable = body is None and request.method in IDEMPOTENT_METHODS
            if connection.exchanges == 1 or not is_repeatable:
                raise
            exchange, _ = await self._streamed(pool, patience_seconds, fresh=True)
            response = await exchange.begin(head, None, head_only=head_only)
        try:
            yield response
        finally:
            await exchange.aclose()

    async def aclose(self) -> None:
        """Close every connection; requests that run end with an `UpstreamError`."""
        self._closed = True
        pools = [destination.pool for destination in self._destinations.values()]
        await asyncio.gather(*(pool.aclose() for pool in pools))

    async def _streamed(
        self, pool: Pool, patience_seconds: float, *, fresh: bool = False
    ) -> tuple[StreamedExchange, Connection]:
        connection = await pool.connection(Deadline.after(patience_seconds), fresh=fresh)
        exchange = StreamedExchange(connection, self._limits, Patience(patience_seconds))
        return exchange, connection

    def _destination(self, origin: Origin) -> _Destination:
        if self._closed:
            detail = "The client of the upstream API is closed."
            raise UpstreamUnreachable(detail, unsent=True, lasting=True)
        trust = self._trust.context(origin) if origin.scheme == "https" else None
        destination = _Destination(Pool(origin, self._limits, trust), RequestHeads(origin))
        self._destinations[origin] = destination
        return destination
