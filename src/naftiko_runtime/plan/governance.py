"""What holds for all scripts of a capability."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.load.nodes import Map, Node, Seq
from naftiko_runtime.spec.block import Block
from naftiko_runtime.spec.control import ControlAdapter
from naftiko_runtime.values import record

PYTHON: Final = "python"
JAVASCRIPT: Final = "javascript"
LANGUAGES: Final = {"python": PYTHON, "javascript": JAVASCRIPT, "js": JAVASCRIPT}
"""The languages of scripts, by how documents call them."""

DEFAULT_SECONDS: Final = 60.0
SWITCHES: Final = ("NAFTIKO_SCRIPTING", "IKANOS_SCRIPTING")


@record
class Governance:
    """A control adapter's `management.scripting`, or the operator's switch.

    Attributes:
        enabled: Whether scripts run at all.
        location: Where files are, for steps that do not say so, with where it is declared.
        language: The language of steps that do not say theirs.
        allowed: The languages that may be used; empty for all.
        seconds: How long a script may run.
    """

    enabled: bool = True
    location: tuple[str, Position] | None = None
    language: str | None = None
    allowed: frozenset[str] = frozenset()
    seconds: float = DEFAULT_SECONDS


def read_governance(exposed: Iterable[Block], environment: Mapping[str, str]) -> Governance:
    """Read what the first control adapter says of scripts; the environment where it is silent.

    Args:
        exposed: All adapters of the capability.
        environment: `NAFTIKO_SCRIPTING=false` in it keeps scripts from running.
    """
    enabled = not any(environment.get(name, "").lower() == "false" for name in SWITCHES)
    said = next((block for adapter in exposed for block in _said(adapter)), None)
    if said is None:
        return Governance(enabled)
    switch, location = said.get("enabled"), said.get("defaultLocation")
    language, timeout = said.get("defaultLanguage"), said.get("timeout")
    return Governance(
        switch if isinstance(switch, bool) else enabled,
        (location, said.position_of("defaultLocation")) if isinstance(location, str) else None,
        language.lower() if isinstance(language, str) else None,
        frozenset(_languages(said.get("allowedLanguages"))),
        timeout / 1000 if isinstance(timeout, int) and timeout > 0 else DEFAULT_SECONDS,
    )


def _said(adapter: Block) -> Iterator[Map]:
    if isinstance(adapter, ControlAdapter) and adapter.management is not None:
        scripting = adapter.management.scripting
        if isinstance(scripting, Map):
            yield scripting


def _languages(words: Node) -> Iterator[str]:
    for word in words if isinstance(words, Seq) else ():
        name = str(word).lower()
        yield LANGUAGES.get(name, name)
