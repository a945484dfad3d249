"""Which client carries a request: the pooled one, or httpx where a proxy is in between."""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

from naftiko_runtime.execute.upstream.measured_client import MeasuredClient, OnExchange
from naftiko_runtime.execute.upstream.message import (
    StreamedBody,
    StreamedResponse,
    UpstreamClient,
    UpstreamLimits,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.execute.upstream.pooled import PooledClient
from naftiko_runtime.execute.upstream.proxies import environment_proxy
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline


class RoutedClient:
    """Carries requests directly, or through the proxy that the environment names.

    Args:
        limits: What the clients may use.
    """

    def __init__(self, limits: UpstreamLimits) -> None:
        self._limits = limits
        self._direct = PooledClient(limits)
        self._proxied: UpstreamClient | None = None
        self._chosen: dict[Origin, UpstreamClient] = {}
        self._on_exchange: OnExchange | None = None

    def send(
        self, request: UpstreamRequest, deadline: Deadline
    ) -> Coroutine[Any, Any, UpstreamResponse]:
        """Carry one request and read its whole answer: `UpstreamClient.send`."""
        client = self._chosen.get(request.origin) or self._choose(request.origin)
        return client.send(request, deadline)

    def stream(
        self, request: UpstreamRequest, body: StreamedBody | None, patience_seconds: float
    ) -> AbstractAsyncContextManager[StreamedResponse]:
        """Carry one request and its answer in pieces: `UpstreamClient.stream`."""
        client = self._chosen.get(request.origin) or self._choose(request.origin)
        return client.stream(request, body, patience_seconds)

    def measure(self, on_exchange: OnExchange) -> None:
        """Tell somebody of every exchange that begins from now on."""
        self._on_exchange = on_exchange
        self._chosen.clear()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._direct.aclose()
        if self._proxied is not None:
            await self._proxied.aclose()

    def _choose(self, origin: Origin) -> UpstreamClient:
        client: UpstreamClient
        client = self._direct if environment_proxy(origin) is None else self._through_proxy()
        if self._on_exchange is not None:
            client = MeasuredClient(client, self._on_exchange)
        self._chosen[origin] = client
        return client

    def _through_proxy(self) -> UpstreamClient:
        """Return httpx's client, which is imported where it is used, and not at every start."""
        from naftiko_runtime.execute.upstream.httpx_client import HttpxClient

        if self._proxied is None:
            self._proxied = HttpxClient(self._limits)
        return self._proxied
