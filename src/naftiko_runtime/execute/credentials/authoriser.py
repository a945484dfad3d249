"""Sends requests whose credentials are obtained or computed on the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from naftiko_runtime.errors import UpstreamTimeout
from naftiko_runtime.execute.credentials.digest import DigestSession, read_challenge
from naftiko_runtime.execute.credentials.oauth2 import TokenSource
from naftiko_runtime.execute.upstream.message import (
    Origin,
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
        if any(name == _AUTHORIZATION for name, _ in request.headers):
            return await self._client.send(request, deadline)
        if isinstance(grant, OAuth2Grant):
            return await self._with_token(grant, request, deadline)
        return await self._with_digest(grant, request, deadline)

    async def aclose(self) -> None:
        """End what is under way."""
        await asyncio.gather(*(source.aclose() for source in self._sources.values()))

    async def _with_token(
        self, grant: OAuth2Grant, request: UpstreamRequest, deadline: Deadline
    ) -> UpstreamResponse:
        source = self._sources.setdefault(grant, TokenSource(grant, self._client))
        token = await _in_time(source, deadline)
        response = await self._client.send(_authorized(request, f"Bearer {token}"), deadline)
        if response.status != _REFUSED:
            return response
        source.forget(token)
        token = await _in_time(source, deadline)
        return await self._client.send(_authorized(request, f"Bearer {token}"), deadline)

    async def _with_digest(
        self, secret: DigestSecret, request: UpstreamRequest, deadline: Deadline
    ) -> UpstreamResponse:
        key = (secret, request.origin)
        session = self._sessions.setdefault(key, DigestSession(secret))
        response = await self._client.send(_digested(request, session), deadline)
        if response.status != _REFUSED:
            return response
        challenge = read_challenge(response.headers)
        if challenge is None:
            return response
        session.challenge = challenge
        return await self._client.send(_digested(request, session), deadline)


async def _in_time(source: TokenSource, deadline: Deadline) -> str:
    try:
        return await source.token(deadline)
    except TimeoutError as error:
        raise UpstreamTimeout("The authorization server did not answer in time.") from error


def _authorized(request: UpstreamRequest, value: str) -> UpstreamRequest:
    header = (_AUTHORIZATION, value.encode())
    return replace(request, headers=(header, *request.headers))


def _digested(request: UpstreamRequest, session: DigestSession) -> UpstreamRequest:
    value = session.authorization(request.method, request.target)
    return request if value is None else _authorized(request, value.decode())
