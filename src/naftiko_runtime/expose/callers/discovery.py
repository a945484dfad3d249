"""What an authorization server says of itself: RFC 8414, and OpenID Connect Discovery 1.0."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from naftiko_runtime.errors import CallerUnverifiable
from naftiko_runtime.execute.credentials.metadata import is_own, is_trusted, metadata_urls
from naftiko_runtime.execute.upstream.message import UpstreamClient
from naftiko_runtime.expose.callers.documents import fetch, unverifiable
from naftiko_runtime.values import Json

KEEP_SECONDS: Final = 3600.0


class Metadata:
    """Finds and keeps the metadata of one server.

    Args:
        server: The issuer.
        client: Carries the requests.
        clock: Seconds that never run back.
    """

    def __init__(
        self,
        server: str,
        client: UpstreamClient,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server.rstrip("/")
        self._client = client
        self._clock = clock
        self._found: dict[str, Json] | None = None
        self._until = 0.0

    async def endpoint(self, name: str) -> str:
        """Return a URL of the server's, such as its `jwks_uri`.

        Raises:
            CallerUnverifiable: The server can't be reached, or does not name it.
        """
        if self._found is None or self._clock() >= self._until:
            self._found = await self._discover(name)
            self._until = self._clock() + KEEP_SECONDS
        url = self._found.get(name)
        if not isinstance(url, str) or not is_trusted(url, self._server):
            raise unverifiable(f"the authorization server's metadata has no usable '{name}'")
        return url

    def forget(self) -> None:
        """Look again the next time: what was found has led nowhere."""
        self._found = None

    async def _discover(self, name: str) -> dict[str, Json]:
        """Return the first metadata that is the server's own and has what is asked for.

        Metadata of another issuer must not be used, RFC 8414 section 3.3.
        """
        failure: CallerUnverifiable | None = None
        for url in metadata_urls(self._server):
            try:
                found = await fetch(self._client, url)
            except CallerUnverifiable as error:
                failure = error
                continue
            if found is not None and name in found and is_own(found, self._server):
                return found
        raise failure or unverifiable("the authorization server has no usable metadata")
