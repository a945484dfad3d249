"""The first of several processes; its workers are played here."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from naftiko_runtime.expose.listeners import Overrides
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.load.stamps import digest
from naftiko_runtime.runtime.channel import Message
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.sockets import Bound, bind_all
from naftiko_runtime.runtime.workers import Workers
from naftiko_runtime.secrecy import Secrecy
from naftiko_runtime.values import Json
from tests.runtime.ports import free_ports, mock, write


class _First(Workers):
    """The first process. At its first reload, its workers found files in another state.

    Attributes:
        told: What it tells workers.
    """

    told: list[tuple[str, Json]]

    def _tell(self, word: str, *values: Json, passed: Bound | None = None) -> None:
        self.told.append((word, values[1] if passed is not None else None))

    def _ask(self, word: str, *values: Json) -> list[Message]:
        self._tell(word, *values)
        is_first = [word for word, _ in self.told].count("reload") == 1
        return [Message("reloaded", ("other" if is_first else digest(self._fleet.stamps),))]


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


def test_workers_get_all_sockets_at_each_try(tmp_path: Path) -> None:
    rest, mcp, new = free_ports(3)
    write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    with _first(tmp_path) as first:
        write(tmp_path / "b.yaml", mock("b", "two", rest=new, mcp=mcp))
        first._reload(anew=False)
    tries = [("take", rest), ("take", mcp), ("take", new), ("reload", None)]
    assert first.told == tries * 2


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
