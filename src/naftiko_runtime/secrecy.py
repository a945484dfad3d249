"""Keeping secret values out of everything that is shown."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

MASK: Final = "***"


class Secrecy:
    """Replaces secrets by `***`, by value, in whatever form they would appear.

    Args:
        secrets: The values that may never be shown.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Replace more secrets from now on; those known stay, for what uses them may still run."""
        forms = self._forms.union(form for secret in secrets for form in _forms(secret))
        if forms != self._forms:
            self._forms = forms
            longest_first = sorted(forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def mask(self, text: str) -> str:
        """Return the text without secrets."""
        return self._pattern.sub(MASK, text) if self._pattern is not None else text


def _forms(secret: str) -> Iterable[str]:
    """Yield a secret as it is, line by line, percent-encoded, and as base64."""
    if not secret.strip():
        return
    yield secret
    yield from (line for line in secret.splitlines() if line.strip())
    yield quote(secret, safe="")
    yield base64.b64encode(secret.encode()).decode()
