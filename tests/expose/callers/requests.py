"""Heads of requests, and what callers are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from naftiko_runtime.errors import CallerRefused
from naftiko_runtime.expose.callers import Admission, Caller

if TYPE_CHECKING:
    from starlette.types import Scope

ADDRESS = "192.0.2.1"


def head(
    headers: Mapping[str, str] | None = None,
    target: str = "/things",
    *,
    method: str = "GET",
    address: str | None = ADDRESS,
) -> Scope:
    """Return the head of a request."""
    path, _, query = target.partition("?")
    pairs = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    return {
        "type": "http",
        "method": method,
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": pairs,
        "client": (address, 50000) if address is not None else None,
    }


def bearing(token: str, address: str | None = ADDRESS) -> Scope:
    """Return the head of a request with a token."""
    return head({"Authorization": f"Bearer {token}"}, address=address)


async def admitted(admission: Admission, scope: Scope) -> Caller:
    """Return who is let in, asked as faces ask."""
    return admission.recognise(scope) or await admission.admit(scope)


async def refused(admission: Admission, scope: Scope) -> CallerRefused:
    """Return why a caller is not let in."""
    with pytest.raises(CallerRefused) as caught:
        await admitted(admission, scope)
    return caught.value


def challenges(error: CallerRefused) -> list[str]:
    """Return the challenges that a refused caller gets."""
    return [value.decode() for name, value in error.headers if name == b"www-authenticate"]
