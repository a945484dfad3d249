"""What control adapters tell of the process that serves, and what they can have it do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from naftiko_runtime.diagnostics import Diagnostic
from naftiko_runtime.values import Json


class ReloadRunning(Exception):
    """Files are being loaded already."""


@dataclass(frozen=True, slots=True)
class AdapterState:
    """One adapter, as it is now.

    Attributes:
        type: Of the adapter.
        namespace: Of the adapter.
        port: Where it listens; None on standard input and output, or where it does not listen.
        is_started: Whether it is being served.
    """

    type: str
    namespace: str
    port: int | None
    is_started: bool


@dataclass(frozen=True, slots=True)
class ProcessState:
    """The process, as it is now.

    Attributes:
        adapters: Those of all capabilities.
        obstacles: Why no more requests are to be sent to it, one sentence each.
        uptime_seconds: For how long it has been serving.
        is_traced: Whether spans are made.
    """

    adapters: tuple[AdapterState, ...]
    obstacles: tuple[str, ...]
    uptime_seconds: float
    is_traced: bool


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What came of a reload.

    Attributes:
        served: The files of the capabilities that are served.
        kept: Files that can't be served as they are now, and are served as they were before.
        left_out: Files that can't be served.
        diagnostics: What there is to say about the files that were loaded.
    """

    served: tuple[str, ...]
    kept: tuple[str, ...]
    left_out: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Exposition:
    """What was measured, ready to be sent.

    Attributes:
        media_type: Of the body.
        body: The whole of it.
    """

    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Traces:
    """What was traced.

    Attributes:
        size: How many traces each process keeps.
        newest_first: Those that are kept, with their spans, as they are told.
    """

    size: int
    newest_first: Sequence[dict[str, Json]]


class Process(Protocol):
    """What serves, as control adapters see it."""

    def state(self) -> ProcessState:
        """Return how things are now."""
        ...

    def mask(self, text: str) -> str:
        """Return a text with `***` in place of every secret that it holds."""
        ...

    async def measured(self, accept: str) -> Exposition:
        """Return what was measured.

        Args:
            accept: The header of that name; it may ask for OpenMetrics.
        """
        ...

    async def traced(self) -> Traces | None:
        """Return the traces that ended last; None where nothing is traced."""
        ...

    async def reload(self) -> Reloaded | None:
        """Load all files again, and return what came of it when it has taken effect.

        Returns:
            None where another process does it, and has only been asked to.

        Raises:
            ReloadRunning: That is going on already.
        """
        ...
