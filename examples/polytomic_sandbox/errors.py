"""What the API answers when it cannot do what was asked.

ApiError
├── BadRequest       400  the request cannot be understood
├── Unauthorized     401  the API key is missing or wrong
├── NotFound         404  nothing has this id
├── Unprocessable    422  the request is understood, and incomplete or contradictory
└── TooManyRequests  429  the rate limit is used up
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ExceptionHandler


class ApiError(Exception):
    """An answer in the API's error envelope.

    Attributes:
        status: The HTTP status.
        key: The error's stable name.
        message: What is wrong, in one sentence.
        metadata: Details that a program may read.
        headers: Headers that the status asks for.
    """

    status: ClassVar[int]
    key: ClassVar[str]

    def __init__(
        self,
        message: str,
        *,
        metadata: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.metadata = metadata or {}
        self.headers = headers


class BadRequest(ApiError):
    """The request cannot be understood: malformed JSON, a value of the wrong type."""

    status = 400
    key = "bad_request"


class Unauthorized(ApiError):
    """The API key is missing or wrong (RFC 6750, section 3)."""

    status = 401
    key = "unauthorized"

    def __init__(self, message: str) -> None:
        super().__init__(message, headers={"WWW-Authenticate": "Bearer"})


class NotFound(ApiError):
    """Nothing has this id."""

    status = 404
    key = "not_found"


class Unprocessable(ApiError):
    """The request is well formed, and incomplete or contradictory."""

    status = 422
    key = "unprocessable_entity"


class TooManyRequests(ApiError):
    """The rate limit is used up (RFC 6585, section 4)."""

    status = 429
    key = "too_many_requests"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after)})


def exception_handlers() -> dict[type[Exception], ExceptionHandler]:
    """Return the table that makes every exception an answer in the error envelope."""
    return {
        ApiError: _answer_api_error,
        HTTPException: _answer_http_exception,
        Exception: _answer_unexpected,
    }


def _answer_api_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return _envelope(error.status, error.key, error.message, error.metadata, error.headers)


def _answer_http_exception(_: Request, error: Exception) -> Response:
    """Answer what Starlette's router raises: no such path, no such method."""
    assert isinstance(error, HTTPException)
    key = HTTPStatus(error.status_code).name.lower()
    return _envelope(error.status_code, key, error.detail, headers=error.headers)


def _answer_unexpected(_: Request, __: Exception) -> Response:
    return _envelope(500, "internal_server_error", "the sandbox failed")


def _envelope(
    status: int,
    key: str,
    message: str,
    metadata: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    content = {"status": status, "key": key, "message": message, "metadata": metadata or {}}
    return JSONResponse(content, status, headers)
