"""Reads the bodies of requests and writes those of answers."""

from __future__ import annotations

import json
from typing import NoReturn

from starlette.requests import Request
from starlette.responses import JSONResponse

from polytomic_sandbox.errors import BadRequest
from polytomic_sandbox.shape import Shape, conform


class Data(JSONResponse):
    """A success: `{"data": ...}`, and whatever stands beside the data."""

    def __init__(self, data: object, **beside: object) -> None:
        super().__init__({"data": data, **beside})


async def read_body(request: Request, shape: type[Shape]) -> Shape:
    """Return the request's JSON body; no body at all is an empty object.

    Args:
        request: The request whose body has not been read yet.
        shape: A `TypedDict` class of `documents`.

    Raises:
        BadRequest: The body is not JSON (RFC 8259), or has values of wrong types.
        Unprocessable: The body is incomplete.
    """
    return conform(_parse(await request.body() or b"{}"), shape)


def _parse(body: bytes) -> object:
    try:
        value: object = json.loads(body, parse_constant=_refuse_constant)
        # A lone surrogate can be escaped in JSON, and cannot be written as UTF-8 in an answer.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadRequest("the body is not valid JSON") from error
    return value


def _refuse_constant(name: str) -> NoReturn:
    """Refuse what Python's reader takes and JSON does not have: `NaN` and `Infinity`."""
    raise ValueError(name)
