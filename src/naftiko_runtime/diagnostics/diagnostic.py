"""What the runtime has to say about a document: values, collected and never raised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, NamedTuple

from naftiko_runtime.values import record

_WITHOUT_SEPARATORS: Final = str.maketrans("", "", "-_. ")


class Severity(StrEnum):
    """How much a diagnostic weighs: an error stops what it is about, the others stop nothing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Position(NamedTuple):
    """A place in a source file.

    Attributes:
        file: The path, as the user wrote it or relative to where they stand.
        line: From 1.
        column: From 1, in characters.
    """

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@record
class Diagnostic:
    """One finding about a document.

    Attributes:
        severity: How much it weighs.
        code: A stable name, explained in `docs/diagnostics/<code>.md`.
        message: One line: what is the matter with what.
        position: Where, if the finding has a place.
        hint: How to mend it, or the near name that was probably meant.
        unit: The exposed unit that is left out because of it, as `namespace.name`.
    """

    severity: Severity
    code: str
    message: str
    position: Position | None = None
    hint: str | None = None
    unit: str | None = None


@dataclass(slots=True)
class Diagnostics:
    """The findings about one run of the loader, in the order of their discovery."""

    found: list[Diagnostic] = field(default_factory=list)

    def error(self, code: str, message: str, at: Position | None, **more: str | None) -> None:
        """Add an error; `more` may hold `hint` and `unit`."""
        self.found.append(Diagnostic(Severity.ERROR, code, message, at, **more))

    def warning(self, code: str, message: str, at: Position | None, **more: str | None) -> None:
        """Add a warning; `more` may hold `hint` and `unit`."""
        self.found.append(Diagnostic(Severity.WARNING, code, message, at, **more))

    def info(self, code: str, message: str, at: Position | None, **more: str | None) -> None:
        """Add an information; `more` may hold `hint` and `unit`."""
        self.found.append(Diagnostic(Severity.INFO, code, message, at, **more))

    def extend(self, others: Iterable[Diagnostic]) -> None:
        """Add findings that were made elsewhere."""
        self.found.extend(others)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    @property
    def errors(self) -> list[Diagnostic]:
        """The errors among the findings."""
        return [one for one in self.found if one.severity is Severity.ERROR]

    def has_errors_since(self, count: int) -> bool:
        """Return whether there are errors among the findings after the first so many."""
        return any(one.severity is Severity.ERROR for one in self.found[count:])


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the nearest known name, if one is near.

    A name that differs in case and separators only is the nearest; case counts for nothing.
    """
    by_folded = {one.casefold(): one for one in known}
    wanted = name.casefold()
    alike = [one for one in by_folded if _bare(one) == _bare(wanted)]
    near = get_close_matches(wanted, alike or by_folded, n=1, cutoff=0.0 if alike else 0.7)
    return f"did you mean '{by_folded[near[0]]}'?" if near else None


def _bare(name: str) -> str:
    return name.translate(_WITHOUT_SEPARATORS)
