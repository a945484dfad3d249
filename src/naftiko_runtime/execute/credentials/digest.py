"""Digest authentication, RFC 7616: a real challenge, a real response, nonces used again."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote
from urllib.request import parse_http_list, parse_keqv_list

from naftiko_runtime.execute.credentials.challenges import read_challenges
from naftiko_runtime.execute.upstream.message import Headers
from naftiko_runtime.plan.grants import DigestSecret

_HASHES: Final[dict[str, Callable[[bytes], str]]] = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "sha-256": lambda data: hashlib.sha256(data).hexdigest(),
    "sha-512-256": lambda data: hashlib.new("sha512_256", data).hexdigest(),
}
_STRONGEST_FIRST: Final = ("sha-512-256", "sha-256", "md5")


def _new_cnonce() -> str:
    return secrets.token_hex(16)


@dataclass(slots=True)
class Challenge:
    """What a server asks for, and how often its nonce was used.

    Attributes:
        parameters: The challenge's own, names in lower case.
        cnonce: The client's nonce, one for all responses to the challenge: `-sess` binds the first
            hash to it once and for all (RFC 7616 section 3.4.2).
        used: How many responses were computed with its nonce.
    """

    parameters: Mapping[str, str]
    cnonce: str = field(default_factory=_new_cnonce)
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

    @property
    def is_stale(self) -> bool:
        """Whether the secret was right, and only the nonce too old."""
        return self.says("stale")

    def says(self, parameter: str) -> bool:
        """Return whether a parameter is `true`."""
        return self.parameters.get(parameter, "").lower() == "true"

    def is_answerable(self) -> bool:
        """Return whether a response can be computed: known hash, `auth` or no protection."""
        known = self.algorithm in _HASHES and "nonce" in self.parameters
        return known and (self.quality is not None or not self.parameters.get("qop"))

    def hash(self, text: str) -> str:
        """Return the hash of a text in UTF-8."""
        return _HASHES[self.algorithm](text.encode())


def read_challenge(headers: Headers) -> Challenge | None:
    """Return the strongest digest challenge of a 401 that can be answered."""
    digests = [one for one in read_challenges(headers) if one.scheme == "digest"]
    answerable = [one for one in (Challenge(d.parameters) for d in digests) if one.is_answerable()]
    by_strength = sorted(answerable, key=lambda one: _STRONGEST_FIRST.index(one.algorithm))
    return by_strength[0] if by_strength else None


@dataclass(slots=True)
class DigestSession:
    """The nonce that a server gave, kept for the next calls with one secret."""

    secret: DigestSecret
    challenge: Challenge | None = None

    def authorization(self, method: str, target: bytes) -> bytes | None:
        """Return the header for a request; None before the first challenge."""
        challenge = self.challenge
        if challenge is None:
            return None
        challenge.used += 1
        return _authorization(self.secret, challenge, method, target.decode())

    def learns(self, headers: Headers, *, refused: bool, again: bool) -> bool:
        """Take what an answer teaches; tell whether the request may fare better now.

        A proof that is wrong is forgotten, so that the next call does not repeat it before it is
        asked: servers count.

        Args:
            headers: The answer's.
            refused: Whether it is a 401.
            again: Whether the proof was made for a challenge of this very call.
        """
        if not refused:
            self._take_next_nonce(headers)
            return False
        challenge = read_challenge(headers)
        if challenge is not None and again and not challenge.is_stale:
            challenge = None
        self.challenge = challenge
        return challenge is not None

    def _take_next_nonce(self, headers: Headers) -> None:
        """Go on with the nonce that an answer gives for the next request (section 3.5)."""
        if self.challenge is None:
            return
        for name, text in headers:
            if name == b"authentication-info":
                parts = [one for one in parse_http_list(text.decode("latin-1")) if "=" in one]
                following = parse_keqv_list(parts).get("nextnonce")
                if following:
                    parameters = {**self.challenge.parameters, "nonce": following}
                    self.challenge = Challenge(parameters)


def _authorization(secret: DigestSecret, challenge: Challenge, method: str, uri: str) -> bytes:
    parameters, cnonce, quality = challenge.parameters, challenge.cnonce, challenge.quality
    realm, nonce = parameters.get("realm", ""), parameters["nonce"]
    count = f"{challenge.used:08x}"
    first = challenge.hash(f"{secret.username}:{realm}:{secret.password}")
    if challenge.with_session:
        first = challenge.hash(f"{first}:{nonce}:{cnonce}")
    second = challenge.hash(f"{method}:{uri}")
    middle = f"{nonce}:{count}:{cnonce}:{quality}" if quality else nonce
    fields = [
        *_user(secret.username, realm, challenge),
        ("realm", _quoted(realm)),
        ("nonce", _quoted(nonce)),
        ("uri", _quoted(uri)),
        ("response", _quoted(challenge.hash(f"{first}:{middle}:{second}"))),
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


def _user(username: str, realm: str, challenge: Challenge) -> list[tuple[str, str]]:
    """Return who calls: as a hash or in RFC 8187's form where the server takes them."""
    if challenge.says("userhash"):
        hashed = challenge.hash(f"{username}:{realm}")
        return [("username", _quoted(hashed)), ("userhash", "true")]
    takes_utf8 = challenge.parameters.get("charset", "").lower() == "utf-8"
    if takes_utf8 and not username.isascii():
        return [("username*", f"UTF-8''{quote(username, safe='')}")]
    return [("username", _quoted(username))]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
