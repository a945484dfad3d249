"""A worker does what the first process says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from naftiko_runtime.expose.listener_plan import ListenerPlan
from naftiko_runtime.load.stamps import digest
from naftiko_runtime.runtime.channel import Channel, Message, channel
from naftiko_runtime.runtime.peers import Seat
from naftiko_runtime.runtime.reload import Reloader
from naftiko_runtime.runtime.sockets import PortInUse, bind_all
from naftiko_runtime.runtime.worker import Worker
from tests.runtime.ports import free_ports, mock, write
from tests.runtime.running import Running, running


@asynccontextmanager
async def obeying(run: Running, seat: Seat | None = None) -> AsyncIterator[Channel]:
    """Have a runtime obey; return the first process's end of the line."""
    here, there = channel()
    worker = Worker(1, there, b"key", seat)
    assembler = run.reloader._assembler
    reloader = Reloader(run.fleet, assembler, run.runtime, run.secrecy, worker.bind, is_quiet=True)
    task = asyncio.create_task(worker.obey(run.fleet, reloader, run.runtime))
    try:
        assert await reply(here) == Message("accepts")
        yield here
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        here.close()
        there.close()


async def reply(here: Channel) -> Message:
    [message] = await asyncio.to_thread(here.receive)
    return message


async def test_a_worker_that_is_to_reload_asks_the_first_process() -> None:
    here, there = channel()
    await Worker(1, there, b"key").ask_for_reload()
    assert await reply(here) == Message("asks for a reload")
    here.close()
    there.close()


async def test_files_are_loaded_and_nothing_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port, mcp, other = free_ports(3)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=port, mcp=mcp))
    write(tmp_path / "b.yaml", mock("b", "one", rest=port, mcp=mcp))
    async with running(tmp_path) as run, obeying(run) as here:
        write(file, mock("a", "two", rest=other, mcp=mcp))
        write(tmp_path / "b.yaml", "capability: [")
        [bound] = bind_all([ListenerPlan("127.0.0.1", other)])
        here.send("take", *bound.plan.key, passed=bound.socket)
        bound.socket.close()
        here.send("reload", True)
        assert await reply(here) == Message("reloaded", (digest(run.fleet.stamps),))
        assert await run.read(other, "/a") == "two"
        assert await run.read(port, "/b") == "one"
    assert [one for one in caplog.records if one.name == "naftiko.reload"] == []


async def test_a_port_that_was_not_passed_on_leaves_its_capability_as_it_was(
    tmp_path: Path,
) -> None:
    port, mcp, other = free_ports(3)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=port, mcp=mcp))
    async with running(file) as run, obeying(run) as here:
        write(file, mock("a", "two", rest=other, mcp=mcp))
        here.send("reload", True)
        await reply(here)
        assert await run.read(port, "/a") == "one"


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError


async def test_a_reload_that_fails_is_answered_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=port, mcp=mcp))
    async with running(file) as run, obeying(run) as here:
        monkeypatch.setattr(type(run.fleet), "look", _fail)
        here.send("reload", True)
        assert await reply(here) == Message("failed")
        assert "reloading failed" in caplog.text
        assert await run.read(port, "/a") == "one"


async def test_a_worker_that_can_not_swap_in_what_it_has_loaded_does_not_say_that_it_serves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=port, mcp=mcp))
    async with running(file) as run, obeying(run) as here:
        write(file, mock("a", "two", rest=port, mcp=mcp))
        with monkeypatch.context() as broken:
            broken.setattr("naftiko_runtime.runtime.assembly.openapi_document", _fail)
            here.send("reload", False)
            assert await reply(here) == Message("failed")
        here.send("reload", False)
        assert await reply(here) == Message("reloaded", (digest(run.fleet.stamps),))
        assert await run.read(port, "/a") == "two"


async def test_a_port_is_freed(tmp_path: Path) -> None:
    port, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=port, mcp=mcp))
    async with running(file) as run, obeying(run) as here:
        here.send("free", "127.0.0.1", port, "")
        assert await reply(here) == Message("freed")
        assert run.ports == {mcp}


async def test_without_the_first_process_the_runtime_stops(tmp_path: Path) -> None:
    port, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=port, mcp=mcp))
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    async with running(file) as run, obeying(run, Seat(meeting, "1")) as here:
        here.close()
        async with asyncio.timeout(60):
            await run.runtime.stopping.wait()
        assert not await asyncio.to_thread(meeting.exists), "the folder was left behind"


def test_sockets_that_were_not_passed_on_are_not_there() -> None:
    here, there = channel()
    with pytest.raises(PortInUse):
        Worker(1, there, b"key").bind([ListenerPlan("127.0.0.1", 80)])
    here.close()
    there.close()
