"""What a process measures, from when on, and with whom it shares it."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from naftiko_runtime.diagnostics.harmless import unmasked
from naftiko_runtime.expose.listeners import Overrides
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.observe import log_mcp_call, log_rest_answer
from naftiko_runtime.runtime import measuring as module
from naftiko_runtime.runtime.equipment import Equipment, equip
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.measuring import Measuring
from naftiko_runtime.runtime.peers import Peers, Seat
from naftiko_runtime.settings import ServeSettings

DOCUMENT = "naftiko: 1.0.0-alpha3\ninfo: {label: Fleet}\ncapability:\n  exposes:\n  - {%s}\n"
SHOWN = "type: control, port: 0"
NOT_SHOWN = "type: control, port: 0, observability: {enabled: false}"


@asynccontextmanager
async def measuring(
    folder: Path, adapter: str = SHOWN, seat: Seat | None = None
) -> AsyncIterator[tuple[Measuring, Equipment]]:
    """Yield what measures a capability with one adapter."""
    (folder / "fleet.yaml").write_text(DOCUMENT % adapter)
    fleet = Fleet([folder / "fleet.yaml"], LoadOptions(environment={}), Overrides())
    fleet.look()
    equipment = equip(ServeSettings(), b"nonce")
    made = Measuring(fleet, equipment, unmasked, seat)
    try:
        yield made, equipment
    finally:
        await made.aclose()
        await equipment.engine.aclose()
        await equipment.callers.aclose()


async def shown(made: Measuring) -> str:
    return (await made.shown("")).body.decode()


async def test_nothing_is_measured_unless_an_adapter_shows_it(tmp_path: Path) -> None:
    async with measuring(tmp_path, NOT_SHOWN) as (made, equipment):
        await made.begin_if_shown()
        hooks = equipment.assembler.hooks
        assert (hooks.rest, hooks.skill, hooks.mcp) == (
            log_rest_answer,
            log_rest_answer,
            log_mcp_call,
        )
        assert made.beside is None


async def test_what_is_answered_is_logged_and_measured(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with measuring(tmp_path) as (made, equipment):
        await made.begin_if_shown()
        await made.begin_if_shown()
        hooks = equipment.assembler.hooks
        hooks.rest("GET", "/ships", "fleet.list", 200, 0.1, "id")
        hooks.skill("GET", "/skills", "skills.all", 200, 0.1, "id")
        hooks.mcp("fleet.ships", False, 0.1, "id")
        text = await shown(made)
    assert [one.split(" ")[0] for one in caplog.messages] == ["GET", "GET", "tools/call"]
    counted = [one for one in text.splitlines() if one.startswith("naftiko_request_total")]
    assert [one.rsplit(" ")[-1] for one in counted] == ["1.0"] * 3


async def test_what_the_process_has_in_hand_is_shown(tmp_path: Path) -> None:
    async with measuring(tmp_path) as (made, _):
        made.connections = lambda: 7
        await made.begin()
        text = await shown(made)
    assert "naftiko_connections_open 7.0" in text
    assert "naftiko_calls_in_progress 0.0" in text
    assert 'naftiko_capability_active{naftiko_capability="Fleet"} 1.0' in text


async def test_the_process_beside_is_shown_too(tmp_path: Path) -> None:
    async with measuring(tmp_path) as (made, _):
        await made.begin()
        assert made.beside is not None
        async with measuring(tmp_path, SHOWN, made.beside) as (other, _):
            await other.begin()
            text = await shown(made)
        folder = made.beside.folder
        assert folder.is_dir()
    assert not folder.exists()
    assert "naftiko_calls_in_progress 0.0" in text
    assert 'naftiko_calls_in_progress{worker="beside"} 0.0' in text


async def test_a_worker_is_shown_by_its_number_and_leaves_the_folder_to_others(
    tmp_path: Path,
) -> None:
    async with measuring(tmp_path, SHOWN, Seat(tmp_path, "2")) as (made, _):
        await made.begin()
        assert 'naftiko_calls_in_progress{worker="2"} 0.0' in await shown(made)
    assert (tmp_path / "fleet.yaml").is_file()


async def test_without_a_folder_it_shows_what_it_measures_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "open_folder", lambda: None)
    async with measuring(tmp_path) as (made, _):
        await made.begin()
        assert "naftiko_calls_in_progress 0.0" in await shown(made)
        assert made.beside is None
    assert "no folder" in caplog.text


async def test_without_a_socket_it_shows_what_it_measures_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(_: Peers) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(Peers, "open", refuse)
    async with measuring(tmp_path) as (made, _):
        await made.begin()
        assert "naftiko_calls_in_progress 0.0" in await shown(made)
    assert "Too many open files" in caplog.text
