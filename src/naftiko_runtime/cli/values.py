"""The kinds of values that options take."""

from __future__ import annotations

from math import isfinite
from typing import Final

import click

_SCHEMES: Final = ("http://", "https://")
_DAY: Final = 86_400


def name_value(text: str) -> tuple[str, str]:
    """Split `NAME=VALUE` at its first equals sign.

    Raises:
        click.BadParameter: There is no name, or no equals sign.
    """
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"'{text}' is not of the form NAME=VALUE")
    return name, value


def base_uri(text: str) -> tuple[str | None, str]:
    """Split `NAMESPACE=URL`; a URL alone has None for a namespace.

    Raises:
        click.BadParameter: The URL is neither http nor https, or the namespace is empty.
    """
    before, equals, after = text.partition("=")
    is_named = bool(equals) and "://" not in before
    namespace, url = (before, after) if is_named else (None, text)
    if namespace == "" or not url.lower().startswith(_SCHEMES):
        message = f"'{text}' is not of the form [NAMESPACE=]URL with an http or https URL"
        raise click.BadParameter(message)
    return namespace, url


def seconds(text: str) -> float:
    """Read a time in seconds, more than none and at most a day.

    Raises:
        click.BadParameter: It is no number, or out of bounds.
    """
    try:
        number = float(text)
    except ValueError:
        raise click.BadParameter(f"'{text}' is no number of seconds") from None
    if not isfinite(number) or not 0 < number <= _DAY:
        raise click.BadParameter(f"{text} is not between 0 and {_DAY} seconds")
    return number
