"""What a request has to pass before it reaches an operation."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from polytomic_sandbox.errors import BadRequest, Unauthorized

Check: TypeAlias = Callable[[HTTPConnection], None]
"""Looks at a request's head, and raises an `ApiError` to turn it away."""

DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Admission:
    """ASGI middleware that lets a request through when every check does, in order."""

    def __init__(self, application: ASGIApp, checks: Sequence[Check]) -> None:
        self._application = application
        self._checks = tuple(checks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the checks, and then the application (ASGI 3).

        Raises:
            ApiError: A check turned the request away.
        """
        connection = HTTPConnection(scope)
        for check in self._checks:
            check(connection)
        await self._application(scope, receive, send)


class BearerKey:
    """An admission check for `Authorization: Bearer <API key>` (RFC 6750, section 2.1)."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key.encode()

    def __call__(self, connection: HTTPConnection) -> None:
        """Compare the caller's key with the one that is right.

        Raises:
            Unauthorized: It is missing or wrong.
        """
        scheme, _, key = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthorized("the Authorization header must be: Bearer <API key>")
        if not hmac.compare_digest(key.strip().encode("latin-1"), self._api_key):
            raise Unauthorized("the API key is not valid")


def check_version(connection: HTTPConnection) -> None:
    """Check that `X-Polytomic-Version`, where it is sent, looks like a date.

    Raises:
        BadRequest: It does not.
    """
    version = connection.headers.get("x-polytomic-version")
    if version is not None and not DATE.fullmatch(version):
        raise BadRequest("X-Polytomic-Version must be a date: YYYY-MM-DD")
