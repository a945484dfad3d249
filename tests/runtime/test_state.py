"""What a process has in hand, for whoever asks."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from pathlib import Path

import pytest

from naftiko_runtime.runtime.state import log_state
from tests.execute.upstream.scripted_server import Peer
from tests.stack import stack, until, upstream, url_of


async def test_the_log_says_what_runs_whatever_its_level(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.ERROR, "naftiko")
    caplog.handler.setLevel(logging.NOTSET)
    log_state(connections=3, calls=2)
    [record] = caplog.records
    tasks = len(asyncio.all_tasks())
    assert record.getMessage() == f"3 connections, 2 calls, {tasks} tasks"
    assert record.__dict__["fields"] == {"connections": 3, "calls": 2, "tasks": tasks}


async def test_a_runtime_tells_when_it_is_signalled(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked, told = asyncio.Event(), asyncio.Event()

    async def stall(peer: Peer) -> None:
        await peer.request()
        asked.set()
        await told.wait()

    async with upstream(stall) as server, stack(tmp_path, url_of(server)) as served:
        call = asyncio.create_task(served.get())
        await asked.wait()
        os.kill(os.getpid(), signal.SIGUSR1)
        await until(lambda: bool(caplog.records))
        assert caplog.records[0].getMessage().startswith("1 connections, 1 calls, ")
        told.set()
        await call
