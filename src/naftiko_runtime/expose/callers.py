"""Callers' proof of who they are, compared without telling how much of it was right."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl

from naftiko_runtime.errors import NotAuthenticated
from naftiko_runtime.plan.callers import CallerCheck

REALM: Final = "naftiko"

RawHeaders = Iterable[tuple[bytes, bytes]]
"""ASGI's header pairs, names in lower case."""


def check_caller(check: CallerCheck, headers: RawHeaders, query: bytes) -> None:
    """Let a caller pass, or not.

    Raises:
        NotAuthenticated: The proof is missing or wrong; which of the two is not told.
    """
    sent = _sent(check, headers, query)
    matches = hmac.compare_digest(sent or b"", check.expected)
    if not (matches and sent and check.expected):
        raise NotAuthenticated("the request has no valid credentials for this server")


def challenge(check: CallerCheck) -> bytes:
    """Return the `WWW-Authenticate` header that tells a caller how to prove itself, RFC 9110."""
    scheme = {"bearer": "Bearer", "basic": "Basic"}.get(check.scheme, "ApiKey")
    return f'{scheme} realm="{REALM}"'.encode()


def _sent(check: CallerCheck, headers: RawHeaders, query: bytes) -> bytes | None:
    """Return the secret that the request carries, in the form that is compared."""
    if check.place == "query":
        pairs = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
        return pairs.get(check.name, "").encode()
    wanted = b"cookie" if check.place == "cookie" else check.name.encode()
    value = next((value for name, value in headers if name == wanted), None)
    if value is None:
        return None
    if check.place == "cookie":
        return _cookie(value, check.name.encode())
    return _authorization(check.scheme, value) if check.scheme != "apikey" else value


def _cookie(header: bytes, name: bytes) -> bytes | None:
    pairs = (pair.strip().partition(b"=") for pair in header.split(b";"))
    return next((value for key, _, value in pairs if key == name), None)


def _authorization(scheme: str, value: bytes) -> bytes | None:
    sent_scheme, _, proof = value.partition(b" ")
    if sent_scheme.decode("latin-1").lower() != scheme:
        return None
    if scheme == "bearer":
        return proof.strip()
    try:
        return base64.b64decode(proof.strip(), validate=True)
    except binascii.Error:
        return None
