"""What does not fit, and how the caller is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from naftiko_runtime.diagnostics.characters import one_line
from naftiko_runtime.errors import InputProblem
from naftiko_runtime.plan.paths import pointer_part
from naftiko_runtime.values import ABSENT, Absent, Json, Value, record

MOST_PROBLEMS: Final = 50
"""Problems past this number are not reported: no one reads them, and they cost time."""

_ECHOED: Final = 40

Step: TypeAlias = str | int
"""A member's name, or an item's index."""


@record
class Misfit:
    """One value that does not fit, before it is known which input it is in.

    Attributes:
        expected: What it has to be, as the end of a sentence about it.
        value: The value, if it may be shown.
        path: Where it stands inside the input.
    """

    expected: str
    value: Value = ABSENT
    path: tuple[Step, ...] = ()


class Mismatch(Exception):
    """A value has misfits. It never leaves this package: callers get `InvalidInput`."""

    def __init__(self, misfits: Sequence[Misfit]) -> None:
        super().__init__(misfits)
        self.misfits = misfits

    @classmethod
    def of(cls, expected: str, value: Value = ABSENT) -> Mismatch:
        """Return the mismatch of one value."""
        return cls((Misfit(expected, value),))

    def under(self, step: Step) -> Iterable[Misfit]:
        """Return the misfits as those of a value that holds this one."""
        return (replace(one, path=(step, *one.path)) for one in self.misfits)

    def problems(self, name: str, *, secret: bool = False) -> list[InputProblem]:
        """Return the misfits as problems of an input.

        Args:
            name: What the caller calls the input.
            secret: Whether the input's value may not be shown.
        """
        return [_problem(one, name, secret) for one in self.misfits]


def _problem(misfit: Misfit, name: str, secret: bool) -> InputProblem:
    pointer = "".join(f"/{pointer_part(str(step))}" for step in (name, *misfit.path))
    inside = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in misfit.path)
    detail = f"'{one_line(name + inside)}' {misfit.expected}"
    if not secret and not isinstance(misfit.value, Absent):
        detail += f", not {echo(misfit.value)}"
    return InputProblem(pointer, detail)


def echo(value: Json) -> str:
    """Return a value as it can be shown to anyone: short, and on one line."""
    if isinstance(value, str):
        return f"'{cut(value)}'"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return "an array" if isinstance(value, list) else "an object"
    if isinstance(value, int) and value.bit_length() > _ECHOED * 3:
        return "so large a number"
    return str(value)


def cut(text: str) -> str:
    """Return the first characters of a text, on one line."""
    return one_line(text if len(text) <= _ECHOED else f"{text[: _ECHOED - 1]}…")
