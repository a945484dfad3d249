"""Aggregates: what a unit with a `ref` inherits from the function it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from naftiko_runtime.diagnostics import Diagnostics, did_you_mean
from naftiko_runtime.load.nodes import Map
from naftiko_runtime.plan.folding import NameIndex
from naftiko_runtime.plan.terms import InputReference, Term, input_references
from naftiko_runtime.spec.actions import Action
from naftiko_runtime.spec.aggregates import Aggregate, Function, Semantics
from naftiko_runtime.spec.parameters import InputParameter
from naftiko_runtime.values import record

A = TypeVar("A", bound=Action, covariant=True)
S = TypeVar("S", bound=Action)

_INHERITED: Final = (
    "label",
    "description",
    "call",
    "with_",
    "steps",
    "mappings",
    "input_parameters",
    "output_parameters",
)


@record
class Effective(Generic[A]):
    """A unit with all that it inherits.

    Attributes:
        spec: The unit; what it declares itself has gone before what the function says.
        namespace: The function's aggregate, which stands for the caller's inputs inside it.
        feeds: What the unit feeds the function's inputs with, where both have a `with`.
        own_with: The unit's own `with`, where it has a function.
        inherited_inputs: The function's inputs, where the unit declares none itself.
        semantics: The function's, from which hints are derived.
    """

    spec: A
    namespace: str | None = None
    feeds: Map | None = None
    own_with: Map | None = None
    inherited_inputs: tuple[InputParameter, ...] = ()
    semantics: Semantics | None = None


@dataclass(slots=True)
class Functions:
    """The functions of a capability by `namespace.name`."""

    by_address: dict[str, tuple[str, Function]] = field(default_factory=dict)

    @classmethod
    def read(cls, aggregates: Iterable[Aggregate], diagnostics: Diagnostics) -> Functions:
        """Collect all functions; of two with one address the first is taken."""
        functions = cls()
        for aggregate in aggregates:
            namespace = aggregate.namespace or ""
            for function in aggregate.functions:
                address = f"{namespace}.{function.name}"
                if address in functions.by_address:
                    message = f"there are two functions '{address}'; the first one is taken"
                    first = functions.by_address[address][1].position
                    hint = f"the first one is at {first}; rename one of them"
                    diagnostics.warning("function-duplicate", message, function.position, hint=hint)
                functions.by_address.setdefault(address, (namespace, function))
        return functions

    def effective(self, spec: S, unit: str, diagnostics: Diagnostics) -> Effective[S] | None:
        """Return a unit with what it inherits; None if it names an unknown function (an error)."""
        if spec.ref is None:
            return Effective(spec)
        if spec.ref not in self.by_address:
            known = ", ".join(self.by_address) or "none"
            diagnostics.error(
                "reference-unknown",
                f"there is no function '{spec.ref}'; {unit} is left out",
                spec.at("ref"),
                hint=did_you_mean(spec.ref, self.by_address) or f"the functions are: {known}",
                unit=unit,
            )
            return None
        namespace, function = self.by_address[spec.ref]
        with_, feeds = _with(spec.with_, function, namespace)
        lacking = [name for name in _INHERITED if not getattr(spec, name)]
        inherited = {name: getattr(function, name) for name in lacking}
        merged = spec.model_copy(update={**inherited, "with_": with_})
        inputs = () if spec.input_parameters else function.input_parameters
        return Effective(merged, namespace, feeds, spec.with_, inputs, function.semantics)


def left_open(
    inputs: Sequence[InputParameter], fed: Mapping[str, Term]
) -> Iterator[InputParameter]:
    """Yield a function's inputs as callers of a unit see them that feeds some by its `with`.

    One that is fed by an input of the unit goes by that input's name; one that is fed by anything
    else is not asked for. One that the unit refers to itself stays.

    Args:
        inputs: The function's inputs.
        fed: What the unit feeds by name.
    """
    terms = NameIndex(fed.items())
    mentioned = {one.name for term in fed.values() for one in input_references(term)}
    known = {one.name for one in inputs}
    for one in inputs:
        term = terms.find(one.name or "")
        if term is None or one.name in mentioned:
            yield one
        elif isinstance(term, InputReference) and term.name not in known:
            yield one.model_copy(update={"name": term.name})


def _with(own: Map | None, function: Function, namespace: str) -> tuple[Map | None, Map | None]:
    """Return the `with` of the call, and what feeds the inputs that the function refers to.

    A key that both have is the unit's. It is written as the function's input of that name, for the
    unit's value means what it means outside of the function. The unit's other keys name inputs of
    the function, unless the function has nothing that could refer to them.
    """
    theirs = function.with_
    if own is None or (theirs is None and not function.steps):
        return own if own is not None else theirs, None
    if theirs is None:
        return None, own
    merged = Map(theirs.file, theirs.mark)
    merged.update({key: f"{namespace}.{key}" if key in own else theirs[key] for key in theirs})
    merged.key_marks.update(theirs.key_marks)
    merged.value_marks.update(theirs.value_marks)
    return merged, own
