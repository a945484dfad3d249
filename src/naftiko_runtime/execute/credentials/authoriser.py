"""Sends requests whose credentials are obtained or computed on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from naftiko_runtime.execute.credentials.digest import DigestSession
from naftiko_runtime.execute.credentials.oauth2 import TokenSource
from naftiko_runtime.execute.upstream.message import (
    Headers,
    StreamedBody,
    StreamedResponse,
    UpstreamClient,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.plan.grants import DigestSecret, Grant, OAuth2Grant
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline

_AUTHORIZATION: Final = b"authorization"
_REFUSED: Final = 401
_ATTEMPTS: Final = 3


class Authoriser:
    """Keeps tokens and nonces, and adds them to requests.

    Args:
        client: Carries requests, those to authorization servers too.
    """

    def __init__(self, client: UpstreamClient) -> None:
        self._client = client
        self._sources: dict[tuple[OAuth2Grant, Origin | None], TokenSource] = {}
        self._sessions: dict[tuple[DigestSecret, Origin], DigestSession] = {}

    async def send(
        self, grant: Grant, request: UpstreamRequest, deadline: Deadline
    ) -> UpstreamResponse:
        """Carry a request with its credentials, once more after a 401.

        A nonce that is outdated by then is worth a third attempt.

        A caller's own `Authorization` goes before all of it.
        """
        if _is_authorized(request):
            return await self._client.send(request, deadline)
        for attempt in range(_ATTEMPTS):
            sent = await self._proved(grant, request, deadline)
            response = await self._client.send(sent, deadline)
            status, headers = response.status, response.headers
            if not self._learns(grant, sent, status, headers, again=attempt > 0):
                break
        return response

    @asynccontextmanager
    async def stream(
        self,
        grant: Grant | None,
        request: UpstreamRequest,
        body: StreamedBody | None,
        patience_seconds: float,
    ) -> AsyncIterator[StreamedResponse]:
        """Carry a request in pieces with its credentials: `UpstreamClient.stream`.

        After a 401 only a request without a body is sent once more. With a body, the next request
        profits from what the 401 has taught.
        """
        if grant is None or _is_authorized(request):
            async with self._client.stream(request, body, patience_seconds) as response:
                yield response
            return
        first = await self._proved(grant, request, Deadline.after(patience_seconds))
        async with self._client.stream(first, body, patience_seconds) as response:
            learns = self._learns(grant, first, response.status, response.headers)
            if not learns or body is not None:
                yield response
                return
        second = await self._proved(grant, request, Deadline.after(patience_seconds))
        async with self._client.stream(second, None, patience_seconds) as response:
            self._learns(grant, second, response.status, response.headers, again=True)
            yield response

    async def aclose(self) -> None:
        """End what is under way."""
        await asyncio.gather(*(source.aclose() for source in self._sources.values()))

    async def _proved(
        self, grant: Grant, request: UpstreamRequest, deadline: Deadline
    ) -> UpstreamRequest:
        """Return a request with its credentials, as far as they are known before a challenge."""
        if isinstance(grant, OAuth2Grant):
            token = await self._source(grant, request.origin).token(deadline)
            return _authorized(request, f"Bearer {token}")
        value = self._session(grant, request.origin).authorization(request.method, request.target)
        return request if value is None else _authorized(request, value.decode())

    def _learns(
        self,
        grant: Grant,
        sent: UpstreamRequest,
        status: int,
        headers: Headers,
        *,
        again: bool = False,
    ) -> bool:
        """Take what an answer teaches; tell whether the request may fare better now.

        Args:
            grant: The credentials.
            sent: The request as it was sent.
            status: The answer's.
            headers: The answer's.
            again: Whether the request was sent before, so that another proof would be as wrong.
        """
        if isinstance(grant, DigestSecret):
            session = self._session(grant, sent.origin)
            return session.learns(headers, refused=status == _REFUSED, again=again)
        if status != _REFUSED or again:
            return False
        value = dict(sent.headers)[_AUTHORIZATION].decode()
        self._source(grant, sent.origin).forget(value.removeprefix("Bearer "))
        return True

    def _source(self, grant: OAuth2Grant, origin: Origin) -> TokenSource:
        key = (grant, origin if origin.tls is not None else None)
        source = self._sources.get(key)
        if source is None:
            source = self._sources[key] = TokenSource(grant, self._client, origin)
        return source

    def _session(self, secret: DigestSecret, origin: Origin) -> DigestSession:
        return self._sessions.setdefault((secret, origin), DigestSession(secret))


def _authorized(request: UpstreamRequest, value: str) -> UpstreamRequest:
    header = (_AUTHORIZATION, value.encode())
    return replace(request, headers=(header, *request.headers))


def _is_authorized(request: UpstreamRequest) -> bool:
    return any(name == _AUTHORIZATION for name, _ in request.headers)
