"""The listener of traced processes: a span for each request, by HTTP's semantic conventions.

A span is named after the route that a request leads to, never after its path. What callers send is
left out: paths, queries, headers and bodies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from opentelemetry.trace import Span, SpanKind, Tracer, use_span

from naftiko_runtime.execute.upstream.traced_client import described, error_type, fail
from naftiko_runtime.expose.bodies import Bodies
from naftiko_runtime.expose.control.endpoints import PATHS
from naftiko_runtime.expose.listener import Listener, Services
from naftiko_runtime.expose.rest.site import PAGES
from naftiko_runtime.expose.sending import is_handed_over
from naftiko_runtime.expose.skill.paths import route_of
from naftiko_runtime.expose.trace_context import UNIT, context_of
from naftiko_runtime.expose.turnstile import Turnstile

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from naftiko_runtime.execute.upstream.message import Headers


class TracedListener(Listener):
    """A listener whose requests have a span each, a child of the caller's if that tells of one.

    Args:
        tracer: Makes the spans.
        services: What it serves.
        bodies: Counts what is held of the bodies of requests.
        turnstile: Bounds how often one caller may call; None for any number of times.
    """

    def __init__(
        self,
        tracer: Tracer,
        services: Services,
        bodies: Bodies,
        turnstile: Turnstile | None = None,
    ) -> None:
        super().__init__(services, bodies, turnstile)
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        span = self._begun(scope)
        observed = _ObservedSend(send, span)
        try:
            with use_span(span, record_exception=False, set_status_on_exception=False):
                await super().__call__(scope, receive, observed)
        except Exception as error:
            fail(span, error_type(error))
            raise
        finally:
            if not observed.is_handed_over:  # else the other process has a span for it
                span.end()

    def _begun(self, scope: Scope) -> Span:
        name, attributes = described(scope["method"])
        route, unit = _place(self.services, scope["method"], scope["raw_path"].decode("latin-1"))
        if route is not None:
            name, attributes["http.route"] = f"{name} {route}", route
        if unit is not None:
            attributes[UNIT] = unit
        attributes["url.scheme"] = scope["scheme"]
        attributes["network.protocol.version"] = scope["http_version"]
        return self._tracer.start_span(
            name,
            context=context_of(scope["headers"]),
            kind=SpanKind.SERVER,
            attributes=attributes,
        )


class _ObservedSend:
    """ASGI's `send`, and what the runtime's own server can do besides, for a span to know of.

    Args:
        send: What sends.
        span: Learns of the answer's status.

    Attributes:
        is_handed_over: Whether another process answers.
    """

    __slots__ = ("_send", "_span", "_whole", "is_handed_over")

    def __init__(self, send: Send, span: Span) -> None:
        self._send = send
        self._span = span
        self._whole = getattr(send, "whole", None)
        self.is_handed_over = False

    async def __call__(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            self._observe(message["status"])
        await self._send(message)

    def whole(self, status: int, fields: Headers, body: bytes) -> bool:
        """Write a whole answer; return whether that was possible."""
        if self._whole is None or not self._whole(status, fields, body):
            return False
        self._observe(status)
        return True

    async def hand_over(self, pieces: Sequence[bytes]) -> bool:
        """Have another process answer the request; return whether it does."""
        self.is_handed_over = await is_handed_over(pieces, self._send)
        return self.is_handed_over

    def _observe(self, status: int) -> None:
        self._span.set_attribute("http.response.status_code", status)
        if status >= 500:
            fail(self._span, str(status))


def _place(services: Services, method: str, path: str) -> tuple[str | None, str | None]:
    """Return the route that a request leads to, and the unit there; None where there is none."""
    match = services.rest.find(method, path)
    if match is not None:
        route = match.route
        return (route.path, route.address) if route is not None else (None, None)
    place = services.mcp.place(path)
    if place is None and services.skills.serves(path):
        place = route_of(path)
    return place or (path if path in PAGES or path in PATHS else None), None
