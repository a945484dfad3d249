"""Tracing, where it is asked for.

Spans are made by what is put in the place of something else when a process is put together: nothing
asks at each call whether there is tracing. Only where there is, what makes spans is imported.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, TypeAlias

from naftiko_runtime.execute.upstream.message import UpstreamClient
from naftiko_runtime.expose.bodies import Bodies
from naftiko_runtime.expose.listener import Listener, Services
from naftiko_runtime.expose.mcp.calls import OnCall
from naftiko_runtime.expose.turnstile import Turnstile
from naftiko_runtime.secrecy import Secrecy
from naftiko_runtime.settings import ServeSettings

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from naftiko_runtime.observe.trace_ring import TraceRing

_log: Final = logging.getLogger("naftiko.tracing")

NewListener: TypeAlias = Callable[[Services, Bodies, Turnstile | None], Listener]
"""Makes a listener."""


@asynccontextmanager
async def tracing(
    settings: ServeSettings, secrecy: Secrecy, ring: TraceRing | None = None
) -> AsyncIterator[Tracer | None]:
    """Have a tracer while the block lasts, if the settings ask for one; then send what is left.

    Args:
        settings: How capabilities are served.
        secrecy: What spans may not show; it learns what the collector is sent in headers.
        ring: Keeps traces; None where they are only sent.
    """
    if not settings.tracing:
        yield None
        return
    from naftiko_runtime.observe.tracing import Tracing, collector_secrets

    secrecy.add(collector_secrets(settings.load.environment))
    own = Tracing(settings.load.environment, secrecy.mask, ring=ring)
    try:
        yield own.tracer
    finally:
        await own.aclose()


def trace_ring(settings: ServeSettings, secrecy: Secrecy) -> TraceRing | None:
    """Return what can keep the traces that ended last; None where nothing is traced."""
    if not settings.tracing:
        return None
    from naftiko_runtime.observe.trace_ring import TraceRing

    return TraceRing(secrecy.mask)


def is_possible(settings: ServeSettings, secrecy: Secrecy) -> bool:
    """Return whether spans can be sent, if the settings ask for that; log why they can't."""
    if not settings.tracing:
        return True
    from naftiko_runtime.observe.tracing import check_variables, collector_secrets

    secrecy.add(collector_secrets(settings.load.environment))
    try:
        check_variables(settings.load.environment)
    except ValueError as error:
        _log.error("there can be no tracing: %s", error)
        return False
    return True


def trace_id_source(settings: ServeSettings) -> Callable[[], str | None] | None:
    """Return what tells log lines of their trace; None where nothing is traced."""
    if not settings.tracing:
        return None
    from naftiko_runtime.observe.tracing import current_trace_id

    return current_trace_id


def new_listener(tracer: Tracer | None) -> NewListener:
    """Return what makes listeners."""
    if tracer is None:
        return Listener
    from naftiko_runtime.expose.traced_listener import TracedListener

    return lambda services, bodies, turnstile: TracedListener(tracer, services, bodies, turnstile)


def traced_client(client: UpstreamClient, tracer: Tracer | None) -> UpstreamClient:
    """Return what carries requests by a client, with spans where there is a tracer."""
    if tracer is None:
        return client
    from naftiko_runtime.execute.upstream.traced_client import TracedClient

    return TracedClient(client, tracer)


def traced_call(on_call: OnCall, tracer: Tracer | None) -> OnCall:
    """Return what is told of each MCP call, instead of what would be without a tracer."""
    if tracer is None:
        return on_call
    from naftiko_runtime.expose.mcp.traced_messages import telling_spans

    return telling_spans(on_call)
