"""However broken a document is, loading it comes to an end with diagnostics."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from hypothesis import given

from naftiko_runtime.diagnostics.rendering import FORMATS, render
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.loading import load_capability
from tests.corpus.mutations import Mutant, mutants
from tests.corpus.oracle.documents import all_files

_SECONDS: Final = 60


@given(mutants(all_files()))
def test_mutants_load_or_are_refused_with_diagnostics(mutant: Mutant) -> None:
    with tempfile.TemporaryDirectory() as folder, _in_time(mutant):
        file = Path(folder) / "mutant.yaml"
        file.write_text(mutant.text, encoding="utf-8")
        loaded = load_capability(file, LoadOptions())
        assert loaded.capability is not None or list(loaded.diagnostics), "refused without a word"
        for form in FORMATS:
            render(loaded.diagnostics, form)


class _TookTooLong(BaseException):
    """No handler of the code under test may take this for an error of its own."""


@contextmanager
def _in_time(mutant: Mutant) -> Iterator[None]:
    """End what hangs: a test that never returns tells nothing."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise _TookTooLong(f"{mutant.origin} after {mutant.changes} is not loaded in time")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
