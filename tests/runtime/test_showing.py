"""What is measured and traced, from when on, and with whom it is shared."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from naftiko_runtime.diagnostics.harmless import unmasked
from naftiko_runtime.expose.listeners import Overrides
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.observe import log_mcp_call, log_rest_answer
from naftiko_runtime.observe.trace_ring import TraceRing
from naftiko_runtime.observe.tracing import Tracing
from naftiko_runtime.runtime import showing as module
from naftiko_runtime.runtime.equipment import Equipment, equip
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.measuring import Measuring
from naftiko_runtime.runtime.peers import Peers, Seat
from naftiko_runtime.runtime.showing import Showing
from naftiko_runtime.settings import ServeSettings
from tests.spans import tracer_of

DOCUMENT = "naftiko: 1.0.0-alpha3\ninfo: {label: Fleet}\ncapability:\n  exposes:\n  - {%s}\n"
SHOWN = "type: control, port: 0"
NOT_SHOWN = "type: control, port: 0, observability: {enabled: false}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A capability with one adapter, and what is shown of it."""

    showing: Showing
    measuring: Measuring
    equipment: Equipment
    fleet: Fleet

    async def metrics(self) -> str:
        return (await self.showing.metrics("")).body.decode()


@asynccontextmanager
async def shown(
    folder: Path, adapter: str = SHOWN, seat: Seat | None = None, ring: TraceRing | None = None
) -> AsyncIterator[Shown]:
    """Yield what shows a capability with one adapter."""
    (folder / "fleet.yaml").write_text(DOCUMENT % adapter)
    fleet = Fleet([folder / "fleet.yaml"], LoadOptions(environment={}), Overrides())
    fleet.look()
    equipment = equip(ServeSettings(), b"nonce")
    measuring = Measuring(fleet, equipment, unmasked)
    showing = Showing(fleet, measuring, ring, seat)
    try:
        yield Shown(showing, measuring, equipment, fleet)
    finally:
        await showing.aclose()
        await equipment.engine.aclose()
        await equipment.callers.aclose()


async def test_nothing_is_measured_unless_an_adapter_shows_it(tmp_path: Path) -> None:
    async with shown(tmp_path, NOT_SHOWN) as here:
        await here.showing.follow()
        hooks = here.equipment.assembler.hooks
        assert (hooks.rest, hooks.skill, hooks.mcp) == (
            log_rest_answer,
            log_rest_answer,
            log_mcp_call,
        )
        assert here.showing.beside is None
        assert await here.measuring.packed() == b""


async def test_what_is_answered_is_logged_and_measured(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with shown(tmp_path) as here:
        await here.showing.follow()
        await here.showing.follow()
        hooks = here.equipment.assembler.hooks
        hooks.rest("GET", "/ships", "fleet.list", 200, 0.1, "id")
        hooks.skill("GET", "/skills", "skills.all", 200, 0.1, "id")
        hooks.mcp("fleet.ships", False, 0.1, "id")
        text = await here.metrics()
    assert [one.split(" ")[0] for one in caplog.messages] == ["GET", "GET", "tools/call"]
    counted = [one for one in text.splitlines() if one.startswith("naftiko_request_total")]
    assert [one.rsplit(" ")[-1] for one in counted] == ["1.0"] * 3


async def test_what_the_process_has_in_hand_is_shown(tmp_path: Path) -> None:
    async with shown(tmp_path) as here:
        here.measuring.connections = lambda: 7
        await here.showing.follow()
        text = await here.metrics()
    assert "naftiko_connections_open 7.0" in text
    assert "naftiko_calls_in_progress 0.0" in text
    assert 'naftiko_capability_active{naftiko_capability="Fleet"} 1.0' in text


async def test_the_process_beside_is_shown_too(tmp_path: Path) -> None:
    async with shown(tmp_path) as here:
        await here.showing.follow()
        seat = here.showing.beside
        assert seat is not None
        async with shown(tmp_path, SHOWN, seat) as other:
            await other.showing.follow()
            text = await here.metrics()
        assert seat.folder.is_dir()
    assert not seat.folder.exists()
    assert "naftiko_calls_in_progress 0.0" in text
    assert 'naftiko_calls_in_progress{worker="beside"} 0.0' in text


async def test_a_worker_is_shown_by_its_number_and_leaves_the_folder_to_others(
    tmp_path: Path,
) -> None:
    async with shown(tmp_path, SHOWN, Seat(tmp_path, "2")) as here:
        await here.showing.follow()
        assert 'naftiko_calls_in_progress{worker="2"} 0.0' in await here.metrics()
    assert (tmp_path / "fleet.yaml").is_file()


async def test_without_a_folder_it_shows_what_it_measures_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "open_folder", lambda: None)
    async with shown(tmp_path) as here:
        await here.showing.follow()
        assert "naftiko_calls_in_progress 0.0" in await here.metrics()
        assert here.showing.beside is None
    assert "no folder" in caplog.text


async def test_without_a_socket_it_shows_what_it_measures_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(_: Peers) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(Peers, "open", refuse)
    async with shown(tmp_path) as here:
        await here.showing.follow()
        assert "naftiko_calls_in_progress 0.0" in await here.metrics()
    assert "Too many open files" in caplog.text


async def test_where_nothing_is_traced_no_traces_are_shown(tmp_path: Path) -> None:
    async with shown(tmp_path) as here:
        await here.showing.follow()
        assert await here.showing.traces() is None


async def test_traces_of_all_processes_are_shown_the_newest_first(tmp_path: Path) -> None:
    own, beside = TraceRing(unmasked), TraceRing(unmasked)
    own_tracer, other_tracer = tracer_of(own), tracer_of(beside)
    only_traces = SHOWN + ", observability: {metrics: {local: {enabled: false}}}"
    async with shown(tmp_path, only_traces, ring=own) as here:
        await here.showing.follow()
        assert await here.measuring.packed() == b""
        async with shown(tmp_path, only_traces, here.showing.beside, beside) as other:
            await other.showing.follow()
            for tracer, name, began in (
                (own_tracer, "first", 10**18),
                (other_tracer, "second", 2 * 10**18),
                (own_tracer, "third", 3 * 10**18),
            ):
                tracer.start_span(name, start_time=began).end(began)
            found = await here.showing.traces()
    assert found is not None
    assert found.size == 100
    assert [one["operation"] for one in found.newest_first] == ["third", "second", "first"]


async def test_a_reload_may_have_more_traces_kept(tmp_path: Path) -> None:
    ring = TraceRing(unmasked)
    async with shown(tmp_path, NOT_SHOWN, ring=ring) as here:
        await here.showing.follow()
        assert ring.size == 0
        adapter = SHOWN + ", observability: {traces: {local: {buffer-size: 7}}}"
        (tmp_path / "fleet.yaml").write_text(DOCUMENT % adapter)
        here.fleet.look()
        await here.showing.follow()
        assert ring.size == 7


async def test_what_makes_spans_can_keep_them() -> None:
    ring = TraceRing(unmasked)
    ring.resize(1)
    own = Tracing({}, unmasked, InMemorySpanExporter(), ring)
    own.tracer.start_span("a").end()
    await own.aclose()
    assert b'"operation":"a"' in ring.pack()
