"""The values that flow through a call: JSON, absence, deadlines."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias, TypeVar, dataclass_transform

T = TypeVar("T")

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""Any JSON value, as Python's own types."""


KNOWN_METHODS: Final = frozenset(
    {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}
)
"""The methods that HTTP defines."""

OTHER_METHOD: Final = "_OTHER"
"""Stands for all other methods in what is told of requests, as OpenTelemetry has it."""


class Absent(Enum):
    """The type of `ABSENT`: a value that the caller left out, which is not the same as null."""

    ABSENT = "absent"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT

Value: TypeAlias = "Json | Absent"
"""A JSON value, or nothing at all."""


class JsonText(str):
    """A JSON value as a caller has written it, and known to be one; nothing looks into it."""

    __slots__ = ()


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(one: type[T]) -> type[T]:
    """Make a class a dataclass with slots, which is frozen for the type checker alone.

    Python freezes by a function call for every field, which makes an object cost seven times as
    much, and by functions for every class, which makes those cost twice as much. A call makes about
    ten objects, the plan of one unit about thirty, and there are two hundred classes.
    """
    return dataclass(slots=True, unsafe_hash=True)(one)


@record
class Deadline:
    """The moment at which a call has to be over, on the monotonic clock.

    Attributes:
        at: Seconds on `time.monotonic()`.
        connect_seconds: How long a connection may take on the way there; None where only the
            client's own limit says so.
    """

    at: float
    connect_seconds: float | None = None

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Return the deadline that lies this many seconds from now."""
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Return the seconds that are left, never less than zero."""
        return max(0.0, self.at - time.monotonic())
