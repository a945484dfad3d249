"""Contenders that are loaded in turn, and what came of it: medians, ratios, spread."""

from __future__ import annotations

import statistics
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.load import Load, Request, wrk

CEILING = "nginx proxy_pass"
"""What a native proxy reaches: the contender that all others are compared with."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured.

    Attributes:
        seconds: How long each contender is loaded at a time.
        rounds: How often it is its turn.
        calls: How many calls memory is to grow over.
    """

    seconds: int = 5
    rounds: int = 3
    calls: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a table in Markdown.

    Attributes:
        title: What was measured.
        columns: The heads.
        rows: The cells.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        return "\n".join([f"### {self.title}", "", *(f"| {' | '.join(one)} |" for one in lines)])


@dataclass(slots=True)
class Finding:
    """What the script of one question found.

    Attributes:
        tables: All that was measured.
        figures: By name, what targets are about.
        notes: What could not be measured, and why.
    """

    tables: list[Table] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n\n".join([*map(str, self.tables), *self.notes])


@dataclass(frozen=True, slots=True)
class Measured:
    """All loads of one contender."""

    loads: tuple[Load, ...]

    @property
    def rate(self) -> float:
        """Answers per second."""
        return statistics.median(one.per_second for one in self.loads)

    @property
    def p50(self) -> float:
        """The median latency, in seconds."""
        return statistics.median(one.p50 for one in self.loads)

    @property
    def p99(self) -> float:
        """The 99th percentile of the latency, in seconds."""
        return statistics.median(one.p99 for one in self.loads)

    @property
    def spread(self) -> str:
        """The least and the most answers per second."""
        rates = [one.per_second for one in self.loads]
        return f"{min(rates):,.0f} to {max(rates):,.0f}"

    @property
    def errors(self) -> int:
        """How many answers were none."""
        return sum(one.errors for one in self.loads)


def measure(
    contenders: dict[str, Request], effort: Effort, connections: int = 32
) -> dict[str, Measured]:
    """Load contenders in turn, in as many rounds as are asked for.

    Raises:
        RuntimeError: One of them does not answer as it should.
    """
    for name, request in contenders.items():
        check(name, request)
    loads: dict[str, list[Load]] = {name: [] for name in contenders}
    for _ in range(effort.rounds):
        for name, request in contenders.items():
            loads[name].append(wrk(request, connections, effort.seconds))
    return {name: Measured(tuple(each)) for name, each in loads.items()}


def check(name: str, request: Request) -> bytes:
    """Return the body of one answer.

    Raises:
        RuntimeError: It is an error.
    """
    asked = urllib.request.Request(
        request.url, request.body, dict(request.headers), method=request.method
    )
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            body: bytes = answer.read()
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{name} answers {error.code}: {error.read()[:500]!r}") from error
    if b'"isError":true' in body.replace(b" ", b"") or b'"error":' in body[:200]:
        raise RuntimeError(f"{name} answers an error: {body[:500]!r}")
    return body


def table(title: str, results: dict[str, Measured], ceiling: str = CEILING) -> Table:
    """Return results with their ratios to one of them."""
    columns = ("contender", "req/s", "spread", "ratio", "p50 ms", "p99 ms", "errors")
    rows = [
        (
            name,
            f"{one.rate:,.0f}",
            one.spread,
            f"{one.rate / results[ceiling].rate:.3f}",
            f"{one.p50 * 1e3:.2f}",
            f"{one.p99 * 1e3:.2f}",
            str(one.errors),
        )
        for name, one in results.items()
    ]
    return Table(title, columns, rows)
