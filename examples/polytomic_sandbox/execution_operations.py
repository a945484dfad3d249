"""The operations on the executions of a sync."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from polytomic_sandbox.clock import Clock, timestamp
from polytomic_sandbox.documents import ExecutionRequest, Sync
from polytomic_sandbox.errors import NotFound
from polytomic_sandbox.executions import start_execution
from polytomic_sandbox.messages import Data, read_body
from polytomic_sandbox.schedules import next_run
from polytomic_sandbox.store import Store


class ExecutionOperations:
    """Start, cancel and status."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def start(self, request: Request) -> Response:
        """POST /api/syncs/{id}/executions. A sync may be started again while it runs."""
        sync = self._store.sync(request.path_params["id"])
        body = await read_body(request, ExecutionRequest)
        now = self._clock()
        execution = start_execution(sync, body, now)
        self._store.save_executions(execution)
        return Data(
            {"id": execution.id, "created_at": timestamp(now), "status": execution.status(now)}
        )

    async def cancel(self, request: Request) -> Response:
        """POST /api/syncs/{id}/cancel."""
        sync = self._store.sync(request.path_params["id"])
        now = self._clock()
        executions = self._store.executions(sync["id"])
        underway = [execution for execution in executions if not execution.is_over(now)]
        if not underway:
            raise NotFound("the sync has no execution that is underway")
        self._store.save_executions(*(replace(each, canceled_at=now) for each in underway))
        return Data({"message": "the sync was canceled"})

    async def get_status(self, request: Request) -> Response:
        """GET /api/syncs/{id}/status."""
        sync = self._store.sync(request.path_params["id"])
        now = self._clock()
        executions = self._store.executions(sync["id"])
        underway = (each.report(now) for each in executions if not each.is_over(now))
        over = (each.report(now) for each in executions if each.is_over(now))
        return Data(
            {
                "current_execution": next(underway, None),
                "last_execution": next(over, None),
                "next_execution_time": _next_execution_time(sync, now),
            }
        )


def _next_execution_time(sync: Sync, now: datetime) -> str | None:
    due = next_run(sync["schedule"], now) if sync["active"] else None
    return timestamp(due) if due else None
