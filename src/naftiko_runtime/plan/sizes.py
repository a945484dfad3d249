"""Sizes as documents write them: `10MiB`, `512 KiB`, `1.5GiB`, or a number of bytes."""

from __future__ import annotations

import re
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, Position
from naftiko_runtime.load.nodes import Node

DEFAULT_BINARY_BYTES: Final = 10 * 1024 * 1024

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB)?")
_UNITS: Final = {None: 1, "B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}


def read_size(value: Node, at: Position, diagnostics: Diagnostics) -> int:
    """Return a `maxBinarySize` in bytes.

    Args:
        value: As the document has it; nothing is the default of 10 MiB.
        at: Where it stands.
        diagnostics: Learns of a size that can't be read; the default goes for it.
    """
    if value is None:
        return DEFAULT_BINARY_BYTES
    match = None if isinstance(value, bool) else _SIZE.fullmatch(str(value).strip())
    if match is None:
        diagnostics.warning(
            "value-invalid",
            f"'{value}' is no size; 10MiB is taken",
            at,
            hint="write a number with B, KiB, MiB or GiB",
        )
        return DEFAULT_BINARY_BYTES
    return int(float(match[1]) * _UNITS[match[2]])
