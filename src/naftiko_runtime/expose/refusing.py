"""Refusing requests before anything that is served looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naftiko_runtime.errors import CallError
from naftiko_runtime.expose.rest.problems import problem_of
from naftiko_runtime.expose.rest.request_id import request_id
from naftiko_runtime.expose.rest.response import send_answer

if TYPE_CHECKING:
    from starlette.types import Scope, Send


async def refuse(error: CallError, scope: Scope, send: Send) -> None:
    """Answer a request with a problem, whichever face it came to.

    Args:
        error: Why it is refused.
        scope: The request's.
        send: ASGI's.
    """
    called = request_id(scope["headers"])
    answer = problem_of(error, b"").answer(scope["raw_path"].decode("latin-1"), called)
    await send_answer(answer, called, send, head=scope["method"] == "HEAD")
