"""What the request is called that a task works for."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

REQUEST_IN_PROGRESS: Final[ContextVar[str | None]] = ContextVar("request_in_progress", default=None)
"""The request's id, in the tasks that answer it: their log lines have it by themselves."""
