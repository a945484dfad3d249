"""The first of several processes; its workers are played here."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from naftiko_runtime.expose.listeners import Overrides
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.load.stamps import digest
from naftiko_runtime.runtime.channel import Message, channel
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.sockets import Bound, bind_all
from naftiko_runtime.runtime.workers import Workers, _Forked
from naftiko_runtime.secrecy import Secrecy
from naftiko_runtime.values import Json
from tests.runtime.ports import free_ports, mock, write

OTHER, FAILED = Message("reloaded", ("other",)), Message("failed")


class _First(Workers):
    """The first process.

    Attributes:
        told: What it tells workers.
        replies: What its workers say first when they are to reload; then, that all is well.
    """

    told: list[tuple[str, Json]]
    replies: list[Message]

    def _tell(self, word: str, *values: Json, passed: Bound | None = None) -> None:
        self.told.append((word, values[1] if passed is not None else None))

    def _ask(self, word: str, *values: Json) -> list[Message]:
        self._tell(word, *values)
        well = Message("reloaded", (digest(self._fleet.stamps),))
        return [well, self.replies.pop(0) if self.replies else well]


@contextmanager
def _first(folder: Path) -> Iterator[_First]:
    fleet = Fleet([folder], LoadOptions(), Overrides())
    fleet.look()
    plans, _ = fleet.listeners()
    first = _First(fleet, bind_all(plans), Secrecy(), 1, lambda *_: None, watch=False)
    first.told = []
    try:
        yield first
    finally:
        for bound in first._bound:
            bound.socket.close()
        first._signals.close()
        first._selector.close()


@pytest.mark.parametrize("reply", [OTHER, FAILED])
def test_workers_get_all_sockets_at_each_try(tmp_path: Path, reply: Message) -> None:
    rest, mcp, new = free_ports(3)
    write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    with _first(tmp_path) as first:
        write(tmp_path / "b.yaml", mock("b", "two", rest=new, mcp=mcp))
        first.replies = [reply]
        first._reload(anew=False)
    tries = [("take", rest), ("take", mcp), ("take", new), ("reload", None)]
    assert first.told == tries * 2


@pytest.mark.parametrize(
    ("reply", "why"),
    [(OTHER, "files go on changing"), (FAILED, "a worker could not swap files in")],
)
def test_what_workers_do_not_serve_in_one_state_is_not_tried_for_ever(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, reply: Message, why: str
) -> None:
    rest, mcp = free_ports(2)
    write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    with _first(tmp_path) as first:
        first.replies = [reply] * 100
        first._reload(anew=False)
    assert f"{why}: workers may serve them in different states" in caplog.text


def _refuse() -> int:
    raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")


def test_a_worker_that_can_not_be_forked_now_is_missing_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(os, "fork", _refuse)
    with _first(tmp_path) as first:
        first._fork_missing()
        assert first._missing == [1]
    assert "worker 1 could not be forked: Resource temporarily unavailable" in caplog.text


def test_nothing_starts_where_no_worker_can_be_forked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fork", _refuse)
    with _first(tmp_path) as first:
        assert not first.serve(pytest.fail)


def _reloads(first: _First) -> list[bool]:
    """Let a process keep its workers until it has reloaded; return whether that was anew."""
    reloads: list[bool] = []

    def reload(*, anew: bool) -> None:
        reloads.append(anew)
        first._signalled.add(signal.SIGTERM)

    first._reload = reload  # type: ignore[method-assign]
    first._missing = []
    first._keep()
    return reloads


def test_a_signal_that_comes_during_a_reload_is_not_left_until_something_else_happens(
    tmp_path: Path,
) -> None:
    write(tmp_path / "a.yaml", mock("a", "one", rest=0, mcp=0))
    with _first(tmp_path) as first:
        first._signalled.add(signal.SIGHUP)
        assert _reloads(first) == [True]


def test_a_worker_may_ask_for_a_reload(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", mock("a", "one", rest=0, mcp=0))
    here, there = channel()
    there.send("asks for a reload")
    with _first(tmp_path) as first:
        first._hear(_Forked(1, 0, here))
        assert _reloads(first) == [True]
    here.close()
    there.close()
