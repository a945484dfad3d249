"""Tasks that belong to somebody."""

from __future__ import annotations

import asyncio

import pytest

from naftiko_runtime.runtime.owned import OwnedTasks
from tests.runtime.lines import turns


async def test_who_owns_nothing_waits_for_nothing() -> None:
    await OwnedTasks().wait()


async def test_an_owner_waits_for_what_it_has_begun_and_for_what_begins_meanwhile() -> None:
    owned, may_end, ended = OwnedTasks(), asyncio.Event(), []

    async def work() -> None:
        await may_end.wait()
        owned.begin(rest())

    async def rest() -> None:
        await turns()
        ended.append("rest")

    owned.begin(work())
    waiting = asyncio.create_task(owned.wait())
    await turns()
    assert (len(owned), waiting.done()) == (1, False)
    may_end.set()
    await waiting
    assert (len(owned), ended) == (0, ["rest"])


async def test_what_fails_is_logged_and_holds_up_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("no bread")

    owned = OwnedTasks()
    owned.begin(fail())
    await owned.wait()
    (told,) = caplog.records
    assert told.getMessage() == "what ran beside the requests has failed"
    assert told.exc_info is not None
    assert isinstance(told.exc_info[1], ValueError)


async def test_what_is_cancelled_has_not_failed(caplog: pytest.LogCaptureFixture) -> None:
    async def give_up() -> None:
        raise asyncio.CancelledError

    owned = OwnedTasks()
    owned.begin(give_up())
    await owned.wait()
    assert caplog.records == []
