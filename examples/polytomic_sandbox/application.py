"""Puts the sandbox together."""

from __future__ import annotations

from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Router

from polytomic_sandbox.admission import Admission, BearerKey, Check, check_version
from polytomic_sandbox.clock import Clock, utc_now
from polytomic_sandbox.errors import exception_handlers
from polytomic_sandbox.execution_operations import ExecutionOperations
from polytomic_sandbox.pagination import PageTokens
from polytomic_sandbox.rate_limit import RateLimit
from polytomic_sandbox.routes import api_routes, resource
from polytomic_sandbox.store import Store
from polytomic_sandbox.sync_operations import SyncOperations

DEFAULT_API_KEY: Final = "sandbox-key"


def create_application(
    store: Store,
    *,
    api_key: str = DEFAULT_API_KEY,
    clock: Clock = utc_now,
    rate_limit: int | None = None,
) -> Starlette:
    """Return the sandbox as an ASGI application.

    Args:
        store: Where it keeps syncs and executions; it stays the caller's to close.
        api_key: The key that callers have to send.
        clock: What tells it the time.
        rate_limit: How many requests it answers each minute; None sets no limit.
    """
    routes = api_routes(
        SyncOperations(store, clock, PageTokens(secret=api_key)),
        ExecutionOperations(store, clock),
    )
    checks: list[Check] = [BearerKey(api_key), check_version]
    if rate_limit is not None:
        checks.append(RateLimit(rate_limit, clock))
    api = Admission(Router(routes, redirect_slashes=False), checks)
    application = Starlette(
        routes=[resource("/healthz", get=_health), Mount("/api", app=api)],
        exception_handlers=exception_handlers(),
    )
    application.router.redirect_slashes = False
    return application


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})
