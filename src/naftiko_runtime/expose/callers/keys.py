"""The public keys of an authorization server: RFC 7517, kept, and fetched again with restraint."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from naftiko_runtime.errors import CallerUnverifiable
from naftiko_runtime.execute.upstream.message import UpstreamClient
from naftiko_runtime.expose.callers.discovery import Metadata
from naftiko_runtime.expose.callers.documents import fetch, unverifiable
from naftiko_runtime.values import Json

FRESH_SECONDS: Final = 300.0
KEEP_SECONDS: Final = 3600.0
AGAIN_SECONDS: Final = 30.0
RETRY_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 10.0
MOST_KEYS: Final = 64
MOST_TRIED: Final = 8
LEAST_RSA_BITS: Final = 2048

_RSA: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_FITTING: Final[dict[tuple[str, str | None], frozenset[str]]] = {
    ("RSA", None): _RSA,
    ("EC", "P-256"): frozenset({"ES256"}),
    ("EC", "P-384"): frozenset({"ES384"}),
    ("EC", "P-521"): frozenset({"ES512"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA"}),
    ("OKP", "Ed448"): frozenset({"EdDSA"}),
}
"""The algorithms that a key may be used with, by its type and curve; shared secrets have none."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that signatures are checked with.

    Attributes:
        kid: Its name; None where it has none.
        algorithms: What it may be used with.
        key: As the cryptography library has it.
    """

    kid: str | None
    algorithms: frozenset[str]
    key: Any


class KeySource:
    """Gets and keeps the keys of one server.

    Keys are good for some minutes, and longer while the server can't be reached. A key that is
    not known makes them be fetched again, but only so often, whatever callers send.

    Args:
        url: Where they are; None where the server's metadata has to tell.
        metadata: The server's.
        client: Carries the requests.
        clock: Seconds that never run back.
    """

    def __init__(
        self,
        url: str | None,
        metadata: Metadata,
        client: UpstreamClient,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._metadata = metadata
        self._client = client
        self._clock = clock
        self._keys: tuple[PublicKey, ...] = ()
        self._fetched = float("-inf")
        self._not_before = float("-inf")
        self._fetching = asyncio.Lock()

    @property
    def is_usable(self) -> bool:
        """Whether there are keys at all that are not too old."""
        return self._clock() < self._fetched + KEEP_SECONDS

    def find(self, kid: str | None, algorithm: str) -> list[PublicKey]:
        """Return the keys that a signature may have been made with, a few at most.

        Args:
            kid: What the token calls the key; None where it does not.
            algorithm: What the token says it is signed with.
        """
        found = [
            one
            for one in self._keys
            if algorithm in one.algorithms and (kid is None or one.kid == kid)
        ]
        return found[:MOST_TRIED]

    def wants_fetching(self, kid: str | None) -> bool:
        """Return whether keys should be fetched before a token is judged, and may be by now."""
        now = self._clock()
        if now < self._not_before:
            return False
        is_known = any(kid is None or one.kid == kid for one in self._keys)
        return not is_known or now >= self._fetched + FRESH_SECONDS

    async def refresh(self, kid: str | None) -> None:
        """Fetch the keys if that is wanted; whoever comes meanwhile waits for the same keys.

        Raises:
            CallerUnverifiable: They can't be had, and there are none from before.
        """
        async with self._fetching:
            if self.wants_fetching(kid):
                try:
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        await self._fetch()
                except (CallerUnverifiable, TimeoutError):
                    self._not_before = self._clock() + RETRY_SECONDS
                    self._metadata.forget()
        if not self.is_usable:
            raise unverifiable("the authorization server's keys can't be had")

    async def _fetch(self) -> None:
        url = self._url or await self._metadata.endpoint("jwks_uri")
        found = await fetch(self._client, url)
        listed = found.get("keys") if found is not None else None
        if not isinstance(listed, list):
            raise unverifiable("the authorization server's keys can't be read")
        self._keys = tuple(_usable(listed[:MOST_KEYS]))
        self._fetched = self._clock()
        self._not_before = self._fetched + AGAIN_SECONDS


def _usable(listed: Iterable[Json]) -> Iterable[PublicKey]:
    for one in listed:
        if isinstance(one, dict) and one.get("use", "sig") == "sig":
            key = _read(one)
            if key is not None:
                yield key


def _read(listed: dict[str, Json]) -> PublicKey | None:
    """Return a public key; None where it is of no use here, weak, or not public at all."""
    kind, curve, kid = listed.get("kty"), listed.get("crv"), listed.get("kid")
    algorithms = _FITTING.get((str(kind), None if curve is None else str(curve)), frozenset())
    if "alg" in listed:
        algorithms &= {str(listed["alg"])}
    if not algorithms or "d" in listed:
        return None
    try:
        key = jwt.PyJWK(listed, algorithm=min(algorithms)).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if isinstance(key, RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        return None
    return PublicKey(kid if isinstance(kid, str) else None, algorithms, key)
