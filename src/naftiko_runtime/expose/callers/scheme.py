"""The one face of all schemes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from naftiko_runtime.expose.callers.caller import Caller
from naftiko_runtime.expose.callers.refusals import Refusal

if TYPE_CHECKING:
    from starlette.types import Scope


class Scheme(Protocol):
    """One way in which callers prove who they are.

    ASGI's scope is the head of the request, all that schemes look at.
    """

    def recognise(self, scope: Scope) -> Caller | None:
        """Return who calls, without waiting for anything.

        Returns:
            None where another server has to be asked first: then `admit` tells.

        Raises:
            Refusal: The caller may not pass.
        """
        ...

    async def admit(self, scope: Scope) -> Caller:
        """Return who calls.

        Raises:
            Refusal: The caller may not pass.
            CallerUnverifiable: The server that vouches for callers can't be asked.
        """
        ...

    def challenges(self, refusal: Refusal) -> tuple[bytes, ...]:
        """Return the `WWW-Authenticate` headers that go with a refusal, RFC 9110."""
        ...
