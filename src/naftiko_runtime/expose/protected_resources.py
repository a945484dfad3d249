"""Descriptions of what authorization servers protect here, at their well-known paths: RFC 9728."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias, TypeGuard

from naftiko_runtime.expose.callers.protected_resource import (
    WELL_KNOWN,
    metadata,
    metadata_path,
    metadata_url,
)
from naftiko_runtime.expose.mcp.merging import endpoint_names
from naftiko_runtime.expose.rest.problems import not_offered
from naftiko_runtime.expose.rest.request_id import request_id
from naftiko_runtime.expose.rest.response import Answer, send_answer
from naftiko_runtime.plan.adapters import McpPlan, ServerPlan
from naftiko_runtime.plan.expressions import to_json
from naftiko_runtime.plan.proofs import CallerCheck, OAuth2Check

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_OFFERED: Final = ("GET", "HEAD")
_HEADERS: Final = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"public, max-age=300"),
    (b"access-control-allow-origin", b"*"),
)

Placed: TypeAlias = tuple[str, OAuth2Check]
"""A well-known path, and what is described there."""


class ProtectedResources:
    """Answers for the descriptions, and lets another application answer for the rest.

    A description is where its resource's URL says, where clients look for that of the endpoint
    they know, and without any path if there is only one on the listener.

    Args:
        others: The listener's adapters other than MCP.
        mcp: Its MCP adapters.
        site: Answers all other requests.
    """

    def __init__(self, others: Sequence[ServerPlan], mcp: Sequence[McpPlan], site: ASGIApp) -> None:
        self._site = site
        self._pages = {
            path: Answer(200, _HEADERS, to_json(metadata(check)))
            for path, check in _placed(others, mcp).items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["raw_path"].decode("latin-1")
        page = self._pages.get(path) or self._pages.get(path.rstrip("/"))
        if page is None:
            await self._site(scope, receive, send)
            return
        called = request_id(scope["headers"])
        method = scope["method"]
        answer = page if method in _OFFERED else not_offered(method, _OFFERED, path, called)
        await send_answer(answer, called, send, head=method == "HEAD")


def _placed(others: Sequence[ServerPlan], mcp: Sequence[McpPlan]) -> dict[str, OAuth2Check]:
    """Return what is described where; the place that a resource's own URL says goes first."""
    checks = (*(plan.callers for plan in others), *(plan.callers for plan in mcp))
    described = [check for check in checks if _is_described(check)]
    placed: dict[str, OAuth2Check] = {}
    own = ((metadata_path(check.resource or ""), check) for check in described)
    for path, check in (*own, *_at_endpoints(mcp), *_alone(described)):
        placed.setdefault(path, check)
    return placed


def _at_endpoints(plans: Sequence[McpPlan]) -> Iterator[Placed]:
    for name, plan in zip(endpoint_names(plans), plans, strict=True):
        if name and _is_described(plan.callers):
            yield f"{WELL_KNOWN}/{name}/mcp", plan.callers
    for path, check in _alone([plan.callers for plan in plans if _is_described(plan.callers)]):
        yield f"{path}/mcp", check


def _alone(checks: Sequence[OAuth2Check]) -> Iterator[Placed]:
    if len({check.resource for check in checks}) == 1:
        yield WELL_KNOWN, checks[0]


def _is_described(check: CallerCheck | None) -> TypeGuard[OAuth2Check]:
    return isinstance(check, OAuth2Check) and metadata_url(check) is not None
