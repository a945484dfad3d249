"""How a log record looks: a short line for people, or a JSON object for machines.

Secrets are masked in every text before the texts are put together, so that neither JSON nor an
escape is torn apart.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from math import isfinite
from typing import Final, Literal, TypeAlias, TypeGuard

import orjson

from naftiko_runtime.diagnostics.characters import one_line
from naftiko_runtime.diagnostics.harmless import Mask
from naftiko_runtime.observe.requests import REQUEST_IN_PROGRESS
from naftiko_runtime.values import Json

LogFormat: TypeAlias = Literal["console", "json"]
"""How log lines look: short for people, or one JSON object a line for machines."""

TraceId: TypeAlias = Callable[[], str | None]
"""Returns the id of the trace that the task at hand belongs to, if it belongs to one."""

_Id: TypeAlias = Callable[[logging.LogRecord], str | None]
"""Returns what something is called that a record is about."""


class _Formatter(logging.Formatter):
    """What both formats share: masked texts.

    Args:
        mask: Hides secrets.
        worker: Which of several processes writes; None where there is only one.
        trace_id: Returns the trace that the task at hand belongs to; None where nothing is traced.
    """

    def __init__(
        self, mask: Mask, worker: int | None = None, trace_id: TraceId | None = None
    ) -> None:
        super().__init__()
        self._mask = mask
        self._worker = worker
        traced = (("trace_id", lambda _: trace_id()),) if trace_id is not None else ()
        self._ids: tuple[tuple[str, _Id], ...] = (("request_id", _request_id), *traced)

    def _exception(self, record: logging.LogRecord) -> str | None:
        if not record.exc_info:
            return None
        return self._mask(self.formatException(record.exc_info))

    def _masked(self, value: object) -> Json:
        """Return a field's value as JSON, secrets masked."""
        if isinstance(value, str):
            return self._mask(value)
        if value is None or isinstance(value, int) or _is_number(value):
            return value
        if isinstance(value, Mapping):
            return {self._mask(str(key)): self._masked(one) for key, one in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._masked(one) for one in value]
        return self._mask(str(value))


class ConsoleFormatter(_Formatter):
    """Lines for people: time of day, level, message, and what else is known as `key=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line, and below it the traceback if there is one."""
        at = _time_of_day(int(record.created))
        message = _shown(self._mask(record.getMessage()))
        line = " ".join([f"{at} {record.levelname.lower():<7} {message}", *self._pairs(record)])
        trace = self._exception(record)
        if trace is None:
            return line
        return "\n".join([line, *(f"    {_indented(one)}" for one in trace.splitlines())])

    def _pairs(self, record: logging.LogRecord) -> Iterator[str]:
        said = getattr(record, "said", ())
        for name, value in getattr(record, "fields", {}).items():
            if name not in said:
                yield f"{_shown(name)}={_pair_value(self._masked(value))}"
        for name, id_of in self._ids:
            called = id_of(record)
            if called is not None:
                yield f"{name}={_pair_value(self._mask(called))}"
        if self._worker is not None:
            yield f"worker={self._worker}"


class JsonFormatter(_Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON: what a record does not have is left out."""
        line: dict[str, Json] = {
            "time": _iso_time(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._mask(record.getMessage()),
        }
        if self._worker is not None:
            line["worker"] = self._worker
        for name, id_of in self._ids:
            called = id_of(record)
            if called is not None:
                line[name] = self._mask(called)
        fields = getattr(record, "fields", None)
        if fields is not None:
            line["fields"] = self._masked(fields)
        trace = self._exception(record)
        if trace is not None:
            line["exception"] = trace
        return _json(line)


def _request_id(record: logging.LogRecord) -> str | None:
    """Return what the request is called that a record is about, if it is about one."""
    said: str | None = getattr(record, "request_id", None)
    return REQUEST_IN_PROGRESS.get() if said is None else said


def _json(line: dict[str, Json]) -> str:
    try:
        return orjson.dumps(line).decode()
    except TypeError:  # half a character, or a number past 64 bits
        return json.dumps(line)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, float) and isfinite(value)


def _shown(text: str) -> str:
    """Return a text on one line, nothing in it acting; nearly all are so from the start."""
    return text if text.isascii() and text.isprintable() else one_line(text)


def _indented(line: str) -> str:
    """Return a line of a traceback with its indentation, nothing in it acting."""
    return line[: len(line) - len(line.lstrip(" "))] + _shown(line.strip())


def _pair_value(value: Json) -> str:
    text = _shown(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    is_bare = text and " " not in text and '"' not in text and "=" not in text
    return text if is_bare else json.dumps(text, ensure_ascii=False)


@lru_cache(maxsize=1)
def _time_of_day(second: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(second))


def _iso_time(created: float) -> str:
    """Return a moment as RFC 3339 has it, in UTC."""
    second = int(created)
    return f"{_iso_second(second)}.{int((created - second) * 1000):03}Z"


@lru_cache(maxsize=1)
def _iso_second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


FORMATTERS: Final[dict[LogFormat, type[_Formatter]]] = {
    "console": ConsoleFormatter,
    "json": JsonFormatter,
}
