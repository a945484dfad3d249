"""Which operation answers which path and method."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from polytomic_sandbox.execution_operations import ExecutionOperations
from polytomic_sandbox.source_operations import get_source, get_source_fields
from polytomic_sandbox.sync_operations import SyncOperations

Operation: TypeAlias = Callable[[Request], Awaitable[Response]]


def api_routes(syncs: SyncOperations, executions: ExecutionOperations) -> list[Route]:
    """Return the routes of the twelve operations, below `/api`."""
    return [
        resource("/connections/{id}/modelsync/source", get=get_source),
        resource("/connections/{id}/modelsync/source/fields", get=get_source_fields),
        resource("/syncs", get=syncs.list_syncs, post=syncs.create),
        resource("/syncs/schedules", get=syncs.get_schedule_options),
        resource("/syncs/{id}", get=syncs.get, put=syncs.update, delete=syncs.delete),
        resource("/syncs/{id}/activate", post=syncs.activate),
        resource("/syncs/{id}/cancel", post=executions.cancel),
        resource("/syncs/{id}/executions", post=executions.start),
        resource("/syncs/{id}/status", get=executions.get_status),
    ]


def resource(path: str, **operations: Operation) -> Route:
    """Return one route for all methods of a path, so that a 405 names all that are allowed.

    Args:
        path: The path, with `{name}` for parameters.
        operations: The operation for each method, by the method's name in lower case.
    """

    async def dispatch(request: Request) -> Response:
        method = "get" if request.method == "HEAD" else request.method.lower()
        return await operations[method](request)

    return Route(path, dispatch, methods=[method.upper() for method in operations])
