"""What a process has in hand, in one log line: for whoever asks with SIGUSR1."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from naftiko_runtime.values import Json

_log: Final = logging.getLogger("naftiko.runtime")


def log_state(connections: int, calls: int) -> None:
    """Write what runs, whatever the level of the log: it was asked for.

    Args:
        connections: How many connections of callers are open.
        calls: How many calls run.
    """
    tasks = len(asyncio.all_tasks())
    fields: dict[str, Json] = {"connections": connections, "calls": calls, "tasks": tasks}
    line = f"{connections} connections, {calls} calls, {tasks} tasks"
    extra = {"fields": fields, "said": fields.keys()}
    _log.handle(_log.makeRecord(_log.name, logging.INFO, "", 0, line, (), None, extra=extra))
