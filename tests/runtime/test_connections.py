"""How many connections there may be, and who gives way where there are no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from naftiko_runtime.runtime.connections import Connections


@dataclass(eq=False, slots=True)
class One:
    """A connection."""

    total: Connections
    address: str
    is_busy: bool = False
    has_ended: bool = False

    def gives_way(self) -> bool:
        self.has_ended = not self.is_busy
        if self.has_ended:
            self.total.leave(self.address, self)
        return self.has_ended


def entered(total: Connections, addresses: str) -> Iterator[One]:
    """Yield a connection of each address that is let in."""
    for address in addresses:
        one = One(total, address)
        if total.enter(address, one):
            yield one


def test_there_are_as_many_as_may_be() -> None:
    total = Connections(3)
    assert len(list(entered(total, "aaaa"))) == total.open == 3


def test_the_oldest_of_who_has_most_gives_way() -> None:
    total = Connections(4)
    connections = list(entered(total, "baaa"))
    assert list(entered(total, "c"))
    assert [one.has_ended for one in connections] == [False, True, False, False]
    assert total.open == 4


def test_nobody_gives_way_to_who_would_have_as_much() -> None:
    total = Connections(4)
    connections = list(entered(total, "aabb"))
    assert not list(entered(total, "ab"))
    assert list(entered(total, "c"))
    assert not list(entered(total, "cd"))
    assert sum(one.has_ended for one in connections) == 1


def test_who_is_busy_is_passed_over() -> None:
    total = Connections(100)
    connections = list(entered(total, "a" * 100))
    for one in connections[:99]:
        one.is_busy = True
    admitted = [bool(list(entered(total, "b"))) for _ in range(4)]
    assert admitted == [False, False, False, True], "they are looked at in turn"
    assert connections[99].has_ended


def test_who_has_most_is_known_when_others_have_left() -> None:
    total = Connections(4)
    first = list(entered(total, "aaa"))
    for one in first:
        total.leave("a", one)
    second = list(entered(total, "bbbb"))
    assert list(entered(total, "c"))
    assert second[0].has_ended
    assert total.open == 4


def test_where_there_may_be_none_there_is_none() -> None:
    assert not list(entered(Connections(0), "a"))
