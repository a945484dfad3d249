"""Limits as options and as environment variables."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from naftiko_runtime.cli.limiting import limiting, rate, size
from naftiko_runtime.limits import DEFAULT_LIMITS, CallerRate, ServeLimits


def given(*options: str, environment: dict[str, str] | None = None) -> ServeLimits:
    """Return the limits that a command gets."""
    got: list[ServeLimits] = []

    @click.command()
    @limiting
    def command(*, limits: ServeLimits) -> None:
        got.append(limits)

    result = CliRunner().invoke(command, options, env=environment)
    assert result.exit_code == 0, result.output
    return got[0]


def test_without_options_the_defaults_apply() -> None:
    assert given() == DEFAULT_LIMITS


def test_options_set_limits() -> None:
    limits = given("--max-body", "1MiB", "--head-timeout", "2.5", "--max-calls", "7")
    assert (limits.body_bytes, limits.head_seconds, limits.calls) == (1024 * 1024, 2.5, 7)


def test_environment_variables_set_limits_too() -> None:
    environment = {"NAFTIKO_MAX_CONNECTIONS": "5", "NAFTIKO_RATE_LIMIT": "100/m"}
    limits = given(environment=environment)
    assert limits.connections == 5
    assert limits.caller_rate == CallerRate(100, 60.0)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("65536", 65_536),
        ("512B", 512),
        ("64KiB", 65_536),
        ("64k", 65_536),
        ("10 MiB", 10_485_760),
        ("10MB", 10_485_760),
        ("1GiB", 1_073_741_824),
    ],
)
def test_sizes_have_units(text: str, number: int) -> None:
    assert size(text) == number


@pytest.mark.parametrize("text", ["", "0", "-1", "MiB", "1.5MiB", "10TiB", "1" * 13])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        size(text)


@pytest.mark.parametrize(("text", "seconds"), [("10/s", 1.0), ("10/m", 60.0), ("10/h", 3600.0)])
def test_rates_have_a_time(text: str, seconds: float) -> None:
    assert rate(text) == CallerRate(10, seconds)


@pytest.mark.parametrize("text", ["", "10", "0/s", "10/d", "/s", "1.5/s"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        rate(text)


def test_a_limit_of_none_is_refused(tmp_path: Path) -> None:
    @click.command()
    @limiting
    def command(*, limits: ServeLimits) -> None:
        raise AssertionError(limits)

    assert CliRunner().invoke(command, ["--max-calls", "0"]).exit_code == 2
