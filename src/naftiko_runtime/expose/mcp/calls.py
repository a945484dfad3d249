"""A tool call: arguments in, a result out, whatever happens."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from naftiko_runtime.errors import (
    BaseUriMissing,
    CallError,
    TooManyCalls,
    UpstreamError,
    VariableMissing,
)
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.expose.callers import RawHeaders
from naftiko_runtime.expose.mcp.results import ToolResult, answered, failed, unforeseen
from naftiko_runtime.expose.rest.request_id import request_id
from naftiko_runtime.plan.adapters import Tool
from naftiko_runtime.values import Deadline, Json


class OnCall(Protocol):
    """Learns of each call that ended."""

    def __call__(
        self,
        address: str,
        is_error: bool,
        seconds: float,
        request_id: str,
        method: str = "tools/call",
        /,
    ) -> None:
        """Take down the unit, whether it failed, how long it took, and MCP's method."""


NOT_THE_CALLERS: Final = (UpstreamError, VariableMissing, BaseUriMissing, TooManyCalls)
"""Errors that the log tells, for whoever runs the server has to know of them."""

_log: Final = logging.getLogger("naftiko.mcp")


@dataclass(slots=True)
class ToolCaller:
    """Calls tools.

    Attributes:
        engine: What executes them.
        call_seconds: How long a call may take as a whole.
        on_call: Learns of each call that ended.
    """

    engine: Engine
    call_seconds: float
    on_call: OnCall | None = None

    async def call(
        self, tool: Tool, arguments: Mapping[str, Json], headers: RawHeaders = ()
    ) -> ToolResult:
        """Call a tool; whatever goes wrong is a result, too.

        Args:
            tool: What to call.
            arguments: By their published names.
            headers: The headers of the HTTP request, where there is one.
        """
        started = time.perf_counter()
        called = request_id(headers)
        result = await self._result(tool, arguments, called)
        if self.on_call is not None:
            seconds = time.perf_counter() - started
            self.on_call(tool.operation.address, result.is_error, seconds, called)
        return result

    async def _result(self, tool: Tool, arguments: Mapping[str, Json], called: str) -> ToolResult:
        operation = tool.operation
        try:
            values = operation.checker.check_json(arguments)
            deadline = Deadline.after(self.call_seconds)
            outcome = await self.engine.execute(operation, values, deadline)
            return answered(outcome, operation.outputs)
        except CallError as error:
            if isinstance(error, NOT_THE_CALLERS):
                extra = {"request_id": called}
                _log.warning("%s: %s", operation.address, error.detail, extra=extra)
            return failed(error, called)
        except Exception:  # noqa: BLE001 - the SDK would show clients what it says
            _log.exception("%s failed", operation.address, extra={"request_id": called})
            return unforeseen(called)
