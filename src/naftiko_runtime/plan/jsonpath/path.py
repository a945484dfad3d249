"""What a JSONPath is compiled to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from naftiko_runtime.values import Json, Value, record

Find: TypeAlias = Callable[[Json], Value]
"""Finds the value of a path in a document; it never raises."""


class JsonPathInvalid(ValueError):
    """A text that is no JSONPath; the message says in a few words why."""


@record
class Path:
    """A compiled path.

    Attributes:
        text: As the document has it.
        definite: Whether it leads to one value at most; any other gives a list.
        first_name: The name of the first member on the way, if the path starts with one.
        find: Finds its value. A definite path that leads nowhere is absent; an indefinite one
            gives a list, which may be empty.
    """

    text: str
    definite: bool
    first_name: str | None
    find: Find

    @property
    def is_root(self) -> bool:
        """Whether it means the whole value: `$`, `$.` or `@`."""
        return self.text.strip() in ("$", "$.", "@", "@.")
