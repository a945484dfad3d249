"""The control adapters of one listener, called as plain ASGI. Section 8."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import parse_qs

from naftiko_runtime.errors import CallerRefused
from naftiko_runtime.expose.callers import Callers, admit_to_all
from naftiko_runtime.expose.callers.caller import header
from naftiko_runtime.expose.control import payloads
from naftiko_runtime.expose.control.endpoints import (
    LIVE,
    METRICS,
    READY,
    RELOAD,
    SCRIPTING,
    STATUS,
    TRACE,
    TRACES,
    endpoints_of,
)
from naftiko_runtime.expose.control.process import Process, ReloadRunning, Traces
from naftiko_runtime.expose.mcp.guard import Guard
from naftiko_runtime.expose.rest.problems import Problem, not_offered, problem_of, unforeseen
from naftiko_runtime.expose.rest.request_id import request_id
from naftiko_runtime.expose.rest.response import Answer, send_answer
from naftiko_runtime.plan.adapters import ControlPlan
from naftiko_runtime.plan.expressions import to_json
from naftiko_runtime.values import Json

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_OFFERED: Final = {"GET": ("GET", "HEAD"), "POST": ("POST",)}
_JSON: Final = "application/json"

_Respond: TypeAlias = Callable[["Scope"], Awaitable[Answer]]

_log: Final = logging.getLogger("naftiko.control")


class ControlService:
    """Answers for the control adapters of one listener, and lets others answer for the rest.

    An endpoint is there if one of the adapters has it; who asks has to be let in by all of them.
    What answers is as things are at that moment, and nobody may keep it.

    Args:
        plans: The adapters, in order; at least one.
        process: What they tell of.
        callers: Lets callers pass.
        others: Answers for all other paths.
        guard: Checks requests that arrive over loopback.
    """

    def __init__(
        self,
        plans: Sequence[ControlPlan],
        process: Process,
        callers: Callers,
        others: ASGIApp,
        guard: Guard | None = None,
    ) -> None:
        self._plans = plans
        self._process = process
        self._others = others
        self._guard = guard or Guard()
        self._admissions = callers.admissions(plan.callers for plan in plans)
        self._methods = {path: method for plan in plans for method, path in endpoints_of(plan)}
        self._responders: dict[str, _Respond] = {
            LIVE: self._live,
            READY: self._ready,
            STATUS: self._status,
            METRICS: self._metrics,
            RELOAD: self._reload,
            SCRIPTING: self._scripting,
            TRACES: self._traces,
            TRACE: self._trace,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["raw_path"].decode("latin-1")
        endpoint = TRACE if path.startswith(f"{TRACES}/") else path
        method = self._methods.get(endpoint)
        if method is None:
            await self._others(scope, receive, send)
            return
        refusal = self._guard.refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        called = request_id(scope["headers"])
        answer = await self._answer(endpoint, _OFFERED[method], scope, called)
        await send_answer(answer, called, send, head=scope["method"] == "HEAD")

    async def _answer(
        self, endpoint: str, offered: Sequence[str], scope: Scope, called: str
    ) -> Answer:
        """Return what is asked for, if the caller may have it, or what is in the way."""
        path = scope["raw_path"].decode("latin-1")
        try:
            await admit_to_all(self._admissions, scope)
            if scope["method"] not in offered:
                return not_offered(scope["method"], offered, path, called)
            return await self._responders[endpoint](scope)
        except CallerRefused as error:
            return problem_of(error, b"").answer(path, called)
        except _Unavailable as error:
            return error.problem.answer(path, called)
        except Exception:  # noqa: BLE001 - the last resort; it is logged with its traceback
            _log.exception("%s failed", path, extra={"request_id": called})
            return unforeseen().answer(path, called)

    async def _live(self, _: Scope) -> Answer:
        return _page(payloads.UP)

    async def _ready(self, _: Scope) -> Answer:
        state = self._process.state()
        told = payloads.readiness(state, self._process.mask)
        return _page(told, 200 if payloads.is_ready(state) else 503)

    async def _status(self, _: Scope) -> Answer:
        plans = [plan for plan in self._plans if plan.info]
        return _page(payloads.status(plans, self._process.state(), self._process.mask))

    async def _scripting(self, _: Scope) -> Answer:
        return _page(payloads.scripting(self._plans, self._process.mask))

    async def _metrics(self, scope: Scope) -> Answer:
        accept = header(scope["headers"], b"accept") or b""
        found = await self._process.measured(accept.decode("latin-1"))
        return _plain(200, found.media_type, found.body)

    async def _traces(self, scope: Scope) -> Answer:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        operation, wanted = (query.get(key, [""])[0] for key in ("operation", "status"))
        return _page(payloads.traces(await self._traced(), operation, wanted.upper()))

    async def _trace(self, scope: Scope) -> Answer:
        trace_id = scope["raw_path"].decode("latin-1").removeprefix(f"{TRACES}/")
        found = payloads.trace(await self._traced(), trace_id)
        if found is None:
            raise _Unavailable(_TRACE_UNKNOWN)
        return _page(found)

    async def _traced(self) -> Traces:
        found = await self._process.traced()
        if found is None:
            raise _Unavailable(_NOT_TRACED)
        return found

    async def _reload(self, _: Scope) -> Answer:
        try:
            result = await self._process.reload()
        except ReloadRunning:
            raise _Unavailable(_RELOAD_RUNNING) from None
        if result is None:
            return _page({"status": "requested"}, 202)
        return _page(payloads.reloaded(result, self._process.mask))


class _Unavailable(Exception):
    """What is asked for can't be had."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def _page(payload: Json, status: int = 200) -> Answer:
    return _plain(status, _JSON, to_json(payload))


def _plain(status: int, media_type: str, body: bytes) -> Answer:
    headers = (
        (b"content-type", media_type.encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    )
    return Answer(status, headers, body)


_RELOAD_RUNNING: Final = Problem(
    409, "reload-running", "A reload is going on", "files are being loaded already; ask again later"
)
_NOT_TRACED: Final = Problem(
    503, "tracing-off", "Nothing is traced", "the process is served without --tracing"
)
_TRACE_UNKNOWN: Final = Problem(
    404, "trace-unknown", "Not found", "no trace of this id is kept, or not any more"
)
