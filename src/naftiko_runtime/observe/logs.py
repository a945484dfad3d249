"""Logs: every record of the process goes through one handler, to one stream.

A log that can not be written is no reason to fail a call, nor to hold one up: the handler never
raises, and does not wait for who reads it.

Fields of a record are given as `extra={"fields": {...}}`, and the request that it is about as
`extra={"request_id": ...}`; without that, it is about the request that its task answers, if any.
"""

from __future__ import annotations

import logging
import sys
from typing import Final, TextIO

from naftiko_runtime.diagnostics.harmless import Mask
from naftiko_runtime.observe.formats import FORMATTERS, LogFormat, TraceId
from naftiko_runtime.observe.outlet import Outlet

LEVELS: Final = ("debug", "info", "warning", "error")

_ROOT: Final = "naftiko"
_OF_LIBRARIES: Final = {"debug": logging.INFO, "error": logging.ERROR}


def configure_logging(
    level: str,
    format: LogFormat,  # noqa: A002 - the word of the `--log-format` option
    mask: Mask,
    stream: TextIO | None = None,
    worker: int | None = None,
    trace_id: TraceId | None = None,
) -> None:
    """Send every log record of the process to one stream; a later call replaces an earlier one.

    The libraries underneath, the web server's own loggers among them, write in the same form, but
    only what they warn of (at `debug`: what they inform of, never what they see of requests).

    Args:
        level: One of `LEVELS`: the least that the runtime itself writes.
        format: How lines look.
        mask: Hides secrets.
        stream: Where lines go; standard error by default.
        worker: Which of several processes this is; it is in every line then.
        trace_id: Returns the trace that the task at hand belongs to; None where nothing is traced.
    """
    root = logging.getLogger()
    for one in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(one)
        one.close()
    root.addHandler(_Handler(stream or sys.stderr, FORMATTERS[format](mask, worker, trace_id)))
    root.setLevel(_OF_LIBRARIES.get(level, logging.WARNING))
    logging.getLogger(_ROOT).setLevel(level.upper())


class _Handler(logging.StreamHandler["TextIO | Outlet"]):
    """Writes records to a stream, and keeps quiet about a stream that is broken or closed."""

    def __init__(self, stream: TextIO, formatter: logging.Formatter) -> None:
        super().__init__(_outlet(stream) or stream)
        self.setFormatter(formatter)

    def close(self) -> None:
        """Give who reads the log a little time for what waits."""
        super().close()
        if isinstance(self.stream, Outlet):
            self.stream.close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Let the record go."""


def _outlet(stream: TextIO) -> Outlet | None:
    """Return the way to a stream's descriptor; None where it has none."""
    try:
        return Outlet(stream.fileno(), stream.encoding)
    except (OSError, ValueError):  # a stream of this process alone, or one that is closed
        return None
