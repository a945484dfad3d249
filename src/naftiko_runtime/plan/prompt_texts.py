"""The texts of prompts: what stands in `{x}` and `{{x}}`."""

from __future__ import annotations

import re
from typing import Final

from naftiko_runtime.diagnostics import Position, did_you_mean
from naftiko_runtime.plan.collector import InputCollector
from naftiko_runtime.plan.references import FACES, Names
from naftiko_runtime.plan.terms import InputReference, Literal, Term, Text

_PLACEHOLDER: Final = re.compile(r"\{\{\{?\s*([^{}]+?)\s*\}?\}\}|\{([^{}]+)\}")
_ARGUMENT: Final = re.compile(r"[A-Za-z_][\w.-]*")


class PromptTextReader:
    """Reads the texts of one prompt.

    Prompts speak of anything, of JSON and of templates too, so only what is known to be meant is
    replaced: `{x}` where `x` is an argument, `{{x}}` where it is an argument or a bound variable.
    A prompt that declares no arguments has those that it mentions as `{{x}}`. All else is text.

    Args:
        names: What names mean in the adapter.
        collector: Knows the arguments, and takes those that are inferred.
        unit: The prompt, `namespace.name`.
    """

    def __init__(self, names: Names, collector: InputCollector, unit: str) -> None:
        self._names = names
        self._collector = collector
        self._unit = unit

    def read(self, text: str, at: Position) -> Term:
        """Return what a text says."""
        parts: list[Term] = []
        end = 0
        for match in _PLACEHOLDER.finditer(text):
            term = self._doubled(match[1], at) if match[1] else self._single(match[2])
            if term is not None:
                parts += [Literal(text[end : match.start()]), term]
                end = match.end()
        return Text((*parts, Literal(text[end:])))

    def _single(self, name: str) -> Term | None:
        return InputReference(name) if name in self._collector.input_names() else None

    def _doubled(self, name: str, at: Position) -> Term | None:
        bare = self._without_prefix(name)
        if self._collector.knows(bare):
            return InputReference(bare)
        if self._names.variables.declared(name) is not None:
            return self._names.placeholder(name, at)
        if not self._collector.is_declared and _ARGUMENT.fullmatch(bare):
            self._collector.in_template(bare, at)
            return InputReference(bare)
        self._names.diagnostics.warning(
            "reference-unknown",
            f"'{{{{{name}}}}}' is no argument of {self._unit}; it stays as it is",
            at,
            hint=did_you_mean(bare, self._collector.input_names()),
        )
        return None

    def _without_prefix(self, name: str) -> str:
        prefix = name.partition(".")[0]
        known = prefix in FACES or prefix in self._names.namespaces
        return name.removeprefix(f"{prefix}.") if known else name
