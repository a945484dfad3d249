"""Keeping secret values out of everything that is shown."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus

MASK: Final = "***"
SHORTEST_HIDDEN_INSIDE: Final = 4
"""How many characters a secret has at least that is replaced inside of other words, too."""

_CODED: Final = 6
"""How many bytes a secret has at least that is looked for inside of longer base64 texts."""

COMMON_WORDS: Final = frozenset(
    {
        "admin",
        "debug",
        "default",
        "delete",
        "error",
        "false",
        "http",
        "https",
        "info",
        "json",
        "localhost",
        "main",
        "none",
        "null",
        "patch",
        "post",
        "production",
        "public",
        "rest",
        "staging",
        "test",
        "true",
        "user",
        "warning",
    }
)
"""Values that tell nobody anything inside of other words."""


class Secrecy:
    """Replaces secrets by `***`, by value, in whatever form they would appear.

    A value that is very short, or a common word, is replaced where it stands alone. Inside of other
    words it tells nobody anything, and all that is shown would be full of `***`.

    Args:
        secrets: The values that may never be shown.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Replace more secrets from now on; those known stay, for what uses them may still run."""
        known = self._secrets.union(secrets)
        if known != self._secrets:
            self._secrets = known
            self._pattern = _pattern(known)

    def mask(self, text: str) -> str:
        """Return the text without secrets."""
        return self._pattern.sub(MASK, text) if self._pattern is not None else text


def _pattern(secrets: Iterable[str]) -> re.Pattern[str] | None:
    forms = {form for secret in secrets for form in _forms(secret)}
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile("|".join(map(_expression, longest_first))) if forms else None


def _expression(form: str) -> str:
    escaped = re.escape(form)
    if len(form) >= SHORTEST_HIDDEN_INSIDE and form.lower() not in COMMON_WORDS:
        return escaped
    return rf"(?<!\w){escaped}(?!\w)"


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret as it is, line by line, and as URLs, JSON and base64 have it."""
    if not secret.strip():
        return
    yield secret
    yield secret.strip()
    yield from (line for line in secret.splitlines() if line.strip())
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield repr(secret)[1:-1]
    yield from _as_base64(secret.encode(errors="replace"))


def _as_base64(data: bytes) -> Iterator[str]:
    """Yield how data looks in base64 by itself, and at any place inside of something longer."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(data).decode()
        yield encode(data).decode().rstrip("=")
        for before in range(3 if len(data) >= _CODED else 0):
            coded = encode(bytes(before) + data).decode()
            yield coded[(8 * before + 5) // 6 : (before + len(data)) * 8 // 6]
