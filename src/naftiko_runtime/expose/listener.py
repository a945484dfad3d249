"""One listener: what is served on one address and port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from naftiko_runtime.errors import TooManyCalls
from naftiko_runtime.expose.bodies import Bodies, HeldBody
from naftiko_runtime.expose.mcp.service import McpService
from naftiko_runtime.expose.refusing import refuse
from naftiko_runtime.expose.rest.endpoint import Endpoint
from naftiko_runtime.expose.rest.service import AnyMatch, RestService
from naftiko_runtime.expose.skill.service import SkillService
from naftiko_runtime.expose.turnstile import Turnstile

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Services:
    """What a listener serves at one moment; a reload replaces it as a whole.

    Attributes:
        rest: The capabilities' routes.
        site: The pages around them: documentation, health, control adapters.
        skills: The skills.
        mcp: The MCP endpoints; it stays when the others are replaced, for its streams stay open.
    """

    rest: RestService
    site: ASGIApp
    skills: SkillService
    mcp: McpService


class Listener:
    """The ASGI application of one address and port.

    A capability's route goes before an MCP endpoint, that before the skills, and all of them before
    the listener's own pages.

    Args:
        services: What it serves.
        bodies: Counts what is held of the bodies of requests.
        turnstile: Bounds how often one caller may call; None for any number of times.
    """

    def __init__(
        self, services: Services, bodies: Bodies, turnstile: Turnstile | None = None
    ) -> None:
        self.services = services
        self._bodies = bodies
        self._turnstile = turnstile

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        services = self.services
        path = scope["raw_path"].decode("latin-1")
        match = services.rest.find(scope["method"], path)
        endpoint = services.mcp.endpoint(path) if match is None else None
        if match is None and endpoint is None and not services.skills.serves(path):
            await services.site(scope, receive, send)
        elif self._turnstile is not None and await self._turnstile.stops(scope, send):
            return
        elif match is not None and not _holds_body(match):
            await services.rest.answer(match, scope, receive, send)
        else:
            body = HeldBody(self._bodies, receive)
            try:
                if match is not None:
                    await services.rest.answer(match, scope, body, send)
                else:
                    await (endpoint or services.skills)(scope, body, send)
            except TooManyCalls as error:
                await refuse(error, scope, send)
            finally:
                body.release()


def _holds_body(match: AnyMatch) -> bool:
    """Return whether a body is read as a whole before anything comes of it."""
    route = match.route
    return isinstance(route, Endpoint) and route.arguments.takes_body
