"""Sends requests whose credentials are obtained or computed on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from naftiko_runtime.errors import UpstreamTimeout
from naftiko_runtime.execute.credentials.digest import DigestSession, read_challenge
from naftiko_runtime.execute.credentials.oauth2 import TokenSource
from naftiko_runtime.execute.upstream.message import (
    Headers,
    Origin,
    StreamedBody,
    StreamedResponse,
    UpstreamClient,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.plan.grants import DigestSecret, Grant, OAuth2Grant
from naftiko_runtime.values import Deadline

_AUTHORIZATION: Final = b"authorization"
_REFUSED: Final = 401


class Authoriser:
    """Keeps tokens and nonces, and adds them to requests.

    Args:
        client: Carries requests, those to authorization servers too.
    """

    def __init__(self, client: UpstreamClient) -> None:
        self._client = client
        self._sources: dict[OAuth2Grant, TokenSource] = {}
        self._sessions: dict[tuple[DigestSecret, Origin], DigestSession] = {}

    async def send(
        self, grant: Grant, request: UpstreamRequest, deadline: Deadline
    ) -> UpstreamResponse:
        """Carry a request with its credentials, once more after a 401.

        A caller's own `Authorization` goes before all of it.
        """
        if _is_authorized(request):
            return await self._client.send(request, deadline)
        first = await self._proved(grant, request, deadline)
        response = await self._client.send(first, deadline)
        if not self._learns(grant, first, response.status, response.headers):
            return response
        second = await self._proved(grant, request, deadline)
        return await self._client.send(second, deadline)

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
            yield response

    async def aclose(self) -> None:
        """End what is under way."""
        await asyncio.gather(*(source.aclose() for source in self._sources.values()))

    async def _proved(
        self, grant: Grant, request: UpstreamRequest, deadline: Deadline
    ) -> UpstreamRequest:
        """Return a request with its credentials, as far as they are known before a challenge."""
        if isinstance(grant, OAuth2Grant):
            token = await _in_time(self._source(grant), deadline)
            return _authorized(request, f"Bearer {token}")
        value = self._session(grant, request.origin).authorization(request.method, request.target)
        return request if value is None else _authorized(request, value.decode())

    def _learns(self, grant: Grant, sent: UpstreamRequest, status: int, headers: Headers) -> bool:
        """Take what a 401 teaches; tell whether the request may fare better now."""
        if status != _REFUSED:
            return False
        if isinstance(grant, OAuth2Grant):
            value = dict(sent.headers)[_AUTHORIZATION].decode()
            self._source(grant).forget(value.removeprefix("Bearer "))
            return True
        challenge = read_challenge(headers)
        if challenge is not None:
            self._session(grant, sent.origin).challenge = challenge
        return challenge is not None

    def _source(self, grant: OAuth2Grant) -> TokenSource:
        return self._sources.setdefault(grant, TokenSource(grant, self._client))

    def _session(self, secret: DigestSecret, origin: Origin) -> DigestSession:
        return self._sessions.setdefault((secret, origin), DigestSession(secret))


async def _in_time(source: TokenSource, deadline: Deadline) -> str:
    try:
        return await source.token(deadline)
    except TimeoutError as error:
        raise UpstreamTimeout("The authorization server did not answer in time.") from error


def _authorized(request: UpstreamRequest, value: str) -> UpstreamRequest:
    header = (_AUTHORIZATION, value.encode())
    return replace(request, headers=(header, *request.headers))


def _is_authorized(request: UpstreamRequest) -> bool:
    return any(name == _AUTHORIZATION for name, _ in request.headers)
