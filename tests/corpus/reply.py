"""What callers get, and how the checks call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from naftiko_runtime.values import Json
from tests.corpus.oracle.exposed import Unit
from tests.corpus.oracle.inputs import ExpectedInput


@dataclass(frozen=True, slots=True)
class Reply:
    """What a caller gets.

    Attributes:
        is_success: Whether the call came through.
        is_refusal: Whether it was turned down for its arguments.
        text: The answer in words.
    """

    is_success: bool
    is_refusal: bool
    text: str


class Face(Protocol):
    """A way to call the units of a capability."""

    async def call(
        self, unit: Unit, inputs: Sequence[ExpectedInput], arguments: Mapping[str, Json]
    ) -> Reply:
        """Call a unit."""
        ...

    def published(self, unit: Unit, name: str) -> str:
        """Return the name under which callers see an input."""
        ...
