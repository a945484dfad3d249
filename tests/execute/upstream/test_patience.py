"""Upstream's silence is bounded; the time that others take is not upstream's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from naftiko_runtime.errors import UpstreamTimeout
from naftiko_runtime.execute.upstream.message import StreamedBody
from naftiko_runtime.execute.upstream.patience import Patience
from naftiko_runtime.execute.upstream.pieces import OutgoingPieces


async def some_turns() -> None:
    """Let the event loop look at its timers."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_silence_past_the_patience_is_a_timeout() -> None:
    with pytest.raises(UpstreamTimeout):
        async with Patience(0).waiting():
            await asyncio.Event().wait()


async def test_a_wait_that_begins_while_suspended_has_no_end() -> None:
    patience = Patience(0)
    with patience.suspended():
        async with patience.waiting():
            await some_turns()


async def test_a_wait_stands_still_while_a_piece_is_waited_for() -> None:
    patience = Patience(0)

    async def slow() -> AsyncIterator[bytes]:
        await some_turns()
        yield b"one"

    pieces = OutgoingPieces(StreamedBody(slow(), None), patience)
    async with patience.waiting():
        assert await anext(pieces) == b"one"


async def test_the_time_begins_anew_after_the_suspension() -> None:
    patience = Patience(0)

    async def suspended_at_first() -> None:
        async with patience.waiting():
            with patience.suspended():
                await some_turns()
            await asyncio.Event().wait()

    with pytest.raises(UpstreamTimeout):
        await suspended_at_first()


async def test_a_suspension_after_the_end_changes_nothing() -> None:
    patience = Patience(0)

    async def suspended_at_last() -> None:
        async with patience.waiting():
            try:
                await asyncio.Event().wait()
            finally:
                with patience.suspended():
                    await some_turns()

    with pytest.raises(UpstreamTimeout):
        await suspended_at_last()
