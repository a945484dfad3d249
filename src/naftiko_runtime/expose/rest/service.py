"""The REST face of a listener: the routes of all its capabilities, called as plain ASGI."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Final, TypeAlias

from naftiko_runtime.errors import CallError
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.expose.callers import Callers, RawHeaders
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.rest.body import CallerGone, read_body
from naftiko_runtime.expose.rest.endpoint import Endpoint, compile_endpoint
from naftiko_runtime.expose.rest.forward import (
    FORWARDED_METHODS,
    NOT_FORWARDED,
    ForwardEndpoint,
    Passage,
    compile_forward,
)
from naftiko_runtime.expose.rest.problems import not_offered, problem_of, unforeseen
from naftiko_runtime.expose.rest.relocation import Relocations
from naftiko_runtime.expose.rest.request_id import request_id
from naftiko_runtime.expose.rest.response import Answer, relay, send_answer
from naftiko_runtime.expose.sending import is_handed_over, is_large
from naftiko_runtime.plan.adapters import RestPlan
from naftiko_runtime.plan.routes import Match, RouteTable
from naftiko_runtime.values import Deadline

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

OnAnswer: TypeAlias = Callable[[str, str, str | None, int, float, str], None]
"""Takes method, path, the operation's address, status, seconds and request id of an answer."""

AnyMatch: TypeAlias = Match[Endpoint | ForwardEndpoint]
"""What a request leads to: an operation, or a forward."""

_log: Final = logging.getLogger("naftiko.rest")


class RestService:
    """Answers requests for the routes of one listener.

    Args:
        plans: The adapters, in order: where two have a method and path in common, the first wins.
        engine: Executes operations.
        limits: What callers may ask.
        callers: Lets them pass.
        on_answer: Told of every answer.
    """

    def __init__(
        self,
        plans: Sequence[RestPlan],
        engine: Engine,
        limits: Limits,
        callers: Callers,
        on_answer: OnAnswer | None = None,
    ) -> None:
        self._table = _route_table(plans, callers, limits)
        self._engine = engine
        self._limits = limits
        self._on_answer = on_answer

    def find(self, method: str, path: str) -> AnyMatch | None:
        """Return what a request leads to; None where no route has its path.

        Args:
            method: In upper case.
            path: Still percent-encoded, without the query.
        """
        return self._table.match(method, path)

    async def answer(self, match: AnyMatch, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request.

        Args:
            match: What `find` has returned for it.
            scope: ASGI's, as are the others.
            receive: Gives the body.
            send: Takes the response.
        """
        started = perf_counter()
        called = request_id(scope["headers"])
        try:
            status = await self._respond(match, scope, receive, send, called)
        except CallerGone:
            return
        if self._on_answer is not None:
            address = match.route.address if match.route is not None else None
            seconds = perf_counter() - started
            self._on_answer(scope["method"], _path(scope), address, status, seconds, called)

    async def _respond(
        self, match: AnyMatch, scope: Scope, receive: Receive, send: Send, called: str
    ) -> int:
        endpoint, method = match.route, scope["method"]
        if isinstance(endpoint, ForwardEndpoint):
            if method not in NOT_FORWARDED:
                passage = Passage(endpoint, match.rest, called, self._limits)
                return await self._forward(passage, endpoint, scope, receive, send, called)
            answer = not_offered(method, FORWARDED_METHODS, _path(scope), called)
        elif endpoint is None:
            answer = not_offered(method, match.allowed, _path(scope), called)
        else:
            answer = await self._answer(endpoint, match, scope, receive, send, called)
        await send_answer(answer, called, send, head=method == "HEAD")
        return answer.status

    async def _answer(
        self,
        endpoint: Endpoint,
        match: AnyMatch,
        scope: Scope,
        receive: Receive,
        send: Send,
        called: str,
    ) -> Answer:
        try:
            return await self._call(endpoint, match, scope, receive, send)
        except CallerGone:
            raise
        except Exception as error:  # noqa: BLE001 - the last resort
            return _failed(error, endpoint, scope, called)

    async def _forward(
        self,
        passage: Passage,
        endpoint: ForwardEndpoint,
        scope: Scope,
        receive: Receive,
        send: Send,
        called: str,
    ) -> int:
        """Pass a request on; what fails after the answer has begun leaves it incomplete."""
        try:
            await passage.run(self._engine, scope, receive, send)
        except CallerGone:
            raise
        except Exception as error:  # noqa: BLE001 - the last resort
            answer = _failed(error, endpoint, scope, called)
            if passage.status is None:
                await send_answer(answer, called, send, head=scope["method"] == "HEAD")
            return answer.status
        return passage.status or 200

    async def _call(
        self, endpoint: Endpoint, match: AnyMatch, scope: Scope, receive: Receive, send: Send
    ) -> Answer:
        headers, query = scope["headers"], scope["query_string"]
        await endpoint.admit(scope)
        reader = endpoint.arguments
        body = await self._body(headers, receive, send) if reader.takes_body else b""
        arguments = reader.read(match.variables, query, headers, body)
        deadline = Deadline.after(self._limits.call_seconds)
        outcome = await self._engine.execute(endpoint.operation, arguments, deadline)
        return relay(outcome, endpoint.rewrite)

    async def _body(self, headers: RawHeaders, receive: Receive, send: Send) -> bytes:
        pieces = await read_body(headers, receive, self._limits)
        if is_large(pieces) and await is_handed_over(pieces, send):
            raise CallerGone
        return b"".join(pieces)


def _failed(
    error: Exception, endpoint: Endpoint | ForwardEndpoint, scope: Scope, called: str
) -> Answer:
    """Return the problem that an error is, and log what is not the caller's fault."""
    if not isinstance(error, CallError):
        extra = {"request_id": called}
        _log.error("%s failed", endpoint.address, exc_info=error, extra=extra)
        return unforeseen().answer(_path(scope), called)
    problem = problem_of(error, endpoint.challenge)
    if problem.status >= 500:
        extra = {"request_id": called}
        _log.warning("%s: %s", endpoint.address, error.detail, extra=extra)
    return problem.answer(_path(scope), called)


def _route_table(
    plans: Sequence[RestPlan], callers: Callers, limits: Limits
) -> RouteTable[Endpoint | ForwardEndpoint]:
    """Merge the routes of all adapters; what answers GET answers HEAD, RFC 9110 section 9.3.2."""
    table: RouteTable[Endpoint | ForwardEndpoint] = RouteTable()
    readable = []
    for plan in plans:
        relocations = Relocations(plan.routes, plan.forwards)
        for forward in plan.forwards:
            table.add(forward.method, forward.path, compile_forward(forward, relocations, callers))
        for route in plan.routes:
            endpoint = compile_endpoint(route, relocations, callers, limits)
            table.add(route.method, route.path, endpoint)
            if route.method == "GET":
                readable.append((route.path, endpoint))
    for path, endpoint in readable:
        table.add("HEAD", path, endpoint)
    return table


def _path(scope: Scope) -> str:
    path: bytes = scope["raw_path"]
    return path.decode("latin-1")
