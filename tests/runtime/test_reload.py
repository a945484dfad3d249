"""Documents that change while they are served: section 8 of the behaviour."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from naftiko_runtime.load.stamps import Stamps
from tests.expose.mcp.wire import STATELESS, result
from tests.runtime.ports import free_ports, mock, write
from tests.runtime.running import Running, running

PATIENCE = 60.0


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0)


@asynccontextmanager
async def watching(run: Running, *, files: bool) -> AsyncIterator[None]:
    task = asyncio.create_task(run.reloader.watch(files=files))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_changed_file_is_swapped_in(tmp_path: Path) -> None:
    rest, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    async with running(file) as run:
        assert await run.read(rest, "/a") == "one"
        write(file, mock("a", "two", rest=rest, mcp=mcp))
        await run.reloader.reload()
        assert await run.read(rest, "/a") == "two"


async def test_a_broken_file_stays_as_it_was_and_it_is_said_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rest, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    async with running(tmp_path) as run:
        write(file, "capability: [")
        write(tmp_path / "b.yaml", "capability: [")
        await run.reloader.reload()
        assert await run.read(rest, "/a") == "one"
    assert f"{file}:2:1: while parsing" in caplog.text
    assert f"{file} can't be served; it stays as it was before" in caplog.text
    assert f"{tmp_path / 'b.yaml'} can't be served; it is not served" in caplog.text


async def test_a_new_file_gets_its_ports_and_a_removed_one_frees_them(tmp_path: Path) -> None:
    rest, mcp, other_rest, other_mcp = free_ports(4)
    write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    async with running(tmp_path) as run:
        other = write(tmp_path / "b.yaml", mock("b", "new", rest=other_rest, mcp=other_mcp))
        await run.reloader.reload()
        assert await run.read(other_rest, "/b") == "new"
        other.unlink()
        await run.reloader.reload()
        assert run.ports == {rest, mcp}
        for port in (other_rest, other_mcp):
            socket.create_server(("127.0.0.1", port)).close()


async def test_a_new_port_in_use_leaves_the_old_one_running(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rest, mcp, other = free_ports(3)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    neighbour = write(tmp_path / "b.yaml", mock("b", "one", rest=rest, mcp=mcp))
    async with running(tmp_path) as run:
        with socket.create_server(("127.0.0.1", other)):
            write(file, mock("a", "two", rest=other, mcp=mcp))
            write(neighbour, mock("b", "two", rest=rest, mcp=mcp))
            await run.reloader.reload()
            assert run.ports == {rest, mcp}
            assert await run.read(rest, "/a") == "one"
            assert await run.read(rest, "/b") == "two"
        await run.reloader.reload()
        assert await run.read(other, "/a") == "two"
    assert f"port {other} on 127.0.0.1, for a, can't be had: Address already in use" in caplog.text
    assert f"{file} can't be served; it stays as it was before" in caplog.text


async def test_a_new_file_whose_port_is_in_use_is_not_served(tmp_path: Path) -> None:
    rest, mcp, other = free_ports(3)
    write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    async with running(tmp_path) as run:
        with socket.create_server(("127.0.0.1", other)):
            new = write(tmp_path / "b.yaml", mock("b", "two", rest=other, mcp=mcp))
            await run.reloader.reload()
        assert run.fleet.broken == {new}
        assert run.ports == {rest, mcp}


async def test_a_server_may_move_to_another_address_on_its_port(tmp_path: Path) -> None:
    rest, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    async with running(file) as run:
        write(file, mock("a", "two", rest=rest, mcp=mcp, address="0.0.0.0"))
        await run.reloader.reload()
        assert await run.read(rest, "/a") == "two"
        assert {bound.plan.host for bound, _ in run.runtime.listeners} == {"0.0.0.0", "127.0.0.1"}


async def test_a_port_that_was_lost_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest, mcp, other = free_ports(3)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    async with running(file) as run:
        monkeypatch.setattr(type(run.fleet), "take_back", lambda *_: False)
        with socket.create_server(("127.0.0.1", other)):
            write(file, mock("a", "two", rest=other, mcp=mcp))
            await run.reloader.reload()
        assert run.ports == {mcp}


async def test_secrets_of_new_documents_are_known_before_anything_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest, mcp = free_ports(2)
    head = "binds:\n- {location: keys.env, keys: {KEY: KEY}}"
    write(tmp_path / "keys.env", "KEY=old-secret")
    file = write(tmp_path / "a.yaml", mock("a", "{{KEY}}", rest=rest, mcp=mcp, head=head))
    async with running(file) as run:
        masked: list[str] = []
        monkeypatch.setattr(
            run.reloader,
            "_tell",
            lambda _: masked.append(run.secrecy.mask("old-secret new-secret")),
        )
        write(tmp_path / "keys.env", "KEY=new-secret")
        await run.reloader.reload()
        assert masked[0] == "*** ***"
        assert await run.read(rest, "/a") == "new-secret"


async def test_secrets_of_documents_that_can_not_be_served_are_known_too(tmp_path: Path) -> None:
    rest, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    async with running(file, KEY="new-secret") as run:
        head = "binds:\n- {keys: {KEY: KEY}}\n- {location: 'vault:x', keys: {OTHER: OTHER}}"
        write(file, mock("a", "{{KEY}}", rest=rest, mcp=mcp, head=head))
        await run.reloader.reload()
        assert run.fleet.broken == {file}
        assert run.secrecy.mask("new-secret") == "***"


async def test_only_files_that_changed_are_loaded_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rest, mcp = free_ports(2)
    changed = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    write(tmp_path / "b.yaml", mock("b", "one", rest=rest, mcp=mcp))
    async with running(tmp_path) as run:
        first, second = run.fleet.capabilities
        write(changed, mock("a", "another size", rest=rest, mcp=mcp))  # whatever its time is
        await run.reloader.reload(anew=False)
        assert run.fleet.capabilities[0] is not first
        assert run.fleet.capabilities[1] is second
        await run.reloader.reload()
        assert run.fleet.capabilities[1] is not second


async def test_sighup_reloads_all(tmp_path: Path) -> None:
    rest, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))

    async def is_new() -> bool:
        return await run.read(rest, "/a") == "two"

    async with running(file) as run, watching(run, files=False):
        write(file, mock("a", "two", rest=rest, mcp=mcp))
        os.kill(os.getpid(), signal.SIGHUP)
        await until(is_new)


async def test_a_reload_that_fails_is_not_the_last(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))

    async def failed() -> bool:
        return "reloading failed" in caplog.text

    async def is_new() -> bool:
        return await run.read(rest, "/a") == "two"

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    async with running(file) as run, watching(run, files=False):
        with monkeypatch.context() as broken:
            broken.setattr(type(run.fleet), "look", fail)
            os.kill(os.getpid(), signal.SIGHUP)
            await until(failed)
        write(file, mock("a", "two", rest=rest, mcp=mcp))
        os.kill(os.getpid(), signal.SIGHUP)
        await until(is_new)


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError("no luck")


async def _fail_later(*_: object, **__: object) -> None:
    await asyncio.sleep(0)
    _fail()


@pytest.mark.parametrize(
    ("what", "how"),
    [
        ("runtime.reload.take_ports", _fail),
        ("runtime.assembly.openapi_document", _fail),
        ("expose.mcp.service.prepare_offer", _fail),
        ("expose.mcp.service.changes_between", _fail),
        ("expose.mcp.endpoint.Endpoint.serve", _fail_later),
        ("runtime.server.Runtime.add", _fail_later),
        ("runtime.server._Server.startup", _fail_later),
    ],
)
async def test_a_reload_that_fails_leaves_all_as_it_was_and_the_next_one_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, how: Callable[..., object]
) -> None:
    first, second, third, fourth = free_ports(4)
    write(tmp_path / "a.yaml", mock("a", "one", rest=first, mcp=first))
    gone = write(tmp_path / "b.yaml", mock("b", "one", rest=second, mcp=second))
    async with running(tmp_path) as run:
        served = run.fleet.capabilities
        write(tmp_path / "a.yaml", mock("c", "two", rest=first, mcp=first))
        write(tmp_path / "d.yaml", mock("d", "two", rest=third, mcp=fourth))
        gone.unlink()
        with monkeypatch.context() as broken:
            broken.setattr(f"naftiko_runtime.{what}", how)
            with pytest.raises((RuntimeError, ExceptionGroup)):
                await run.reloader.reload(anew=False)
        assert await _served(run, first, "a") == ("one", ["a"])
        assert await _served(run, second, "b") == ("one", ["b"])
        assert run.ports == {first, second}
        assert run.fleet.capabilities == served
        assert not run.fleet.is_as_files_say
        for port in (third, fourth):
            socket.create_server(("127.0.0.1", port)).close()
        await run.reloader.reload(anew=False)
        assert await _served(run, first, "c") == ("two", ["c"])
        assert await run.read(third, "/d") == "two"
        assert run.ports == {first, third, fourth}
        assert run.fleet.is_as_files_say


async def _served(run: Running, port: int, name: str) -> tuple[object, list[str]]:
    """Return what a route answers, and which tools are listed on its port."""
    url = f"http://127.0.0.1:{port}/mcp"
    listed = await result(run.client, STATELESS, "tools/list", {}, url)
    return await run.read(port, f"/{name}"), [tool["name"] for tool in listed["tools"]]


async def test_files_are_loaded_when_they_stand_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    async with running(file) as run:
        same = run.fleet.stamps
        glances = _Glances([same, {file: None}, same, {file: None}, {}, {}])
        _replace_glance(monkeypatch, run, glances)
        assert not await run.reloader._due(files=True)
        assert glances.rest == []


async def test_files_that_never_stand_still_are_loaded_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    async with running(file) as run:
        _replace_glance(
            monkeypatch, run, _Glances([{file: (number, 0, 0, 0)} for number in range(50)])
        )
        assert not await run.reloader._due(files=True)


class _Glances:
    """Stands for a fleet whose files change from glance to glance."""

    def __init__(self, rest: list[Stamps]) -> None:
        self.rest = rest

    def __call__(self, _: object) -> Stamps:
        return self.rest.pop(0)


def _replace_glance(monkeypatch: pytest.MonkeyPatch, run: Running, glances: _Glances) -> None:
    monkeypatch.setattr("naftiko_runtime.runtime.glances.GLANCE_SECONDS", 0.0)
    monkeypatch.setattr(type(run.fleet), "glance", lambda self: glances(self))


async def test_clients_hear_that_tools_changed(tmp_path: Path) -> None:
    rest, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    async with running(file) as run:
        headers = {"accept": "text/event-stream"}
        url = f"http://127.0.0.1:{mcp}/mcp"
        async with run.client.stream("GET", url, headers=headers, timeout=PATIENCE) as stream:
            lines = stream.aiter_lines()
            assert await anext(lines) == ": open"
            write(file, mock("b", "one", rest=rest, mcp=mcp))
            await run.reloader.reload()
            assert [line async for line in _first(lines, "data:")] == [
                'data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'
            ]


async def _first(lines: AsyncIterator[str], start: str) -> AsyncIterator[str]:
    async for line in lines:
        if line.startswith(start):
            yield line
            return


async def test_what_is_logged_names_place_code_and_help(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "naftiko")
    rest, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    write(tmp_path / "b.yaml", mock("a", "two", rest=rest, mcp=mcp))
    async with running(tmp_path) as run:
        await run.reloader.reload()
    assert "[route-clash]; the first one is at " + str(file) in caplog.text
    assert "reloaded: 2 capabilities served, 0 capabilities kept back" in caplog.text
