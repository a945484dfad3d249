"""Tasks that run beside others and belong to somebody, who waits for them at the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Final

_log: Final = logging.getLogger("naftiko.runtime")


class OwnedTasks:
    """Tasks of one owner: none is forgotten while it runs, nor how it failed."""

    __slots__ = ("_tasks",)

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """How many of them run."""
        return len(self._tasks)

    def begin(self, work: Coroutine[None, None, None]) -> None:
        """Begin with one more."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def wait(self) -> None:
        """Wait until none runs any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.error("what ran beside the requests has failed", exc_info=error)
