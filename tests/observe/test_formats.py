from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from naftiko_runtime.observe import LogFormat, configure_logging
from tests.observe.conftest import SECRET

Logged = Callable[..., io.StringIO]

log = logging.getLogger("naftiko.test")


def test_a_console_line_has_time_level_message_and_pairs(logged: Logged) -> None:
    stream = logged()
    log.warning("reloaded %d files", 3, extra={"fields": {"folder": "a b", "changed": [1, "x"]}})
    line = stream.getvalue()
    assert re.fullmatch(r"\d\d:\d\d:\d\d warning .*\n", line)
    assert line.endswith('reloaded 3 files folder="a b" changed="[1, \\"x\\"]"\n')


def test_a_json_line_is_one_object(logged: Logged) -> None:
    stream = logged("json")
    before = datetime.now(UTC)
    log.info("one\ntwo", extra={"fields": {"n": 1.5, "of": {"k": True}}, "request_id": "r1"})
    line = json.loads(stream.getvalue())
    assert stream.getvalue().count("\n") == 1
    at = datetime.fromisoformat(line.pop("time"))
    assert before - timedelta(milliseconds=1) <= at <= datetime.now(UTC)
    assert line == {
        "level": "info",
        "logger": "naftiko.test",
        "message": "one\ntwo",
        "request_id": "r1",
        "fields": {"n": 1.5, "of": {"k": True}},
    }


def test_an_exception_is_a_text_in_json_and_indented_lines_on_the_console(logged: Logged) -> None:
    for format_ in ("json", "console"):
        stream = logged(format_)
        try:
            raise ValueError(f"bad {SECRET}\x1b[31m")
        except ValueError:
            log.exception("failed")
        text = stream.getvalue()
        assert SECRET not in text
        if format_ == "json":
            assert json.loads(text)["exception"].endswith("ValueError: bad ***\x1b[31m")
        else:
            assert text.endswith("\n    ValueError: bad ***\\x1b[31m\n")
            assert "\n      File " in text


def test_secrets_are_masked_wherever_they_stand(logged: Logged) -> None:
    fields = {"k": SECRET, "deep": [{SECRET: {SECRET}}], "object": KeyError(SECRET)}
    for format_ in ("json", "console"):
        stream = logged(format_)
        log.info("got %s", SECRET, extra={"fields": fields, "request_id": SECRET})
        text = stream.getvalue()
        assert "secret" not in text
        assert text.count("***") == 6


def test_nothing_in_a_console_line_acts(logged: Logged) -> None:
    stream = logged()
    log.info("a\nb\x1b[2J", extra={"fields": {"k\n": "\u202ex"}})
    assert stream.getvalue().endswith(" a b\\x1b[2J k=\\u202ex\n")


def test_values_that_json_does_not_have_are_texts(logged: Logged) -> None:
    stream = logged("json")
    log.info("x", extra={"fields": {"nan": float("nan"), "big": 2**70, "half": "\ud800"}})
    fields = json.loads(stream.getvalue())["fields"]
    assert fields == {"nan": "nan", "big": 2**70, "half": "\ud800"}


def test_lines_of_several_workers_are_told_apart() -> None:
    ends: dict[LogFormat, str] = {"console": "reloaded worker=2", "json": '"worker":2}'}
    for format_, end in ends.items():
        stream = io.StringIO()
        configure_logging("info", format_, str, stream, worker=2)
        log.info("reloaded")
        assert stream.getvalue().strip().endswith(end)
