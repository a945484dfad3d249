from __future__ import annotations

import io
import logging
from collections.abc import Callable

import pytest

from naftiko_runtime.observe import LEVELS, configure_logging
from naftiko_runtime.secrecy import Secrecy

Logged = Callable[..., io.StringIO]


@pytest.mark.parametrize("level", LEVELS)
def test_the_runtime_writes_from_its_level_on(logged: Logged, level: str) -> None:
    stream = logged(level=level)
    for one in LEVELS:
        logging.getLogger("naftiko.test").log(logging.getLevelName(one.upper()), one)
    written = [line.split()[1] for line in stream.getvalue().splitlines()]
    assert written == list(LEVELS[LEVELS.index(level) :])


@pytest.mark.parametrize(
    ("level", "written"),
    [
        ("debug", ["info", "warning", "error"]),
        ("info", ["warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_libraries_write_less(logged: Logged, level: str, written: list[str]) -> None:
    stream = logged(level=level)
    for one in LEVELS:
        logging.getLogger("uvicorn.error").log(logging.getLevelName(one.upper()), one)
    assert [line.split()[1] for line in stream.getvalue().splitlines()] == written


def test_a_later_call_replaces_an_earlier_one(logged: Logged) -> None:
    first, second = logged(), logged("json")
    logging.getLogger("naftiko.test").info("once")
    assert first.getvalue() == ""
    assert second.getvalue().count("once") == 1


def test_lines_go_to_standard_error_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "console", Secrecy().mask)
    logging.getLogger("naftiko.test").info("here")
    assert capsys.readouterr().err.endswith(" here\n")


class BrokenStream(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_stream_that_can_not_be_written_fails_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    closed = io.StringIO()
    closed.close()
    for stream in (BrokenStream(), closed):
        configure_logging("info", "json", Secrecy().mask, stream)
        logging.getLogger("naftiko.test").info("lost")
    assert capsys.readouterr().err == ""
