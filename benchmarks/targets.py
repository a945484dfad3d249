"""What is to be reached: by name of a figure, a target, and a stretch beyond it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Target:
    """One row of what is to be reached.

    Attributes:
        what: What is measured.
        figure: The figure's name among all findings.
        target: What it has to be.
        stretch: What would be better still.
        unit: What it is measured in; a ratio without one.
        is_most: Whether the figure may be no more than the target, instead of no less.
    """

    what: str
    figure: str
    target: float
    stretch: float
    unit: str = ""
    is_most: bool = False

    def cells(self, figures: Mapping[str, float]) -> tuple[str, ...]:
        """Return the row: what, target, stretch, measured, and whether it is met."""
        figure = figures.get(self.figure)
        bound = "at most" if self.is_most else "at least"
        measured = "not measured" if figure is None else self._written(round(figure, 3))
        return (
            self.what,
            f"{bound} {self._written(self.target)}",
            self._written(self.stretch),
            measured,
            self._verdict(figure),
        )

    def _verdict(self, figure: float | None) -> str:
        if figure is None:
            return "-"
        if self._reaches(figure, self.stretch):
            return "met, and stretch"
        return "met" if self._reaches(figure, self.target) else "**not met**"

    def _reaches(self, figure: float, bound: float) -> bool:
        return figure <= bound if self.is_most else figure >= bound

    def _written(self, number: float) -> str:
        return f"{number:g} {self.unit}".rstrip()


TARGETS: Final = (
    Target("REST, identity, 2 KB, 32 connections, of nginx", "rest 2 KB", 0.33, 0.45),
    Target("the same, 200 KB", "rest 200 KB", 0.45, 0.60),
    Target("128 connections, of 32", "rest 128 connections", 0.85, 0.95),
    Target(
        "one connection, p50 over calling upstream", "rest one connection", 0.15, 0.10, "ms", True
    ),
    Target("REST, five mapped fields, of identity", "shaped", 0.70, 0.85),
    Target("MCP tools/call, older protocol, of nginx", "mcp older", 0.20, 0.32),
    Target("MCP tools/call, newest protocol, of nginx", "mcp newest", 0.20, 0.32),
    Target("1,158 routes, of 12", "many routes", 0.90, 0.97),
    Target("1,158 tools, of 12, older protocol", "many tools older", 0.90, 0.97),
    Target("1,158 tools, of 12, newest protocol", "many tools newest", 0.90, 0.97),
    Target("p99 at 128 connections, of nginx's", "rest p99", 8, 4, "", True),
    Target("tools/list, 1,158 tools, one page, p50", "list", 5, 1, "ms", True),
    Target("serve ready after imports, the seed", "ready seed", 0.3, 0.1, "s", True),
    Target("serve ready after imports, 1.8 MB", "ready large", 0.7, 0.4, "s", True),
    Target("the same, of PyYAML's load of the file", "ready large of PyYAML", 1.25, 0.71, "", True),
    Target("naftiko --help", "help", 0.15, 0.1, "s", True),
    Target("naftiko validate, the seed", "validate", 0.6, 0.3, "s", True),
    Target("resident memory, the seed", "memory seed", 90, 70, "MB", True),
    Target("resident memory, 1,158 tools", "memory many", 200, 120, "MB", True),
    Target("growth over 10^6 calls", "memory growth", 5, 1, "MB", True),
    Target("two workers, of one", "workers", 1.7, 1.9),
)
