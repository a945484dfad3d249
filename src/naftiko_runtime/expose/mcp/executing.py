"""What resources and prompts need done; whatever goes wrong is a JSON-RPC error. Section 7."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS

from naftiko_runtime.errors import CallError, InvalidInput
from naftiko_runtime.execute.outcome import Outcome
from naftiko_runtime.expose.callers import RawHeaders
from naftiko_runtime.expose.mcp.calls import NOT_THE_CALLERS, ToolCaller
from naftiko_runtime.expose.mcp.results import facts_of, status_line, unforeseen, upstream_facts
from naftiko_runtime.expose.rest.request_id import request_id
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.values import Deadline, Json

T = TypeVar("T")

_UNITS: Final = {"resources/read": "resource", "prompts/get": "prompt"}
_log: Final = logging.getLogger("naftiko.mcp")


@dataclass(frozen=True, slots=True)
class Executor:
    """Does what a request asks for.

    Attributes:
        caller: Calls tools, by the same rules.
    """

    caller: ToolCaller

    async def do(
        self,
        method: str,
        address: str,
        headers: RawHeaders,
        work: Callable[[Deadline], Awaitable[T]],
    ) -> T:
        """Do some work for a client.

        Args:
            method: MCP's method.
            address: The resource or prompt, `namespace.name`.
            headers: The headers of the HTTP request, where there is one.
            work: What is to be done, until a deadline.

        Raises:
            MCPError: It failed.
        """
        started = time.perf_counter()
        called = request_id(headers)
        is_error = True
        try:
            result = await work(Deadline.after(self.caller.call_seconds))
            is_error = False
        except MCPError:
            raise
        except CallError as error:
            if isinstance(error, NOT_THE_CALLERS):
                _log.warning("%s: %s", address, error.detail, extra={"request_id": called})
            raise _failure(error, _UNITS[method], called) from error
        except Exception as error:
            _log.exception("%s failed", address, extra={"request_id": called})
            facts = unforeseen(called).structured
            raise MCPError(INTERNAL_ERROR, "Something unforeseen went wrong", facts) from error
        finally:
            if self.caller.on_call is not None:
                seconds = time.perf_counter() - started
                self.caller.on_call(address, is_error, seconds, called, method)
        return result

    async def execute(
        self,
        operation: Operation,
        values: dict[str, Json],
        until: Deadline,
        unit: str,
        largest: int,
    ) -> Outcome:
        """Execute an operation; an error status of upstream is an error, too.

        Args:
            operation: What to execute.
            values: Its inputs by name; those that it does not have are ignored.
            until: When it has to be over.
            unit: What the client asked for: a resource, or a prompt.
            largest: How many bytes the answer may have.

        Raises:
            CallError: The call fails by the runtime's own judgement.
            MCPError: Upstream answered with a status that is no success, or too much.
        """
        inputs = operation.checker.inputs
        known = {name: value for name, value in values.items() if name in inputs}
        arguments = operation.checker.check_json(known)
        outcome = await self.caller.engine.execute(operation, arguments, until)
        if 200 <= outcome.status < 300:
            if len(outcome.body) > largest:
                raise too_large(unit, largest)
            return outcome
        message = f"The API behind this {unit} answered {status_line(outcome.status)}"
        raise MCPError(INTERNAL_ERROR, message, upstream_facts(outcome))


def too_large(unit: str, largest: int) -> MCPError:
    """Return the error for a resource or prompt that holds more than it may."""
    message = f"The {unit} has more than {largest} bytes, which is the limit"
    return MCPError(INTERNAL_ERROR, message, {"code": f"{unit}-too-large"})


def _failure(error: CallError, unit: str, called: str) -> MCPError:
    facts = facts_of(error, unit)
    code = INVALID_PARAMS if isinstance(error, InvalidInput) else INTERNAL_ERROR
    message = f"{facts['title']}: {error.detail}"
    return MCPError(code, message, {**facts, "request_id": called})
