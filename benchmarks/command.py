"""The command line that the scripts share: how much is measured."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from benchmarks.measuring import Effort, Finding


def effort(about: str | None) -> Effort:
    """Read the options of a script."""
    options = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    usual = Effort()
    options.add_argument("--seconds", type=int, default=usual.seconds, help="of one load")
    options.add_argument("--rounds", type=int, default=usual.rounds, help="of all contenders")
    options.add_argument("--calls", type=int, default=usual.calls, help="over which memory grows")
    return Effort(**vars(options.parse_args()))


def answer(about: str | None, question: Callable[[Effort], Finding]) -> None:
    """Run the script of one question, and print what it found."""
    print(question(effort(about)))
