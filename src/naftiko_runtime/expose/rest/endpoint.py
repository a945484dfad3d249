"""One exposed operation, made ready for requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from naftiko_runtime.expose.callers import RawHeaders, challenge, check_caller
from naftiko_runtime.expose.rest.arguments import ArgumentReader
from naftiko_runtime.expose.rest.relocation import Relocations, Rewrite
from naftiko_runtime.plan.adapters import Route
from naftiko_runtime.plan.callers import CallerCheck
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.operations import Operation

_UPSTREAM_REALM: Final = b'realm="upstream"'


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a route leads to.

    Attributes:
        operation: What it executes.
        arguments: Gathers what the request brings.
        callers: What callers have to prove; None where anyone may call.
        challenge: The `WWW-Authenticate` header of its 401s.
        rewrite: Makes upstream's links lead to exposed paths.
    """

    operation: Operation
    arguments: ArgumentReader
    callers: CallerCheck | None
    challenge: bytes
    rewrite: Rewrite

    def admit(self, headers: RawHeaders, query: bytes) -> None:
        """Let a caller pass, or not.

        Raises:
            NotAuthenticated: The caller has not proved who it is.
        """
        if self.callers is not None:
            check_caller(self.callers, headers, query)


def compile_endpoint(route: Route, relocations: Relocations) -> Endpoint:
    """Make a route ready for requests."""
    operation, callers = route.operation, route.callers
    return Endpoint(
        operation,
        ArgumentReader(operation, callers),
        callers,
        challenge(callers) if callers is not None else _upstream_challenge(operation),
        relocations.rewrite_for(operation.action),
    )


def _upstream_challenge(operation: Operation) -> bytes:
    """Return the challenge of upstream, which a caller may answer in the runtime's place."""
    call = operation.action
    headers = dict(call.credentials.headers) if isinstance(call, CallPlan) else {}
    scheme, space, _ = headers.get(b"authorization", b"").partition(b" ")
    return b"%b %b" % (scheme if space else b"ApiKey", _UPSTREAM_REALM)
