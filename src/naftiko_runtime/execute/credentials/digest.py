"""Digest authentication, RFC 7616: a real challenge, a real response, nonces used again."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.request import parse_http_list, parse_keqv_list

from naftiko_runtime.execute.upstream.message import Headers
from naftiko_runtime.plan.grants import DigestSecret

_HASHES: Final[dict[str, Callable[[bytes], str]]] = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "sha-256": lambda data: hashlib.sha256(data).hexdigest(),
    "sha-512-256": lambda data: hashlib.new("sha512_256", data).hexdigest(),
}
_SCHEME: Final = "digest "
_STRONGEST_FIRST: Final = ("sha-512-256", "sha-256", "md5")


@dataclass(slots=True)
class Challenge:
    """What a server asks for, and how often its nonce was used.

    Attributes:
        parameters: The challenge's own, names in lower case.
        used: How many responses were computed with its nonce.
    """

    parameters: Mapping[str, str]
    used: int = 0

    @property
    def algorithm(self) -> str:
        """The hash, without `-sess`."""
        return self.parameters.get("algorithm", "MD5").lower().removesuffix("-sess")

    @property
    def with_session(self) -> bool:
        """Whether the first hash is bound to nonce and cnonce."""
        return self.parameters.get("algorithm", "").lower().endswith("-sess")

    @property
    def quality(self) -> str | None:
        """`auth` where the server offers a quality of protection; None where it offers none."""
        offered = [one.strip().lower() for one in self.parameters.get("qop", "").split(",")]
        return "auth" if "auth" in offered else None

    def is_answerable(self) -> bool:
        """Return whether a response can be computed: known hash, `auth` or no protection."""
        known = self.algorithm in _HASHES and "nonce" in self.parameters
        return known and (self.quality is not None or not self.parameters.get("qop"))


def read_challenge(headers: Headers) -> Challenge | None:
    """Return the strongest digest challenge of a 401 that can be answered."""
    found = [
        Challenge({name.lower(): value for name, value in parse_keqv_list(parts).items()})
        for name, text in headers
        if name == b"www-authenticate" and text[:7].lower() == _SCHEME.encode()
        for parts in [[part for part in parse_http_list(text[7:].decode("latin-1")) if "=" in part]]
    ]
    answerable = [challenge for challenge in found if challenge.is_answerable()]
    by_strength = sorted(answerable, key=lambda one: _STRONGEST_FIRST.index(one.algorithm))
    return by_strength[0] if by_strength else None


@dataclass(slots=True)
class DigestSession:
    """The nonce that a server gave, kept for the next calls with one secret."""

    secret: DigestSecret
    challenge: Challenge | None = None
    cnonce: Callable[[], str] = field(default=lambda: secrets.token_hex(16))

    def authorization(self, method: str, target: bytes) -> bytes | None:
        """Return the header for a request; None before the first challenge."""
        challenge = self.challenge
        if challenge is None:
            return None
        challenge.used += 1
        return _authorization(self.secret, challenge, method, target.decode(), self.cnonce())


def _authorization(
    secret: DigestSecret, challenge: Challenge, method: str, uri: str, cnonce: str
) -> bytes:
    parameters = challenge.parameters
    realm, nonce = parameters.get("realm", ""), parameters["nonce"]
    count = f"{challenge.used:08x}"

    def digest(text: str) -> str:
        return _HASHES[challenge.algorithm](text.encode())

    first = digest(f"{secret.username}:{realm}:{secret.password}")
    if challenge.with_session:
        first = digest(f"{first}:{nonce}:{cnonce}")
    second = digest(f"{method}:{uri}")
    quality = challenge.quality
    middle = f"{nonce}:{count}:{cnonce}:{quality}" if quality else nonce
    response = digest(f"{first}:{middle}:{second}")
    fields = [
        ("username", _quoted(secret.username)),
        ("realm", _quoted(realm)),
        ("nonce", _quoted(nonce)),
        ("uri", _quoted(uri)),
        ("response", _quoted(response)),
    ]
    if "algorithm" in parameters:
        fields.append(("algorithm", parameters["algorithm"]))
    if "opaque" in parameters:
        fields.append(("opaque", _quoted(parameters["opaque"])))
    if quality or challenge.with_session:
        fields.append(("cnonce", _quoted(cnonce)))
    if quality:
        fields += [("qop", quality), ("nc", count)]
    return ("Digest " + ", ".join(f"{name}={value}" for name, value in fields)).encode()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
