"""The options that say how much of everything there may be, made of the table of limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Any, Final

import click

from naftiko_runtime.cli.options import CommandFunction
from naftiko_runtime.cli.values import seconds
from naftiko_runtime.limits import KIB, MIB, CallerRate, Kind, LimitRow, ServeLimits, limit_rows

_SIZE: Final = re.compile(r"([0-9]{1,12}) ?([KMG]i?B?|B)?", re.IGNORECASE)
_FACTORS: Final = MappingProxyType({"K": KIB, "M": MIB, "G": KIB * MIB})
_RATE: Final = re.compile(r"([0-9]{1,9})/(s|m|h)")
_SECONDS: Final = MappingProxyType({"s": 1.0, "m": 60.0, "h": 3600.0})


def size(text: str) -> int:
    """Read a size: a number of bytes, or of `KiB`, `MiB` or `GiB`.

    Raises:
        click.BadParameter: It is none, or nothing.
    """
    match = _SIZE.fullmatch(text.strip())
    number = 0 if match is None else int(match[1])
    if match is None or not number:
        raise click.BadParameter(f"'{text}' is no size such as 65536, 64KiB or 10MiB")
    return number * _FACTORS.get((match[2] or "")[:1].upper(), 1)


def rate(text: str) -> CallerRate:
    """Read how many calls may be made in a second, a minute or an hour.

    Raises:
        click.BadParameter: It is not of that form, or none may be made.
    """
    match = _RATE.fullmatch(text.strip())
    if match is None or not int(match[1]):
        raise click.BadParameter(f"'{text}' is no rate such as 50/s or 600/m")
    return CallerRate(int(match[1]), _SECONDS[match[2]])


_TYPES: Final[Mapping[Kind, tuple[Callable[[str], Any] | click.IntRange, str]]] = MappingProxyType(
    {
        "bytes": (size, "SIZE"),
        "count": (click.IntRange(min=1), "N"),
        "seconds": (seconds, "SECONDS"),
        "rate": (rate, "N/s"),
    }
)


def limiting(command: CommandFunction) -> CommandFunction:
    """Give a command an option for each limit; it gets them as `limits`."""
    rows = list(limit_rows())

    @wraps(command)
    def with_limits(**given: Any) -> None:
        limits = ServeLimits(**{row.name: given.pop(row.name) for row in rows})
        command(limits=limits, **given)

    for row in reversed(rows):
        _option(row)(with_limits)
    return with_limits


def _option(row: LimitRow) -> Callable[[CommandFunction], CommandFunction]:
    kind, metavar = _TYPES[row.kind]
    return click.option(
        row.option,
        row.name,
        type=kind,
        metavar=metavar,
        default=_written(row),
        envvar=row.variable,
        show_envvar=True,
        show_default=row.default is not None,
        help=row.meaning,
    )


def _written(row: LimitRow) -> str | None:
    """Return a default as a person would write it."""
    default = row.default
    if row.kind == "bytes" and isinstance(default, int):
        whole, unit = (MIB, "MiB") if default % MIB == 0 else (KIB, "KiB")
        return f"{default // whole}{unit}"
    return f"{default:g}" if isinstance(default, (int, float)) else None
