"""A client that tells how each exchange with upstream ended, and how long it took."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter
from typing import TypeAlias

from naftiko_runtime.errors import UpstreamError
from naftiko_runtime.execute.upstream.message import (
    StreamedBody,
    StreamedResponse,
    UpstreamClient,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.values import Deadline

OnExchange: TypeAlias = Callable[[str, str, int | str, float], None]
"""Takes method and host of a request, the answer's status or an error's code, and the seconds."""


class MeasuredClient:
    """Carries requests with another client.

    What is given up before there is an answer says nothing about upstream, and is not told of.

    Args:
        client: Carries the requests; whoever made it closes it.
        on_exchange: Told of every one.
    """

    def __init__(self, client: UpstreamClient, on_exchange: OnExchange) -> None:
        self._client = client
        self._on_exchange = on_exchange

    async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        """Carry one request and read its whole answer: `UpstreamClient.send`."""
        started = perf_counter()
        try:
            response = await self._client.send(request, deadline)
        except UpstreamError as error:
            self._tell(request, error.code, started)
            raise
        self._tell(request, response.status, started)
        return response

    @asynccontextmanager
    async def stream(
        self, request: UpstreamRequest, body: StreamedBody | None, patience_seconds: float
    ) -> AsyncIterator[StreamedResponse]:
        """Carry one request and its answer in pieces: `UpstreamClient.stream`."""
        started = perf_counter()
        outcome: int | str | None = None
        try:
            async with self._client.stream(request, body, patience_seconds) as response:
                outcome = response.status
                yield response
        except UpstreamError as error:
            outcome = error.code
            raise
        finally:
            if outcome is not None:
                self._tell(request, outcome, started)

    async def aclose(self) -> None:
        """Leave the connections to who made the client."""

    def _tell(self, request: UpstreamRequest, outcome: int | str, started: float) -> None:
        self._on_exchange(request.method, request.origin.host, outcome, perf_counter() - started)
