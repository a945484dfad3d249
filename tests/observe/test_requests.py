"""Log lines of tasks that answer requests."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable

import pytest

from naftiko_runtime.observe import REQUEST_IN_PROGRESS, LogFormat, configure_logging

Logged = Callable[..., io.StringIO]
log = logging.getLogger("naftiko.test")


async def _answer(name: str) -> None:
    REQUEST_IN_PROGRESS.set(name)
    await asyncio.sleep(0)
    log.info("for %s", name)


async def _answer_two() -> None:
    await asyncio.gather(_answer("r1"), _answer("r2"))
    log.info("for nobody")


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_line_is_about_the_request_that_its_task_answers(logged: Logged, form: LogFormat) -> None:
    stream = logged(form)
    asyncio.run(_answer_two())
    lines = stream.getvalue().splitlines()
    assert ["r1" in one for one in lines] == [True, False, False]
    assert ["r2" in one for one in lines] == [False, True, False]
    assert ["request_id" in one for one in lines] == [True, True, False]


async def _answer_for_another() -> None:
    REQUEST_IN_PROGRESS.set("r1")
    log.info("said", extra={"request_id": "r2"})


def test_what_a_line_says_itself_counts(logged: Logged) -> None:
    stream = logged("json")
    asyncio.run(_answer_for_another())
    assert json.loads(stream.getvalue())["request_id"] == "r2"


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_line_tells_of_its_trace_where_there_is_one(form: LogFormat) -> None:
    stream = io.StringIO()
    ids: list[str | None] = ["t1", None]
    configure_logging("info", form, str, stream, trace_id=lambda: ids.pop(0))
    log.info("one", extra={"request_id": "r1"})
    log.info("two")
    first, second = stream.getvalue().splitlines()
    assert ('"request_id":"r1","trace_id":"t1"' if form == "json" else "trace_id=t1") in first
    assert "trace_id" not in second
