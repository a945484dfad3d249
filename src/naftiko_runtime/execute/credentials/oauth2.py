"""Access tokens: asked for once for all waiting calls, kept until shortly before they expire."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import field, replace
from typing import Final

from naftiko_runtime.errors import (
    UpstreamCredentialRefused,
    UpstreamError,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from naftiko_runtime.execute.credentials.metadata import is_own, is_trusted, metadata_urls
from naftiko_runtime.execute.credentials.token_answers import (
    access_token,
    json_object,
    seconds_of_use,
)
from naftiko_runtime.execute.credentials.token_requests import metadata_request, token_request
from naftiko_runtime.execute.upstream.message import (
    UpstreamClient,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.plan.grants import OAuth2Grant
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline, Json, record

ASK_SECONDS: Final = 15.0
_LATE: Final = "The authorization server did not answer in time."


@record
class AccessToken:
    """A token and the moment until which it is used, on the monotonic clock."""

    value: str = field(repr=False)
    until: float


class TokenSource:
    """Gets and keeps the access token of one grant.

    A refresh token that the server replaces is kept in memory: when the process starts anew it
    begins with the one of the document.

    Args:
        grant: How it is asked for.
        client: Carries the requests to the authorization server.
        api: Where the token goes; an authorization server at the same place is spoken to by the
            same TLS identity.
        clock: Seconds that never run back.
    """

    def __init__(
        self,
        grant: OAuth2Grant,
        client: UpstreamClient,
        api: Origin,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._grant = grant
        self._client = client
        self._api = api
        self._clock = clock
        self._token: AccessToken | None = None
        self._refresh_token = grant.refresh_token
        self._endpoint = grant.token_endpoint
        self._asking: asyncio.Task[str] | None = None

    async def token(self, deadline: Deadline) -> str:
        """Return a token that is still good; all calls that wait share one request for it.

        Raises:
            UpstreamCredentialRefused: The authorization server gives none.
            UpstreamUnreachable: It can't be reached.
            UpstreamTimeout: It does not answer in time.
        """
        if self._token is not None and self._clock() < self._token.until:
            return self._token.value
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(_look_at)
        asking = self._asking
        await asyncio.wait([asking], timeout=deadline.remaining())
        if not asking.done():
            raise UpstreamTimeout(_LATE, elsewhere=True)
        if asking.cancelled():
            raise UpstreamUnreachable("The client of the upstream API is closed.")
        return asking.result()

    def forget(self, token: str) -> None:
        """Drop a token that upstream refused, so that the next call asks for another."""
        if self._token is not None and self._token.value == token:
            self._token = None

    async def aclose(self) -> None:
        """End a request that is under way."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> str:
        deadline = Deadline.after(ASK_SECONDS)
        if self._endpoint is None:
            self._endpoint = await self._discover(deadline)
        request = token_request(self._grant, self._endpoint, self._refresh_token)
        response = await self._send(request, deadline)
        answer = json_object(response)
        token = access_token(response, answer)
        renewed = answer.get("refresh_token")
        if self._refresh_token is not None and isinstance(renewed, str) and renewed:
            self._refresh_token = renewed
        self._token = AccessToken(token, self._clock() + seconds_of_use(answer))
        return token

    async def _discover(self, deadline: Deadline) -> str:
        """Return the token endpoint that the first usable metadata of the server's own names."""
        server = (self._grant.server or "").rstrip("/")
        for url in metadata_urls(server):
            response = await self._send(metadata_request(url), deadline)
            metadata: dict[str, Json] = json_object(response) if response.status == 200 else {}
            endpoint = metadata.get("token_endpoint")
            if not is_own(metadata, server) or not isinstance(endpoint, str):
                continue
            if is_trusted(endpoint, server):
                return endpoint
        raise UpstreamCredentialRefused(
            "the authorization server has no metadata of its own that names a token endpoint"
        )

    async def _send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        if request.origin == self._api._replace(tls=None):
            request = replace(request, origin=self._api)
        try:
            return await self._client.send(request, deadline)
        except UpstreamTimeout as error:
            raise UpstreamTimeout(_LATE, elsewhere=True) from error
        except UpstreamUnreachable as error:
            detail = "The authorization server can't be reached."
            raise UpstreamUnreachable(detail, elsewhere=True) from error
        except (UpstreamError, ValueError) as error:
            detail = "the authorization server's answer is not usable"
            raise UpstreamCredentialRefused(detail) from error


def _look_at(asking: asyncio.Task[str]) -> None:
    """Take note of a failure, for which nobody may be waiting any more."""
    if not asking.cancelled():
        asking.exception()
