"""Calls that fail, told to the person who made them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from naftiko_runtime.errors import CallError, InvalidInput
from naftiko_runtime.secrecy import Secrecy


@contextmanager
def exit_on_call_error(secrecy: Secrecy) -> Iterator[None]:
    """Print a call's error, if there is one, and exit with status 1."""
    try:
        yield
    except InvalidInput as error:
        for problem in error.problems:
            _print(error, problem.detail, secrecy)
        raise SystemExit(1) from error
    except CallError as error:
        _print(error, error.detail, secrecy)
        raise SystemExit(1) from error


def _print(error: CallError, detail: str, secrecy: Secrecy) -> None:
    label = click.style(f"error[{error.code}]", fg="red", bold=True)
    click.echo(f"{label}: {secrecy.mask(detail)}", err=True)
