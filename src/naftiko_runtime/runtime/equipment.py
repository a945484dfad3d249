"""What a process needs to answer requests: made of settings, the same in each process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.clients import RoutedClient
from naftiko_runtime.execute.upstream.message import UpstreamLimits
from naftiko_runtime.expose.bodies import Bodies
from naftiko_runtime.expose.callers import AUTHORIZATION_SERVER_LIMITS, Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.turnstile import Turnstile
from naftiko_runtime.runtime.assembly import Assembler
from naftiko_runtime.runtime.tracing import traced_client
from naftiko_runtime.settings import ServeSettings

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


@dataclass(frozen=True, slots=True)
class Equipment:
    """What answers requests.

    Attributes:
        engine: Executes calls; whoever serves closes it.
        callers: Lets callers pass; to be closed at the end.
        limits: What callers may ask.
        assembler: Puts services together.
        upstream: Carries the engine's requests.
    """

    engine: Engine
    callers: Callers
    limits: Limits
    assembler: Assembler
    upstream: RoutedClient


def equip(
    settings: ServeSettings,
    nonce_key: bytes,
    turnstile: Turnstile | None = None,
    tracer: Tracer | None = None,
) -> Equipment:
    """Make what answers requests.

    Args:
        settings: How capabilities are served.
        nonce_key: What nonces are signed with: the same in all processes that share callers.
        turnstile: Bounds how often one caller may call.
        tracer: Makes spans; None where nothing is traced.
    """
    limits = settings.limits
    upstream = RoutedClient(
        UpstreamLimits(
            response_bytes=limits.response_bytes, connections=limits.upstream_connections
        )
    )
    client = traced_client(upstream, tracer)
    engine = Engine(client, settings.timeout_seconds, limits=limits)
    vouching = traced_client(RoutedClient(AUTHORIZATION_SERVER_LIMITS), tracer)
    callers = Callers(vouching, nonce_key=nonce_key)
    asked = Limits(
        body_bytes=limits.body_bytes,
        body_seconds=limits.body_seconds,
        call_seconds=settings.timeout_seconds,
        json_depth=limits.json_depth,
        parameters=limits.parameters,
    )
    bodies = Bodies(max(limits.bodies_bytes, limits.body_bytes))
    assembler = Assembler(
        engine,
        callers,
        asked,
        bodies,
        settings.docs,
        turnstile,
        settings.page_size,
        tracer,
    )
    return Equipment(engine, callers, asked, assembler, upstream)
