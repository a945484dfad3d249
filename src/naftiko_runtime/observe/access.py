"""Access lines: one for every answered request and tool call."""

from __future__ import annotations

import logging
from typing import Final

from naftiko_runtime.values import Json

_log: Final = logging.getLogger("naftiko.access")


def log_rest_answer(
    method: str,
    path: str,
    address: str | None,
    status: int,
    seconds: float,
    request_id: str,
) -> None:
    """Write the access line of one answered REST request.

    Args:
        method: As the caller sent it.
        path: As the caller sent it, without the query.
        address: The operation that answered, `namespace.name`; None where there is none.
        status: The HTTP status of the answer.
        seconds: How long it took.
        request_id: What the answer calls the request.
    """
    if _log.isEnabledFor(logging.INFO):
        said: dict[str, Json] = {"method": method, "path": path, "status": status}
        _write(f"{method} {path} {status}", said, address, seconds, request_id)


def log_mcp_call(
    address: str, is_error: bool, seconds: float, request_id: str, method: str = "tools/call"
) -> None:
    """Write the access line of one MCP call.

    Args:
        address: The tool, resource or prompt, `namespace.name`.
        is_error: Whether its result is an error.
        seconds: How long it took.
        request_id: What the runtime calls the request.
        method: MCP's method.
    """
    if _log.isEnabledFor(logging.INFO):
        message = f"{method} error" if is_error else f"{method} ok"
        _write(message, {"is_error": is_error}, address, seconds, request_id)


def _write(
    message: str, said: dict[str, Json], unit: str | None, seconds: float, request_id: str
) -> None:
    """Write a line without looking up the code that called, which takes longer than all else.

    Args:
        message: The line, but for the time that it took.
        said: The facts that the message tells already.
        unit: The exposed unit.
        seconds: How long it took.
        request_id: What the runtime calls the request.
    """
    said["seconds"] = round(seconds, 6)
    extra = {
        "fields": said if unit is None else {**said, "unit": unit},
        "said": said.keys(),
        "request_id": request_id,
    }
    line = f"{message} {seconds * 1000:.1f} ms"
    _log.handle(_log.makeRecord(_log.name, logging.INFO, "", 0, line, (), None, extra=extra))
