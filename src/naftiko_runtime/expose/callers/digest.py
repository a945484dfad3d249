"""Digest authentication as servers do it, RFC 7616."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote
from urllib.request import parse_http_list, parse_keqv_list

from naftiko_runtime.expose.callers.caller import Caller, authorization
from naftiko_runtime.expose.callers.challenges import REALM, digest_challenges
from naftiko_runtime.expose.callers.nonces import Nonces, NonceUse
from naftiko_runtime.expose.callers.refusals import ProofMissing, ProofStale, ProofWrong, Refusal
from naftiko_runtime.plan.proofs import DigestCheck

if TYPE_CHECKING:
    from starlette.types import Scope

_COUNT: Final = re.compile(r"[0-9a-fA-F]{8}")
_WRITTEN_IN_UTF_8: Final = "utf-8''"
_SESSION: Final = "-sess"


@dataclass(frozen=True, slots=True)
class _Response:
    """What a client sent.

    Attributes:
        username: As whom.
        algorithm: In lower case.
        nonce: The server's.
        count: How often the client has used it, as it was written.
        cnonce: The client's own nonce.
        uri: The request target that it signed.
        digest: What proves that it knows the password.
    """

    username: str
    algorithm: str
    nonce: str
    count: str
    cnonce: str
    uri: str
    digest: str

    def expected(self, secret: str, method: str) -> str:
        """Return the digest of somebody who knows the password.

        Args:
            secret: The hash of user, realm and password.
            method: The request's.
        """
        name = self.algorithm
        if name.endswith(_SESSION):
            secret = _hash(name, f"{secret}:{self.nonce}:{self.cnonce}")
        signed = _hash(name, f"{method}:{self.uri}")
        middle = f"{self.nonce}:{self.count}:{self.cnonce}:auth"
        return _hash(name, f"{secret}:{middle}:{signed}")


class DigestScheme:
    """Checks responses to challenges.

    A client may answer with the `-sess` form of an algorithm that is offered.

    Args:
        check: Who gets in.
        nonces: Those of the challenges.
    """

    def __init__(self, check: DigestCheck, nonces: Nonces | None = None) -> None:
        self._check = check
        self._nonces = nonces or Nonces()
        offered = {one.lower() for one in check.algorithms}
        self._algorithms = offered | {one + _SESSION for one in offered if _SESSION not in one}
        self._secrets = {
            (user, name): _hash(name, f"{user}:{REALM}:{password}")
            for user, password in check.users
            for name in self._algorithms
        }
        self._nobodys = secrets.token_hex(32)

    def recognise(self, scope: Scope) -> Caller:
        """Return who calls: `Scheme.recognise`."""
        header = authorization(scope["headers"], b"digest")
        if header is None:
            raise ProofMissing
        response = _read(header)
        if response is None or response.algorithm not in self._algorithms:
            raise ProofWrong("the digest can't be read")
        if response.uri.encode("latin-1", "replace") != _target(scope):
            raise ProofWrong("the digest is for another request")
        known = self._secrets.get((response.username, response.algorithm))
        expected = response.expected(known or self._nobodys, scope["method"])
        is_right = hmac.compare_digest(expected.encode(), response.digest.lower().encode())
        if known is None or not is_right:
            raise ProofWrong("the user or the password is not known here")
        self._use_nonce(response)
        return Caller(response.username)

    async def admit(self, scope: Scope) -> Caller:
        """Return who calls: `Scheme.admit`."""
        return self.recognise(scope)

    def challenges(self, refusal: Refusal) -> tuple[bytes, ...]:
        """Return a challenge for each algorithm: `Scheme.challenges`."""
        return digest_challenges(self._check, self._nonces.issue(), refusal)

    def _use_nonce(self, response: _Response) -> None:
        use = self._nonces.use(response.nonce, int(response.count, 16))
        if use is NonceUse.STALE:
            raise ProofStale("the nonce is not good any more")
        if use is NonceUse.REPLAYED:
            raise ProofWrong("the digest was used before")


def _read(header: bytes) -> _Response | None:
    """Return what a client sent; None where it lacks something, or asks for more than `auth`."""
    try:
        pairs = parse_keqv_list(parse_http_list(header.decode()))
    except (ValueError, IndexError):
        return None
    sent = {name.lower(): value for name, value in pairs.items()}
    username = _username(sent)
    count = sent.get("nc", "")
    values = [sent.get(name, "") for name in ("nonce", "cnonce", "uri", "response")]
    is_whole = username and all(values) and _COUNT.fullmatch(count)
    if not is_whole or sent.get("qop") != "auth" or sent.get("realm") != REALM:
        return None
    nonce, cnonce, uri, digest = values
    algorithm = sent.get("algorithm", "MD5").lower()
    return _Response(username, algorithm, nonce, count, cnonce, uri, digest)


def _username(sent: Mapping[str, str]) -> str:
    """Return the user's name, which may be written in the extended notation of RFC 5987."""
    extended = sent.get("username*", "")
    if extended.lower().startswith(_WRITTEN_IN_UTF_8):
        return unquote(extended[len(_WRITTEN_IN_UTF_8) :])
    return sent.get("username", "")


def _target(scope: Scope) -> bytes:
    query: bytes = scope["query_string"]
    path: bytes = scope["raw_path"]
    return path + b"?" + query if query else path


def _hash(algorithm: str, text: str) -> str:
    data = text.encode("utf-8", "surrogatepass")
    if algorithm.startswith("md5"):
        return hashlib.md5(data, usedforsecurity=False).hexdigest()
    return hashlib.sha256(data).hexdigest()
