"""Binding: which part of an upstream request is fed by what. Sections 4 and 5 of the behaviour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from naftiko_runtime.diagnostics import Position, did_you_mean
from naftiko_runtime.load.nodes import Map, Node
from naftiko_runtime.plan.bodies import BodyPlan, BodyReader, body_of_fields, whole_body
from naftiko_runtime.plan.calls import CallPlan, Feed, compile_call
from naftiko_runtime.plan.collector import BODY, InputCollector
from naftiko_runtime.plan.consumed import Consumed, Parameter
from naftiko_runtime.plan.expressions import Inputs
from naftiko_runtime.plan.folding import NameIndex
from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.plan.references import Names, with_terms
from naftiko_runtime.plan.terms import (
    FirstOf,
    InputReference,
    StepReference,
    Term,
    VariableReference,
    input_references,
    leaves,
    subterms,
)
from naftiko_runtime.values import record


@record
class CallDraft:
    """A call whose feeds are known, and whose inputs have no final names yet."""

    consumed: Consumed
    feeds: tuple[Feed, ...]
    fields: tuple[tuple[str, Term], ...]
    reader: BodyReader | None
    whole: Term | None
    is_json: bool

    def compile(self, inputs: Inputs) -> CallPlan:
        """Compile the call, now that inputs have their names."""
        return compile_call(self.consumed, self.feeds, self._body(inputs), inputs)

    @property
    def needs(self) -> frozenset[str]:
        """The steps whose output the request uses."""
        terms = [feed.term for feed in self.feeds] + [term for _, term in self.fields]
        terms += [self.whole] if self.whole is not None else []
        terms += [self.reader.term] if self.reader is not None else []
        return frozenset(
            leaf.step for term in terms for leaf in leaves(term) if isinstance(leaf, StepReference)
        )

    def _body(self, inputs: Inputs) -> BodyPlan | None:
        at = self.consumed.at
        if self.whole is not None:
            return whole_body(self.whole, inputs, at, is_json=self.is_json)
        if self.reader is not None:
            return self.reader.compile(inputs)
        return body_of_fields(self.fields, inputs, at) if self.fields else None


class CallBinder:
    """Reads one `call` with its `with`, and notes the inputs that it needs.

    Args:
        consumed: The operation that is called.
        with_: What the caller of the operation feeds it with.
        names: What names mean there.
        collector: Takes the inputs.
        outer: For a step: the unit's own `with`, which feeds what the step's does not.
    """

    def __init__(
        self,
        consumed: Consumed,
        with_: Map | None,
        names: Names,
        collector: InputCollector,
        outer: Map | None = None,
    ) -> None:
        self._consumed = consumed
        self._names = names.knowing(collector.names())
        self._collector = collector
        self._with = with_terms(with_, self._names)
        self._own_keys = frozenset(self._with)
        for key, fed in with_terms(outer, self._names).items():
            self._with.setdefault(key, fed)
        self._by_name = NameIndex((key, key) for key in self._with)
        self._used: set[str] = set()

    def bind(self) -> CallDraft:
        """Determine what feeds each part of the request."""
        self._note_references()
        fed = [
            (parameter, term, at)
            for parameter in self._consumed.parameters
            for term, at in self._feeds_of(parameter)
        ]
        names = self._consumed_names(fed)
        reader = self._reader(names)
        draft = CallDraft(
            self._consumed,
            tuple(self._request_feeds(fed, names)),
            tuple((p.name, t) for p, t, _ in fed if p.place is Place.BODY),
            None if reader is None or reader.takes_whole_body else reader,
            self._whole_body(reader, fed),
            reader is not None,
        )
        self._report_unused(draft)
        return draft

    def _note_references(self) -> None:
        """Note the inputs of every `with` value, in the order of the document."""
        parameters = NameIndex((p.name, p) for p in self._consumed.parameters)
        for key, (term, at) in self._with.items():
            parameter = parameters.find(key)
            for reference in input_references(term):
                self._check_declared(reference, at)
                self._collector.reference(
                    reference, parameter, self._consumed, at, whole=reference is term
                )

    def _check_declared(self, reference: InputReference, at: Position) -> None:
        if self._is_undeclared(reference):
            self._names.diagnostics.warning(
                "reference-unknown",
                f"'{reference.name}' is not among the declared inputs; it is taken as one more",
                at,
                hint=did_you_mean(reference.name, self._collector.input_names()),
            )

    def _check_spelling(self, reference: InputReference, at: Position) -> None:
        """Report a name in a body that is almost that of a declared input.

        A name like none of them is one that the unit does not offer, as it may.
        """
        if not self._is_undeclared(reference):
            return
        hint = did_you_mean(reference.name, self._collector.input_names())
        if hint is not None:
            self._names.diagnostics.warning(
                "reference-unknown",
                f"'{reference.name}' is not among the declared inputs; the body goes without it",
                at,
                hint=hint,
            )

    def _is_undeclared(self, reference: InputReference) -> bool:
        return self._collector.is_declared and not self._collector.knows(reference.name)

    def _feeds_of(self, parameter: Parameter) -> Iterator[tuple[Term, Position]]:
        """Yield what feeds a parameter, if anything does.

        Highest first: `with`, the caller's input of the same name, the fixed value.
        """
        choices: list[tuple[Term, Position]] = []
        key = self._key_for(parameter)
        if key is not None:
            self._used.add(key)
            choices.append(self._with[key])
        elif parameter.place is Place.BODY and BODY in self._with:
            return  # the whole body is fed, and with it its fields
        bound = self._bound_variable(parameter)
        fed_outside = self._names.function_feeds.find(parameter.name)
        if bound is not None and not choices:
            choices.append((bound, parameter.at))
        elif fed_outside is not None and not choices:
            choices.append((fed_outside, parameter.at))
        elif not choices or parameter.value is not None:
            choices.extend(self._same_name(parameter))
        if parameter.value is not None:
            value, at = parameter.value
            choices.append((self._fixed(value, at), at))
        if choices:
            terms = tuple(term for term, _ in choices)
            yield (terms[0] if len(terms) == 1 else FirstOf(terms)), choices[0][1]

    def _fixed(self, value: Node, at: Position) -> Term:
        """Read a consumed parameter's value: names that nothing declares are variables in it."""
        term = replace(self._names, takes_inputs=False).term(value, at)
        self._collector.mention(term, at)
        return term

    def _key_for(self, parameter: Parameter) -> str | None:
        """Return the `with` key that feeds a parameter.

        A key that is spelled otherwise does, unless it is exactly the name of another parameter.
        """
        key = self._by_name.find(parameter.name)
        if key is None or key == parameter.name:
            return key
        return None if any(p.name == key for p in self._consumed.parameters) else key

    def _same_name(self, parameter: Parameter) -> Iterator[tuple[Term, Position]]:
        if parameter.place is None:
            return
        if parameter.value is not None and not self._collector.knows(parameter.name):
            return
        name = self._collector.same_name(parameter, self._consumed)
        if name is not None:
            yield InputReference(name), parameter.at

    def _bound_variable(self, parameter: Parameter) -> Term | None:
        """Return the variable that `{{VARIABLE}}` in the path means, where a bind declares it."""
        if parameter.place is not Place.PATH or parameter.spec is not None:
            return None
        doubled = any(v.doubled and v.name == parameter.name for v in self._consumed.path.variables)
        variable = self._names.variables.declared(parameter.name) if doubled else None
        if variable is None:
            return None
        self._names.variables.used(variable, parameter.at)
        return VariableReference(variable)

    def _consumed_names(self, fed: list[tuple[Parameter, Term, Position]]) -> Names:
        """Return what names mean inside the consumed operation: its parameters, the `with` keys."""
        feeds = NameIndex((key, term) for key, (term, _) in self._with.items())
        for parameter, term, _ in fed:
            feeds.add(parameter.name, term)
        return self._names.knowing(self._collector.names(), feeds=feeds)

    def _request_feeds(
        self, fed: list[tuple[Parameter, Term, Position]], names: Names
    ) -> Iterator[Feed]:
        variables = NameIndex((v.name, v.name) for v in self._consumed.path.variables)
        for parameter, term, at in fed:
            variable = variables.find(parameter.name) if parameter.place is Place.PATH else None
            if variable is not None:
                yield Feed(variable, Place.PATH, term, at)
            elif parameter.place not in (None, Place.PATH, Place.BODY):
                spec = parameter.spec
                style, explode = (spec.style, spec.explode) if spec else (None, None)
                yield Feed(parameter.name, parameter.place, term, at, style, explode)
        for one in self._consumed.path.variables:
            if one.doubled and "." in one.name:
                at = self._consumed.spec.at("path")
                yield Feed(one.name, Place.PATH, self._template_term(one.name, names), at)

    def _template_term(self, name: str, names: Names) -> Term:
        at = self._consumed.spec.at("path")
        term = names.placeholder(name, at)
        self._collector.mention(term, at)
        return term

    def _reader(self, names: Names) -> BodyReader | None:
        body = self._consumed.spec.body
        if body is None:
            return None
        at = self._consumed.spec.body_position
        reader = BodyReader(body, names, at)
        for reference in input_references(reader.term):
            self._check_spelling(reference, at)
        self._collector.in_body(reader.term, at)
        return reader

    def _whole_body(
        self, reader: BodyReader | None, fed: list[tuple[Parameter, Term, Position]]
    ) -> Term | None:
        """Return what the whole body is, where it is one value."""
        in_body = [(p, term) for p, term, _ in fed if p.place is Place.BODY]
        if reader is not None and not reader.takes_whole_body:
            return None
        if len(in_body) == 1 and in_body[0][0].name == BODY:
            return in_body[0][1]
        if in_body:
            return None
        return self._caller_body(reader)

    def _caller_body(self, reader: BodyReader | None) -> Term | None:
        """Return the caller's own body, where `{type: json}` or an unclaimed `with: body` asks."""
        if BODY in self._with:
            self._used.add(BODY)
            return self._with[BODY][0]
        return None if reader is None else self._collector.callers_body(self._consumed.at)

    def _report_unused(self, draft: CallDraft) -> None:
        mentioned = _mentioned(draft)
        for key, (term, at) in self._with.items():
            if key in self._used or key not in self._own_keys or term in mentioned:
                continue
            known = [parameter.name for parameter in self._consumed.parameters]
            self._names.diagnostics.warning(
                "parameter-unused",
                f"'{self._consumed.address}' has no parameter '{key}'; it is not sent",
                at,
                hint=did_you_mean(key, known),
            )


def _mentioned(draft: CallDraft) -> list[Term]:
    """Return the terms inside the body, among which may be what `with` feeds by name."""
    return list(subterms(draft.reader.term)) if draft.reader is not None else []
