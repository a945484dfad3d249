"""Large bodies take turns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from naftiko_runtime.runtime.turns import Turns


class Loop:
    """An event loop in which time passes when a body is parsed, and when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.parsed: list[tuple[str, float]] = []
        self._due: list[tuple[float, Callable[[], None]]] = []
        self.turns = Turns(lambda: self.now)

    def call_soon(self, act: Callable[..., None], *rest: Any) -> None:
        self.call_later(0.0, act, *rest)

    def call_later(self, seconds: float, act: Callable[..., None], *rest: Any) -> None:
        self._due.append((self.now + seconds, lambda: act(*rest)))

    def arrives(self, name: str, seconds: float) -> None:
        """Have a body arrive whose parsing takes so long."""
        self.turns.take(cast("Any", self), lambda: self.call_soon(self._parse, name, seconds))

    def runs(self) -> None:
        """Do everything that is due, and what is due after that."""
        while self._due:
            first = min(self._due, key=lambda one: one[0])
            self._due.remove(first)
            self.now = max(self.now, first[0])
            first[1]()

    def _parse(self, name: str, seconds: float) -> None:
        self.parsed.append((name, self.now))
        self.now += seconds


def test_the_first_body_does_not_wait() -> None:
    loop = Loop()
    loop.arrives("a", 1.0)
    loop.runs()
    assert loop.parsed == [("a", 0.0)]


def test_between_two_bodies_there_is_as_long_for_all_else() -> None:
    loop = Loop()
    for name, seconds in (("a", 1.0), ("b", 3.0), ("c", 1.0)):
        loop.arrives(name, seconds)
    loop.runs()
    assert loop.parsed == [("a", 0.0), ("b", 2.0), ("c", 8.0)]


def test_a_body_that_comes_when_all_is_over_does_not_wait() -> None:
    loop = Loop()
    loop.arrives("a", 1.0)
    loop.runs()
    loop.now = 10.0
    loop.arrives("b", 1.0)
    loop.runs()
    assert loop.parsed == [("a", 0.0), ("b", 10.0)]


def test_bodies_that_take_hardly_any_of_the_time_are_not_noticed() -> None:
    loop = Loop()
    assert not loop.turns.are_noticed
    loop.arrives("a", 0.01)
    loop.runs()
    loop.now = 2.1
    assert not loop.turns.are_noticed


def test_bodies_that_take_more_than_their_share_are_noticed_until_they_do_not() -> None:
    loop = Loop()
    loop.arrives("a", 0.01)
    loop.runs()
    assert loop.turns.are_noticed
    loop.now = 1.9
    assert loop.turns.are_noticed
    loop.arrives("b", 0.01)
    loop.runs()
    loop.now = 3.8
    assert loop.turns.are_noticed
    loop.now = 4.0
    assert not loop.turns.are_noticed


def test_a_body_is_not_noticed_before_it_is_parsed() -> None:
    loop = Loop()
    loop.arrives("a", 1.0)
    assert not loop.turns.are_noticed
