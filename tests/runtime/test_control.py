"""What control adapters tell of a process, and have it do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from naftiko_runtime.expose.control.process import AdapterState
from naftiko_runtime.runtime.control import ControlledProcess
from naftiko_runtime.runtime.showing import Showing
from naftiko_runtime.runtime.sockets import PortInUse
from tests.runtime.ports import free_ports, mock, write
from tests.runtime.running import Running, running

CONTROL = """\
naftiko: 1.0.0-alpha3
info: {{label: Ops}}
capability:
  exposes:
  - {{type: control, namespace: ops, port: {port}, management: {{info: true, reload: true}},
     observability: {{enabled: false}}}}
"""


@asynccontextmanager
async def controlled(*paths: Path) -> AsyncIterator[tuple[Running, ControlledProcess]]:
    """Serve files, with a process that control adapters tell of."""
    async with running(*paths) as run:
        process = ControlledProcess(run.fleet, cast("Showing", None), run.secrecy.mask)
        process.begin_with(run.runtime, run.reloader.reload_at_once)
        run.reloader._assembler.process = process
        await run.reloader.reload()
        yield run, process


async def ask(run: Running, port: int, path: str, method: str = "GET") -> tuple[int, Any]:
    response = await run.client.request(method, f"http://127.0.0.1:{port}{path}")
    return response.status_code, response.json()


async def test_the_adapters_of_all_capabilities_are_told(tmp_path: Path) -> None:
    rest, mcp, port = free_ports(3)
    write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    write(tmp_path / "b.yaml", CONTROL.format(port=port))
    async with controlled(tmp_path) as (run, _):
        status, told = await ask(run, port, "/health/ready")
    assert status == 200
    assert [(one["type"], one["port"], one["state"]) for one in told["adapters"]] == [
        ("rest", rest, "started"),
        ("mcp", mcp, "started"),
        ("control", port, "started"),
    ]


async def test_an_adapter_on_standard_input_and_output_has_no_port(tmp_path: Path) -> None:
    rest, mcp = free_ports(2)
    text = mock("a", "one", rest=rest, mcp=mcp).replace(f"port: {mcp}", "transport: stdio")
    async with controlled(write(tmp_path / "a.yaml", text)) as (_, process):
        state = process.state()
    assert state.adapters[1] == AdapterState("mcp", "a-mcp", None, is_started=True)


async def test_an_adapter_whose_port_can_not_be_had_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest, mcp, other, port = free_ports(4)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    write(tmp_path / "b.yaml", CONTROL.format(port=port))

    def refuse(plans: Any) -> Any:
        if plans:
            raise PortInUse(plans[0], "it is taken")
        return []

    async with controlled(tmp_path) as (run, _):
        monkeypatch.setattr(run.reloader, "_bind", refuse)
        write(file, mock("a", "two", rest=other, mcp=mcp))
        status, told = await ask(run, port, "/config/reload", "POST")
        assert status == 200
        assert told["kept"] == [str(file)]
        assert [one["code"] for one in told["diagnostics"]] == ["port-in-use"]
        run.runtime.remove(run.runtime.listeners[0][0])
        status, told = await ask(run, port, "/health/ready")
        assert (status, told["status"]) == (503, "DEGRADED")
        assert told["adapters"][0] == {"type": "rest", "namespace": "a-rest", "state": "stopped"}


async def test_a_file_that_is_left_out_is_told(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    write(tmp_path / "a.yaml", CONTROL.format(port=port))
    broken = write(tmp_path / "b.yaml", "capability: [")
    other = write(tmp_path / "c.yaml", "capability: [")
    async with controlled(tmp_path) as (run, _):
        assert (await ask(run, port, "/health/ready"))[1]["reasons"] == ["2 files can't be served"]
        other.unlink()
        told = (await ask(run, port, "/config/reload", "POST"))[1]
        assert told["leftOut"] == [str(broken)]
        assert (await ask(run, port, "/health/ready"))[1]["reasons"] == ["1 file can't be served"]
        write(broken, CONTROL.format(port=port))
        await ask(run, port, "/config/reload", "POST")
        assert (await ask(run, port, "/health/ready"))[0] == 200


async def test_a_file_that_is_served_as_it_was_keeps_the_process_ready(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    file = write(tmp_path / "a.yaml", CONTROL.format(port=port))
    async with controlled(file) as (run, _):
        write(file, "capability: [")
        status, told = await ask(run, port, "/config/reload", "POST")
        assert (status, told["served"], told["kept"]) == (200, [str(file)], [str(file)])
        assert (await ask(run, port, "/health/ready"))[0] == 200


async def test_a_process_that_stops_is_not_ready(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    file = write(tmp_path / "a.yaml", CONTROL.format(port=port))
    async with controlled(file) as (run, process):
        run.runtime.stop()
        assert process.state().obstacles == ("the process is stopping",)


async def test_a_reload_while_one_goes_on_is_refused(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    file = write(tmp_path / "a.yaml", CONTROL.format(port=port))
    async with controlled(file) as (run, _), run.reloader._turn:
        status, told = await ask(run, port, "/config/reload", "POST")
    assert (status, told["code"]) == (409, "reload-running")


async def test_an_adapter_that_a_reload_brings_answers_and_one_that_goes_does_not(
    tmp_path: Path,
) -> None:
    rest, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    async with controlled(tmp_path) as (run, _):
        assert (await ask(run, rest, "/health/live"))[0] == 404
        extra = write(tmp_path / "b.yaml", CONTROL.format(port=rest))
        await run.reloader.reload()
        assert (await ask(run, rest, "/health/live"))[0] == 200
        assert await run.read(rest, "/a") == "one"
        extra.unlink()
        await run.reloader.reload()
        assert (await ask(run, rest, "/health/live"))[0] == 404
    assert file.exists()


async def test_no_documentation_is_on_a_port_of_control_adapters_alone(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    file = write(tmp_path / "a.yaml", CONTROL.format(port=port))
    async with controlled(file) as (run, _):
        assert (await ask(run, port, "/openapi.json"))[0] == 404
