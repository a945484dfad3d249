"""Reading references and templates, section 3 of the behaviour."""

from __future__ import annotations

import re
from dataclasses import field
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, Position, did_you_mean
from naftiko_runtime.load.nodes import Map, Node, Seq
from naftiko_runtime.load.variables import Variables
from naftiko_runtime.plan.folding import NameIndex
from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.plan.jsonpath import JsonPathInvalid, compile_path
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
from naftiko_runtime.values import record

FACES: Final = frozenset({"rest", "tools", "mcp", "resources", "prompts"})
"""The words that stand for the caller's inputs, whichever adapter it is."""

PLACEHOLDER: Final = re.compile(r"\{\{(\{)?(?P<name>[^{}]*)(?(1)\}\}\}|\}\})")
"""`{{name}}` or `{{{name}}}`; a brace that only one side has is none of its own."""


@record
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
        in_run: Whether the place belongs to a unit with steps, where `name.field` names a step.
        unit: The unit that the place belongs to; its errors stop nothing but it.
    """

    variables: Variables
    diagnostics: Diagnostics
    namespaces: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    function_feeds: NameIndex[Term] = field(default_factory=NameIndex)
    feeds: NameIndex[Term] = field(default_factory=NameIndex)
    inputs: NameIndex[str] = field(default_factory=NameIndex)
    takes_inputs: bool = True
    in_run: bool = False
    unit: str | None = None

    def inside(self, unit: str, *, in_run: bool) -> Names:
        """Return the names as they are inside a unit, which may have steps."""
        return Names(
            self.variables,
            self.diagnostics,
            self.namespaces,
            self.steps,
            self.function_feeds,
            self.feeds,
            self.inputs,
            self.takes_inputs,
            in_run,
            unit,
        )

    def knowing(
        self,
        inputs: NameIndex[str],
        *,
        steps: frozenset[str] | None = None,
        feeds: NameIndex[Term] | None = None,
    ) -> Names:
        """Return the names where these inputs are known, and these steps and feeds, if given."""
        return Names(
            self.variables,
            self.diagnostics,
            self.namespaces,
            self.steps if steps is None else steps,
            self.function_feeds,
            self.feeds if feeds is None else feeds,
            inputs,
            self.takes_inputs,
            self.in_run,
            self.unit,
        )

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
            return MapOf(tuple(self._member(value, key) for key in value))
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
            parts.append(self.placeholder(match["name"], at))
            end = match.end()
        if end < len(text) or not parts:
            parts.append(Literal(text[end:]))
        return parts

    def placeholder(self, name: str, at: Position) -> Term:
        """Read what stands between `{{` and `}}`."""
        name = name.strip()
        if not name or name[0] in "#/^!>&":
            message = f"'{{{{{name}}}}}' is no name: templates have no sections and comments"
            self.diagnostics.warning("template-invalid", message, at)
            return Literal("")
        return (
            self._of_face(name)
            or self.step(name, at)
            or self._of_namespace(name)
            or self.feeds.exactly(name)
            or self.function_feeds.exactly(name)
            or self._variable(name, at)
            or self.feeds.find(name)
            or self.function_feeds.find(name)
            or self._unknown(name, at)
        )

    def step(self, text: str, at: Position) -> Term | None:
        """Read `step`, `step.field`, `$.step.field` and `$['step'].field`; None if it is none."""
        path = text[1:].removeprefix(".") if text.startswith(("$.", "$[")) else text
        for step in sorted(self.steps, key=len, reverse=True):
            for head in (step, f"['{step}']", f'["{step}"]'):
                rest = path.removeprefix(head)
                if path.startswith(head) and rest[:1] in ("", ".", "["):
                    return self._step_output(step, rest, text, at)
        return None

    def _member(self, parent: Map, key: str) -> tuple[str | Term, Term]:
        name = self.template(key, parent.position_of_key(key)) if "{{" in key else key
        return name, self.term(parent[key], parent.position_of(key))

    def _text(self, text: str, at: Position, key: str | None) -> Term:
        if "{{" in text:
            return self.template(text, at)
        reference = self._of_face(text, key) or self._of_namespace(text, key)
        if reference is None and text.startswith("$"):
            reference = self.step(text, at)
        return reference or Literal(text)

    def _of_face(self, text: str, key: str | None = None) -> Term | None:
        """Read `face.NAME` and `face.place.NAME`."""
        face, _, name = text.partition(".")
        return self._callers(name, key) if name and face in FACES else None

    def _of_namespace(self, text: str, key: str | None = None) -> Term | None:
        """Read `namespace.NAME` and `namespace.place.NAME`."""
        for namespace in sorted(self.namespaces, key=len, reverse=True):
            name = text.removeprefix(f"{namespace}.")
            if name and name != text:
                return self._callers(name, key)
        return None

    def _callers(self, name: str, key: str | None) -> Term:
        return self.function_feeds.find(name) or _input(name, key)

    def _step_output(self, step: str, rest: str, text: str, at: Position) -> Term:
        try:
            return StepReference(step, compile_path(f"${rest}"))
        except JsonPathInvalid as error:
            self.diagnostics.error("jsonpath-invalid", f"'{text}': {error}", at, unit=self.unit)
            return Literal(None)

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
            return self._part_of_unknown_step(name, at) or _input(name, None)
        variable = self.variables.ambient(name)
        bare = name.removeprefix("env.")
        self.diagnostics.warning(
            "variable-unbound",
            f"'{{{{{name}}}}}' is no bound variable; it is looked up in the environment",
            at,
            hint=f"declare it under 'binds': keys: {{{bare}: {bare}}}",
        )
        self.variables.used(variable, at)
        return VariableReference(variable)

    def _part_of_unknown_step(self, name: str, at: Position) -> Term | None:
        """Read `name.field` in a run none of whose steps is called so: an error."""
        first, _, rest = name.partition(".")
        if not self.in_run or not rest or Place.named(first) is not None:
            return None
        message = f"'{{{{{name}}}}}' refers to '{first}', which is no step"
        hint = did_you_mean(first, self.steps)
        self.diagnostics.error("reference-unknown", message, at, hint=hint, unit=self.unit)
        return Literal(None)


def _input(name: str, key: str | None) -> InputReference:
    first, _, rest = name.partition(".")
    place = Place.named(first)
    if place is not None and rest and name != key:
        return InputReference(rest, place)
    return InputReference(name)


def with_terms(with_: Map | None, names: Names) -> dict[str, tuple[Term, Position]]:
    """Read a `with` block: for each key, what it is fed with, and where that stands."""
    if with_ is None:
        return {}
    return {
        key: (names.term(value, at := with_.position_of(key), key), at)
        for key, value in with_.items()
    }
