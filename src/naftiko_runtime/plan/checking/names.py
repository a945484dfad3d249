"""The names of arguments that MCP clients take."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from itertools import count
from typing import Final

_LONGEST: Final = 64
_SAFE: Final = re.compile(rf"[a-zA-Z0-9_.-]{{1,{_LONGEST}}}")
_UNSAFE: Final = re.compile(r"[^a-zA-Z0-9_.-]+")
_HASH_DIGITS: Final = 8
_NAMELESS: Final = "argument"


def argument_names(names: Sequence[str]) -> dict[str, str]:
    """Return the names under which arguments are published, with the real names behind them.

    Names that fit `^[a-zA-Z0-9_.-]{1,64}$` are published as they are. In others, all else becomes
    `_`, or nothing at the ends; long ones keep their start, with a hash of the whole behind it.
    Which name gets a number because another one comes out the same does not depend on the order.
    """
    published = {name: name for name in names if _SAFE.fullmatch(name)}
    if len(published) == len(names):
        return published
    taken = set(published)
    for name in sorted(set(names) - taken):
        published[name] = _free(_made_safe(name), taken)
        taken.add(published[name])
    return {published[name]: name for name in names}


def _made_safe(name: str) -> str:
    safe = _UNSAFE.sub("_", name).strip("_") or _NAMELESS
    if len(safe) <= _LONGEST:
        return safe
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_DIGITS]
    return f"{safe[: _LONGEST - _HASH_DIGITS - 1]}-{digest}"


def _free(name: str, taken: set[str]) -> str:
    candidates = (f"{name[: _LONGEST - len(f'_{n}')]}_{n}" for n in count(2))
    return name if name not in taken else next(one for one in candidates if one not in taken)
