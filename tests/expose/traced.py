"""What is served together on one port, traced, without a port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.traced_client import TracedClient
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.listener import Listener
from naftiko_runtime.expose.listeners import Overrides, plan_listeners
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.runtime.assembly import Assembler
from naftiko_runtime.runtime.sockets import bind_all
from tests.documents import load
from tests.spans import Seen, Spans
from tests.timing import WITHOUT_PAUSES
from tests.upstreams import RecordingClient

SHOP: Final = """
naftiko: 1.0.0-alpha3
binds:
- {namespace: env, keys: {SHOP_TOKEN: SHOP_TOKEN}}
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test/v1
    authentication: {type: bearer, token: "{{SHOP_TOKEN}}"}
    resources:
    - path: /orders/{id}
      name: order
      operations:
      - {name: get-order, method: GET}
      - name: tell-order
        method: PUT
        inputParameters:
        - {name: traceparent, in: header, type: string}
  exposes:
  - type: rest
    namespace: shop-rest
    port: 0
    resources:
    - path: /orders/{id}
      operations:
      - {method: GET, name: get-order, call: api.get-order}
      - {method: PUT, name: tell-order, call: api.tell-order}
    - path: /raw/{path}
      forward: {targetNamespace: api}
  - type: mcp
    namespace: shop
    port: 0
    tools:
    - {name: get-order, description: Get an order, call: api.get-order}
    resources:
    - {name: orders, uri: 'shop://orders/{id}', description: Orders, call: api.get-order}
    prompts:
    - name: ask
      description: Ask
      template: [{role: user, content: Please}]
  - type: skill
    namespace: skills
    port: 0
    skills: {watch: {description: Watch}}
"""
TOKEN: Final = "the secret of the shop"


@dataclass(frozen=True, slots=True)
class Traced:
    """A listener that is traced.

    Attributes:
        listener: It.
        client: Asks it.
        upstream: What is asked upstream.
        spans: What was told.
    """

    listener: Listener
    client: httpx.AsyncClient
    upstream: RecordingClient
    spans: Spans

    def server(self) -> Seen:
        """Return the only span of a request."""
        (one,) = [span for span in self.spans.ended if span.kind == "SERVER"]
        return one


@asynccontextmanager
async def traced(folder: Path, upstream: RecordingClient | None = None) -> AsyncIterator[Traced]:
    """Serve the shop on one address until the block ends."""
    spans, recorded = Spans(), upstream or RecordingClient()
    capability = load(folder, SHOP, LoadOptions(environment={"SHOP_TOKEN": TOKEN}))
    together = Overrides(rest_port=1, mcp_port=1, skill_port=1)
    (plan,) = plan_listeners([capability], together, Diagnostics())
    plan.port = 0
    (bound,) = bind_all([plan])
    tracer = spans.tracer
    engine = Engine(TracedClient(recorded, tracer), timing=WITHOUT_PAUSES)
    callers = Callers(RecordingClient())
    assembler = Assembler(engine, callers, Limits(), tracer=tracer)
    ((_, listener),) = assembler.listeners([bound])
    bound.socket.close()
    transport = httpx.ASGITransport(listener, raise_app_exceptions=False)
    async with (
        listener.services.mcp.run(),
        httpx.AsyncClient(base_url="http://127.0.0.1:9090", transport=transport) as client,
    ):
        yield Traced(listener, client, recorded, spans)
    await callers.aclose()
