"""A runtime, and the process beside it: that serves the same, and ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.listener_plan import Key
from naftiko_runtime.runtime.assembly import Assembler
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.runtime.siding import Siding
from naftiko_runtime.runtime.sockets import bind_all
from naftiko_runtime.settings import ServeSettings
from tests.runtime.ports import free_ports, mock, write
from tests.upstreams import RecordingClient


class Beside:
    """Where large bodies go: keeps what it is told."""

    def __init__(self) -> None:
        self.keys: Callable[[], Iterable[Key]] = list
        self.told: list[str] = []

    def retire(self) -> None:
        self.told.append("retire")

    def tell(self) -> None:
        self.told.append("tell")

    async def aclose(self) -> None:
        self.told.append("close")


class Stubborn(Beside):
    """One that does not end well."""

    async def aclose(self) -> None:
        raise OSError


@asynccontextmanager
async def _serving(beside: Beside, *paths: Path) -> AsyncIterator[Runtime]:
    fleet = Fleet.asked_for(paths, ServeSettings())
    fleet.look()
    client = RecordingClient()
    engine, callers = Engine(client), Callers(client)
    listeners = Assembler(engine, callers, Limits()).listeners(bind_all(fleet.listeners()[0]))
    runtime = Runtime(listeners, engine, siding=cast("Siding", beside))
    serving = asyncio.create_task(runtime.serve())
    await runtime.ready.wait()
    yield runtime
    runtime.stop()
    await serving
    await callers.aclose()


async def test_a_process_beside_has_the_listeners_that_there_are(tmp_path: Path) -> None:
    beside = Beside()
    rest, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    async with _serving(beside, file) as runtime:
        assert [port for _, port, _ in [*beside.keys()]] == [rest, mcp]
        runtime.remove(runtime.listeners[0][0])
        assert len([*beside.keys()]) == 1


async def test_a_process_beside_is_replaced_when_what_is_served_is() -> None:
    beside = Beside()
    async with _serving(beside) as runtime:
        runtime.renew()
        assert beside.told == ["retire"]


async def test_a_process_beside_is_asked_what_runs_there_too() -> None:
    beside = Beside()
    async with _serving(beside) as runtime:
        runtime.tell()
        assert beside.told == ["tell"]


async def test_a_process_beside_ends_with_the_runtime() -> None:
    beside = Beside()
    async with _serving(beside):
        assert beside.told == []
    assert beside.told == ["close"]


async def test_what_does_not_end_well_is_logged_and_keeps_nothing_else_open(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = RecordingClient()
    runtime = Runtime([], Engine(client), siding=cast("Siding", Stubborn()))
    runtime.stop()
    await runtime.serve()
    assert client.closed
    assert "something did not end well" in caplog.text
