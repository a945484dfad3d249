"""From paths and settings to listeners, and back to an exit status: sections 1 and 8."""

from __future__ import annotations

import gc
import os
import re
import signal
import socket
from pathlib import Path

import pytest

from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.runtime import loops, reporting, running, serve
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.settings import ServeSettings
from tests.runtime.ports import free_ports, mock, write


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Have the process told to end as soon as its listeners accept.

    Returns:
        Whether garbage was collected before that, and after.
    """
    settle = Runtime.settle
    collecting: list[bool] = []

    def settle_and_end(*, replaced: bool = False) -> None:
        collecting.append(gc.isenabled())
        settle(replaced=replaced)
        collecting.append(gc.isenabled())
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(Runtime, "settle", staticmethod(settle_and_end))
    return collecting


def _documents(folder: Path) -> tuple[int, int]:
    rest, mcp = free_ports(2)
    write(folder / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    write(folder / "b.yaml", mock("b", "one", rest=rest, mcp=mcp))
    return rest, mcp


def test_garbage_is_collected_once_it_serves(tmp_path: Path, stops: list[bool]) -> None:
    _documents(tmp_path)
    serve([tmp_path], ServeSettings())
    assert stops == [False, True]


@pytest.mark.usefixtures("stops")
def test_the_banner_lists_capabilities_and_urls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rest, mcp = _documents(tmp_path)
    assert serve([tmp_path], ServeSettings()) == 0
    banner = capsys.readouterr().out
    assert f"  a  ({tmp_path / 'a.yaml'}: 1 route, 1 tool)\n" in banner
    assert f"  REST  http://127.0.0.1:{rest}  (2 routes)\n" in banner
    assert f"  docs  http://127.0.0.1:{rest}/docs\n" in banner
    assert f"  MCP   http://127.0.0.1:{mcp}/mcp  (2 tools)\n" in banner
    assert f"  MCP   http://127.0.0.1:{mcp}/b-mcp/mcp\n" in banner


@pytest.mark.usefixtures("stops")
def test_a_broken_file_stops_no_other_but_shows_in_banner_and_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _documents(tmp_path)
    broken = write(tmp_path / "c.yaml", "capability: [")
    assert serve([tmp_path], ServeSettings()) == 1
    shown = capsys.readouterr()
    assert f"not served: {broken} (see the errors above)" in shown.out
    assert "error[yaml-invalid]" in shown.err


@pytest.mark.usefixtures("stops")
def test_units_that_are_left_out_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rest, mcp = free_ports(2)
    text = mock("a", "one", rest=rest, mcp=mcp).replace("description: Read,", "call: x.y,")
    write(tmp_path / "a.yaml", text)
    assert serve([tmp_path], ServeSettings()) == 0
    assert "1 route, 0 tools; 1 left out, see above)" in capsys.readouterr().out


def test_with_strict_a_broken_file_stops_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _documents(tmp_path)
    write(tmp_path / "c.yaml", "capability: [")
    settings = ServeSettings(strict=True, load=LoadOptions(strict=True))
    assert serve([tmp_path], settings) == 1
    assert capsys.readouterr().out == ""


def test_with_strict_a_clash_stops_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rest, mcp = free_ports(2)
    for name in ("a.yaml", "b.yaml"):
        write(tmp_path / name, mock("a", "one", rest=rest, mcp=mcp))
    assert serve([tmp_path], ServeSettings(strict=True)) == 1
    assert "warning[route-clash]" in capsys.readouterr().err


def test_a_port_that_can_not_be_shared_stops_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rest, mcp = free_ports(2)
    write(tmp_path / "a.yaml", mock("a", "one", rest=rest, mcp=mcp))
    write(tmp_path / "b.yaml", mock("b", "one", rest=rest, mcp=mcp, address="0.0.0.0"))
    assert serve([tmp_path], ServeSettings()) == 1
    assert "error[port-clash]" in capsys.readouterr().err


@pytest.mark.parametrize("which", [0, 1])
def test_a_port_in_use_stops_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], which: int
) -> None:
    ports = _documents(tmp_path)
    with socket.create_server(("127.0.0.1", ports[which])):
        assert serve([tmp_path], ServeSettings()) == 1
    errors = capsys.readouterr().err
    assert f"port {ports[which]} on 127.0.0.1, for a, b, can't be had" in errors
    assert ("--rest-port PORT", "--mcp-port PORT")[which] in errors


def test_a_file_of_sections_alone_is_told_to_be_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "shared.yaml", "naftiko: 1.0.0-alpha3\nconsumes: []\n")
    assert serve([file], ServeSettings()) == 1
    assert "is a section file" in capsys.readouterr().err


@pytest.mark.usefixtures("stops")
def test_a_watched_folder_may_be_empty_at_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve([tmp_path], ServeSettings(watch=True)) == 0
    assert not re.search(r"\berror\b[\[ ]", capsys.readouterr().err)


def test_nothing_on_stdio_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = mock("a", "one", rest=1, mcp=2)
    write(tmp_path / "a.yaml", text[: text.index("  - {type: mcp")])
    assert serve([tmp_path], ServeSettings(stdio=True)) == 1
    assert "no MCP server to be served on standard input and output" in capsys.readouterr().err


def _stdio(monkeypatch: pytest.MonkeyPatch, *, fails: bool = False) -> list[str]:
    """Stand for a client on standard input that leaves at once; return what it was served."""
    served: list[str] = []

    async def run_stdio(plans: list[object], *_: object, **__: object) -> None:
        served.extend(plan.namespace for plan in plans)  # type: ignore[attr-defined]
        if fails:
            raise RuntimeError("the pipe broke")

    monkeypatch.setattr(running, "run_stdio", run_stdio)
    return served


@pytest.mark.parametrize("fails", [False, True])
def test_a_process_on_stdio_ends_with_its_client(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fails: bool,
) -> None:
    _documents(tmp_path)
    served = _stdio(monkeypatch, fails=fails)
    assert serve([tmp_path], ServeSettings(stdio=True)) == 0
    assert served == ["a-mcp", "b-mcp"]
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "MCP   on standard input and output  (2 tools)" in shown.err
    assert ("the pipe broke" in shown.err) == fails


@pytest.mark.usefixtures("stops")
def test_a_document_may_have_stdio_beside_listeners(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rest, mcp = free_ports(2)
    text = mock("a", "one", rest=rest, mcp=mcp).replace(
        "type: mcp,", "type: mcp, transport: stdio,"
    )
    write(tmp_path / "a.yaml", text)
    _stdio(monkeypatch)
    assert serve([tmp_path], ServeSettings()) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"REST  http://127.0.0.1:{rest}  (1 route)" in shown.err


def test_progress_is_shown_on_a_terminal_where_files_are_many(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reporting.progress() is None
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    told = reporting.progress()
    assert told is not None
    for done in (1, 2, reporting.MANY_FILES):
        told(done, 2 if done < 3 else reporting.MANY_FILES)
    assert capsys.readouterr().err == f"\rloading {reporting.MANY_FILES} of 20 files\n"


def test_without_uvloop_the_loop_is_asyncio_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "uvloop", None)
    loop = loops.new_event_loop()
    try:
        assert type(loop).__module__.startswith("asyncio")
    finally:
        loop.close()


def test_standard_input_is_not_shared_by_several_workers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = mock("a", "one", rest=0, mcp=0).replace("type: mcp,", "type: mcp, transport: stdio,")
    file = write(tmp_path / "a.yaml", text)
    assert serve([file], ServeSettings(workers=2)) == 1
    assert "can't be served by several workers" in caplog.text


def test_tracing_that_can_not_be_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _documents(tmp_path)
    load = LoadOptions(environment={"OTEL_BSP_MAX_QUEUE_SIZE": "0"})
    assert serve([tmp_path], ServeSettings(load=load, tracing=True)) == 1
    shown = capsys.readouterr()
    assert "there can be no tracing: max_queue_size must be a positive integer" in shown.err
    assert shown.out == ""
