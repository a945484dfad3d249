"""The clients under contract, and what each of them can not do.

Every `test_contract_*` module runs against every client. Where a client can not meet a part of the
contract it lacks the `Capability` that stands for it, and the test skips itself by `needs`.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

import pytest

from naftiko_runtime.execute.upstream.httpx_client import HttpxClient
from naftiko_runtime.execute.upstream.message import (
    Headers,
    UpstreamClient,
    UpstreamLimits,
    UpstreamRequest,
)
from naftiko_runtime.execute.upstream.pooled import PooledClient
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline
from tests.execute.upstream.scripted_server import ScriptedServer


class Capability(Enum):
    """A part of the contract that not every client can meet."""

    EARLY_ANSWERS = "takes an answer while it still sends: httpx sends all before it reads"
    LOSS_IN_HEAD = "tells a loss within the head from one before it: httpx has one error for both"
    CLOSING = "ends running requests when closed: httpx raises what is not in its interface"
    FAIRNESS = "serves whoever waits in line in turn: httpcore wakes them in no certain order"
    FRESH_CONNECTION = "sends anew over a new connection: httpx may take another kept one"
    HANDSHAKE_CANCELLATION = "closes at once what is cancelled in the handshake: httpcore does not"
    INTERIM_BOUND = "bounds interim answers by size: httpx reads them until the deadline"
    UNASKED_BYTES = "closes on bytes that nobody asked for: h11 takes them for the next answer"
    IDLE_TIMER = "closes idle connections by itself: httpx does when it is next used"
    TRAILER_BOUND = "bounds trailers by `head_bytes`: h11 by a figure of its own"


class Build(Protocol):
    """Makes a client."""

    def __call__(self, limits: UpstreamLimits, *, verify: ssl.SSLContext | None) -> UpstreamClient:
        """Make a client with these limits and this trust."""


@dataclass(frozen=True)
class Contender:
    """A client under contract.

    Attributes:
        name: The client's and the event loop's.
        build: Makes one.
        uvloop: Whether it runs on uvloop.
        lacks: The parts of the contract that it can not meet.
    """

    name: str
    build: Build
    uvloop: bool = False
    lacks: frozenset[Capability] = frozenset()


DEFAULT_LIMITS = UpstreamLimits()

CONTENDERS = (
    Contender("pooled", PooledClient),
    Contender("pooled-uvloop", PooledClient, uvloop=True),
    Contender("httpx", HttpxClient, lacks=frozenset(Capability)),
)


@dataclass
class Clients:
    """Makes clients of one contender, and closes them at the end of the test."""

    contender: Contender
    made: list[UpstreamClient] = field(default_factory=list)

    def __call__(
        self, limits: UpstreamLimits = DEFAULT_LIMITS, verify: ssl.SSLContext | None = None
    ) -> UpstreamClient:
        self.made.append(self.contender.build(limits, verify=verify))
        return self.made[-1]

    def need(self, capability: Capability) -> None:
        """Skip the test if the client lacks the capability."""
        if capability in self.contender.lacks:
            pytest.skip(f"{self.contender.name} lacks {capability.name}: {capability.value}")


def request_to(
    server: ScriptedServer | Origin,
    method: str = "GET",
    target: bytes = b"/",
    headers: Headers = (),
    body: bytes | None = None,
) -> UpstreamRequest:
    """Return a request to a server."""
    origin = server if isinstance(server, Origin) else server.origin
    return UpstreamRequest(method, origin, target, headers, body)


def soon() -> Deadline:
    """Return a deadline that no passing test reaches."""
    return Deadline.after(60)
