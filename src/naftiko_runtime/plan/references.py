"""Reading references and templates, section 3 of the behaviour."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, Position
from naftiko_runtime.load.nodes import Map, Node, Seq
from naftiko_runtime.load.variables import Variables
from naftiko_runtime.plan.folding import NameIndex
from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.plan.jsonpath import JsonPathInvalid, Path, compile_path
from naftiko_runtime.plan.terms import (
    InputReference,
    ListOf,
    Literal,
    MapOf,
    StepReference,
    Term,
    Text,
    VariableReference,
)

FACES: Final = frozenset({"rest", "tools", "mcp", "resources", "prompts"})
"""The words that stand for the caller's inputs, whichever adapter it is."""

PLACEHOLDER: Final = re.compile(r"\{\{\{?\s*(.*?)\s*\}?\}\}", re.DOTALL)

_STEP_NAME = re.compile(r"[^.\[]+")


@dataclass(frozen=True, slots=True)
class Names:
    """What names mean at one place of the document.

    Attributes:
        variables: The bound variables, and the environment.
        diagnostics: Takes what can't be read.
        namespaces: Namespaces that stand for the caller's inputs: the adapter's, the aggregate's.
        steps: The steps that have run before.
        function_feeds: Inside an aggregate's function: what its inputs are fed with, by name.
        feeds: On the consumed side: what each parameter is fed with, by name.
        inputs: Names that are known to be inputs, and so no variables of the environment.
        takes_inputs: Whether an unknown name may be an input at all.
    """

    variables: Variables
    diagnostics: Diagnostics
    namespaces: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    function_feeds: NameIndex[Term] = field(default_factory=NameIndex)
    feeds: NameIndex[Term] = field(default_factory=NameIndex)
    inputs: NameIndex[str] = field(default_factory=NameIndex)
    takes_inputs: bool = True

    def term(self, value: Node, at: Position, key: str | None = None) -> Term:
        """Read a value that may refer to something.

        Args:
            value: As the document has it.
            at: Where it stands.
            key: The `with` key that it is for, which decides whether `rest.query.x` is a place
                and a name, or a name that holds a dot.
        """
        if isinstance(value, str):
            return self._text(value, at, key)
        if isinstance(value, Map):
            return MapOf(tuple((k, self.term(v, value.position_of(k))) for k, v in value.items()))
        if isinstance(value, Seq):
            return ListOf(tuple(self.term(v, value.position_of(i)) for i, v in enumerate(value)))
        return Literal(value)

    def template(self, text: str, at: Position) -> Term:
        """Read a text in which only `{{...}}` refers to something."""
        parts = self.parts(text, at)
        if len(parts) == 1:
            return parts[0]
        return Text(tuple(parts))

    def parts(self, text: str, at: Position) -> list[Term]:
        """Split a text into what stands between placeholders, and what they refer to."""
        parts: list[Term] = []
        end = 0
        for match in PLACEHOLDER.finditer(text):
            if match.start() > end:
                parts.append(Literal(text[end : match.start()]))
            parts.append(self.placeholder(match[1], at))
            end = match.end()
        if end < len(text) or not parts:
            parts.append(Literal(text[end:]))
        return parts

    def placeholder(self, name: str, at: Position) -> Term:
        """Read what stands between `{{` and `}}`."""
        if not name or name[0] in "#/^!>&":
            message = f"'{{{{{name}}}}}' is no name: templates have no sections and comments"
            self.diagnostics.warning("template-invalid", message, at)
            return Literal("")
        return (
            self._reference(name, None)
            or self._step(name, at)
            or self.feeds.find(name)
            or self.function_feeds.find(name)
            or self._variable(name, at)
            or self._unknown(name, at)
        )

    def _text(self, text: str, at: Position, key: str | None) -> Term:
        if "{{" in text:
            return self.template(text, at)
        reference = self._reference(text, key)
        if reference is not None:
            return reference
        if text.startswith("$"):
            step = self._step(text, at)
            if step is not None:
                return step
        return Literal(text)

    def _reference(self, text: str, key: str | None) -> Term | None:
        """Read `face.NAME`, `face.place.NAME` and `namespace.NAME`."""
        for prefix in self._prefixes(text):
            name = text[len(prefix) + 1 :]
            if prefix not in FACES and prefix in self.steps:
                return None
            return self.function_feeds.find(name) or _input(name, key)
        return None

    def _prefixes(self, text: str) -> Iterable[str]:
        first = text.partition(".")[0]
        if first in FACES and len(text) > len(first) + 1:
            yield first
        for namespace in self.namespaces:
            if text.startswith(f"{namespace}.") and len(text) > len(namespace) + 1:
                yield namespace

    def _step(self, text: str, at: Position) -> Term | None:
        """Read `step`, `step.field` and `$.step.field`."""
        path = text.removeprefix("$.") if text.startswith("$.") else text
        name = next((one for one in self._step_names(path)), None)
        if name is None:
            return None
        try:
            return StepReference(name, _rest_of_path(path, name))
        except JsonPathInvalid as error:
            self.diagnostics.error("jsonpath-invalid", f"'{text}': {error}", at)
            return Literal(None)

    def _step_names(self, path: str) -> Iterable[str]:
        first = _STEP_NAME.match(path)
        if first and first[0] in self.steps:
            yield first[0]
        for step in self.steps:  # names that hold dots, or are written ['name']
            if path.startswith((f"{step}.", f"['{step}']", f'["{step}"]')) or path == step:
                yield step

    def _variable(self, name: str, at: Position) -> Term | None:
        variable = self.variables.declared(name)
        if variable is None:
            return None
        self.variables.used(variable, at)
        return VariableReference(variable)

    def _unknown(self, name: str, at: Position) -> Term:
        """Read a name that nothing declares: an input, or a variable of the environment."""
        known = self.inputs.find(name)
        if known is not None:
            return InputReference(known)
        from_environment = name.startswith("env.") or self.variables.in_environment(name)
        if self.takes_inputs and not from_environment:
            return _input(name, None)
        variable = self.variables.ambient(name)
        self.diagnostics.warning(
            "variable-unbound",
            f"'{{{{{name}}}}}' is no bound variable; it is looked up in the environment",
            at,
            hint=f"declare it under 'binds': keys: {{{name}: {name}}}",
        )
        self.variables.used(variable, at)
        return VariableReference(variable)


def _input(name: str, key: str | None) -> InputReference:
    first, _, rest = name.partition(".")
    place = Place.named(first)
    if place is not None and rest and name != key:
        return InputReference(rest, place)
    return InputReference(name)


def _rest_of_path(path: str, step: str) -> Path:
    for head in (f"['{step}']", f'["{step}"]', step):
        if path.startswith(head):
            rest = path.removeprefix(head)
            return compile_path("$" + (rest or ""))
    return compile_path("$")


def with_terms(with_: Map | None, names: Names) -> dict[str, tuple[Term, Position]]:
    """Read a `with` block: for each key, what it is fed with, and where that stands."""
    if with_ is None:
        return {}
    return {
        key: (names.term(value, with_.position_of(key), key), with_.position_of(key))
        for key, value in with_.items()
    }
