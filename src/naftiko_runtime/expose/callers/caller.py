"""Callers, and where requests carry their proofs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from starlette.types import Scope

LONGEST_NAME: Final = 128
UNKNOWN_ADDRESS: Final = "unknown"

RawHeaders: TypeAlias = Iterable[tuple[bytes, bytes]]
"""ASGI's header pairs, names in lower case."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        name: The name of a key, a user, or the subject of a token; None where the adapter knows
            only one secret.
    """

    name: str | None = None


def header(headers: RawHeaders, wanted: bytes) -> bytes | None:
    """Return the first value of a header; its name in lower case."""
    for name, value in headers:
        if name == wanted:
            return value
    return None


def authorization(headers: RawHeaders, scheme: bytes) -> bytes | None:
    """Return what `Authorization` says in a scheme, RFC 9110 section 11.6.2.

    Args:
        headers: The request's.
        scheme: In lower case.

    Returns:
        What stands behind the scheme; None where there is nothing in that scheme.
    """
    value = header(headers, b"authorization")
    if value is None:
        return None
    sent_scheme, _, proof = value.strip().partition(b" ")
    return proof.strip() if sent_scheme.lower() == scheme else None


def address_of(scope: Scope) -> str:
    """Return the address that a request comes from."""
    client = scope.get("client")
    return client[0] if client is not None else UNKNOWN_ADDRESS
