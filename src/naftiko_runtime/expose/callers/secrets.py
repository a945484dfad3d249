"""Secrets that are sent as they are: bearer tokens, user and password, API keys.

Each is compared with all that are known, in a time that does not tell how much of it was right.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qsl

from naftiko_runtime.expose.callers.caller import Caller, RawHeaders, authorization, header
from naftiko_runtime.expose.callers.challenges import secret_challenge
from naftiko_runtime.expose.callers.refusals import ProofMissing, ProofWrong, Refusal
from naftiko_runtime.plan.proofs import SecretCheck

if TYPE_CHECKING:
    from starlette.types import Scope

ReadSecret: TypeAlias = "Callable[[Scope], bytes | None]"
"""Returns the secret that a request carries, in the form that is compared; None without one."""


class SecretScheme:
    """Compares what was sent with what is expected.

    Args:
        check: What is expected.
    """

    def __init__(self, check: SecretCheck) -> None:
        self._check = check
        self._read = _reader(check)
        self._known = [
            (sha256(one.expected).digest(), Caller(one.name))
            for one in check.secrets
            if one.expected
        ]

    def recognise(self, scope: Scope) -> Caller:
        """Return who calls: `Scheme.recognise`."""
        sent = self._read(scope)
        if sent is None:
            raise ProofMissing
        digest = sha256(sent).digest()
        found = None
        for expected, caller in self._known:  # all of them, whichever fits
            if hmac.compare_digest(digest, expected):
                found = caller
        if found is None:
            raise ProofWrong("the secret is not known here")
        return found

    async def admit(self, scope: Scope) -> Caller:
        """Return who calls: `Scheme.admit`."""
        return self.recognise(scope)

    def challenges(self, refusal: Refusal) -> tuple[bytes, ...]:
        """Return the challenge: `Scheme.challenges`."""
        return (secret_challenge(self._check, refusal),)


def _reader(check: SecretCheck) -> ReadSecret:
    if check.scheme == "bearer":
        return lambda scope: authorization(scope["headers"], b"bearer")
    if check.scheme == "basic":
        return lambda scope: _basic(scope["headers"])
    name = check.name.encode()
    if check.place == "query":
        return lambda scope: _in_query(scope["query_string"], check.name)
    if check.place == "cookie":
        return lambda scope: _in_cookie(scope["headers"], name)
    return lambda scope: header(scope["headers"], name)


def _basic(headers: RawHeaders) -> bytes | None:
    """Return user and password, RFC 7617; empty where they can't be read."""
    proof = authorization(headers, b"basic")
    if proof is None:
        return None
    try:
        return base64.b64decode(proof, validate=True)
    except binascii.Error:
        return b""


def _in_query(query: bytes, wanted: str) -> bytes | None:
    pairs = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    value = pairs.get(wanted)
    return value.encode() if value is not None else None


def _in_cookie(headers: RawHeaders, wanted: bytes) -> bytes | None:
    for name, value in headers:
        if name == b"cookie":
            for pair in value.split(b";"):
                key, equals, text = pair.strip().partition(b"=")
                if equals and key == wanted:
                    return text
    return None
