"""One exposed operation, made ready for requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from naftiko_runtime.expose.callers import Admission, Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.rest.arguments import ArgumentReader
from naftiko_runtime.expose.rest.relocation import Relocations, Rewrite
from naftiko_runtime.plan.adapters import Route
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.credentials import NONE, Credentials
from naftiko_runtime.plan.operations import Operation

if TYPE_CHECKING:
    from starlette.types import Scope

_UPSTREAM_REALM: Final = b'realm="upstream"'


@dataclass(frozen=True, slots=True)
class Entrance:
    """What a caller goes through, wherever a route leads.

    Attributes:
        path: The exposed path, its variables in braces.
        admission: Lets callers pass; None where anyone may call.
        challenge: The `WWW-Authenticate` header where a credential for upstream is missing.
        rewrite: Makes upstream's links lead to exposed paths.
    """

    path: str
    admission: Admission | None
    challenge: bytes
    rewrite: Rewrite

    async def admit(self, scope: Scope) -> None:
        """Let a caller pass, or not.

        Raises:
            CallerRefused: The caller may not pass.
        """
        admission = self.admission
        if admission is not None and admission.recognise(scope) is None:
            await admission.admit(scope)


@dataclass(frozen=True, slots=True)
class Endpoint(Entrance):
    """What a route leads to.

    Attributes:
        operation: What it executes.
        arguments: Gathers what the request brings.
    """

    operation: Operation
    arguments: ArgumentReader

    @property
    def address(self) -> str:
        """What logs call it."""
        return self.operation.address


def compile_endpoint(
    route: Route, relocations: Relocations, callers: Callers, limits: Limits
) -> Endpoint:
    """Make a route ready for requests."""
    operation, check = route.operation, route.callers
    return Endpoint(
        str(route.path),
        callers.admission(check) if check is not None else None,
        upstream_challenge(_credentials(operation)),
        relocations.rewrite_for(operation.action),
        operation,
        ArgumentReader(operation, check, limits),
    )


def upstream_challenge(credentials: Credentials) -> bytes:
    """Return the challenge of upstream, which a caller may answer in the runtime's place."""
    scheme, space, _ = dict(credentials.headers).get(b"authorization", b"").partition(b" ")
    return b"%b %b" % (scheme if space else b"ApiKey", _UPSTREAM_REALM)


def _credentials(operation: Operation) -> Credentials:
    call = operation.action
    return call.credentials if isinstance(call, CallPlan) else NONE
