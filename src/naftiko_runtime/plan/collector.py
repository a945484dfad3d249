"""Which inputs an exposed unit has: declared ones, or inferred from what they feed.

Section 4 of the behaviour. A unit's calls are read first; each reference to an input is noted here
with what it feeds. When all are read, `finish` gives the inputs and what references are called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, Position
from naftiko_runtime.load.nodes import Node, to_plain
from naftiko_runtime.plan.checking import schema_of
from naftiko_runtime.plan.consumed import Consumed, Parameter
from naftiko_runtime.plan.expressions import Inputs
from naftiko_runtime.plan.folding import NameIndex, fold
from naftiko_runtime.plan.inputs import Input, Place
from naftiko_runtime.plan.jsonpath import JsonPathInvalid, Path, compile_path
from naftiko_runtime.plan.shaping.conversion import fixed_value, is_of_type
from naftiko_runtime.plan.terms import InputReference, MapOf, Term, input_references
from naftiko_runtime.spec.parameters import InputParameter
from naftiko_runtime.values import ABSENT, Json, Value, record

BODY: Final = "body"
_BODY_METHODS: Final = ("POST", "PUT", "PATCH")
_OWN_HEADERS: Final = frozenset({"accept", "content-type", "user-agent"})
"""Headers that have a sound value without the caller."""


@record
class Face:
    """The side of a unit that callers see.

    Attributes:
        is_rest: Whether inputs travel in the parts of an HTTP request.
        method: The exposed HTTP method; on MCP none.
        path_variables: The variables of the exposed path; on MCP none.
    """

    is_rest: bool
    method: str = ""
    path_variables: tuple[str, ...] = ()


@dataclass(slots=True)
class _Candidate:
    """An input in the making."""

    name: str
    place: Place | None = None
    spec: InputParameter | None = None
    at: Position | None = None
    feeds: list[tuple[Parameter, Consumed]] = field(default_factory=list)
    whole: bool = True
    whole_body: bool = False


class InputCollector:
    """Collects the inputs of one unit.

    Args:
        face: The side that callers see.
        declared: The inputs that the document declares.
        diagnostics: Takes what is wrong with them.
        closed: Whether the document says which inputs there are, so that few more are inferred.
    """

    def __init__(
        self,
        face: Face,
        declared: Sequence[InputParameter],
        diagnostics: Diagnostics,
        *,
        closed: bool = False,
    ) -> None:
        self._face = face
        self._diagnostics = diagnostics
        self._is_declared = closed or bool(declared)
        self._candidates: list[_Candidate] = []
        self._index: NameIndex[_Candidate] = NameIndex()
        self._names: NameIndex[str] | None = None
        self._aliases: list[tuple[str, _Candidate]] = []
        for spec in declared:
            self._declare(spec)
        for name in face.path_variables:
            candidate = self._index.find(name) or self._add(name, None)
            candidate.place = Place.PATH
            if candidate.name != name:
                self._rename(candidate, name)

    def knows(self, name: str) -> bool:
        """Return whether there is an input of this name already."""
        return name in self._index

    def names(self) -> NameIndex[str]:
        """Return the names of the inputs so far."""
        if self._names is None:
            self._names = NameIndex((name, name) for name in self.input_names())
        return self._names

    def input_names(self) -> list[str]:
        """Return what the inputs so far are called."""
        return [candidate.name for candidate in self._candidates]

    @property
    def is_declared(self) -> bool:
        """Whether the document declares the inputs, so that none but those are inferred."""
        return self._is_declared

    def reference(
        self,
        reference: InputReference,
        parameter: Parameter | None,
        consumed: Consumed,
        at: Position,
        *,
        whole: bool,
    ) -> None:
        """Note that a reference feeds a parameter (None: something that nothing declares)."""
        candidate = self._index.find(reference.name)
        if candidate is None:
            candidate = self._by_position(parameter, consumed) if whole else None
            if candidate is not None:
                self._aliases.append((reference.name, candidate))
                self._index.add(reference.name, candidate)
        if candidate is None:
            candidate = self._add(reference.name, at)
        candidate.place = candidate.place or reference.place
        self._feed(candidate, parameter, consumed, whole=whole)

    def same_name(self, parameter: Parameter, consumed: Consumed) -> str | None:
        """Feed a parameter that nothing feeds by the input of its name; return that name.

        Where inputs are inferred, or the parameter is a path variable, such an input comes into
        being; otherwise there may be none.
        """
        candidate = self._index.find(parameter.name) or self._by_position(parameter, consumed)
        if candidate is not None and _is_another(candidate, parameter, consumed):
            candidate = None
        if candidate is None:
            if self._is_declared and parameter.place is not Place.PATH:
                return None
            candidate = self._add(parameter.name, parameter.at)
        self._feed(candidate, parameter, consumed, whole=True)
        return candidate.name

    def callers_body(self, at: Position) -> Term:
        """Return what feeds a body that is the caller's own: the input `body`.

        Where that is not declared, but inputs that feed nothing else are, these are its fields.
        """
        candidate = self._index.find(BODY)
        fields = self._body_fields() if candidate is None else []
        if fields:
            return MapOf(tuple((name, InputReference(name)) for name in fields))
        candidate = candidate or self._add(BODY, at)
        candidate.place, candidate.whole_body = Place.BODY, True
        return InputReference(candidate.name)

    def _body_fields(self) -> list[str]:
        fields = [
            one
            for one in self._candidates
            if one.place is Place.BODY or (one.place is None and one.spec and not one.feeds)
        ]
        for one in fields:
            one.place = Place.BODY
        return [one.name for one in fields]

    def mention(self, term: Term, at: Position) -> None:
        """Note the inputs that a term of the unit mentions outside of any parameter."""
        for reference in input_references(term):
            self.in_template(reference.name, at)

    def in_template(self, name: str, at: Position) -> None:
        """Note that a template mentions an input; one that no one else feeds is optional."""
        if self._index.find(name) is None:
            self._add(name, at)

    def in_body(self, term: Term, at: Position) -> None:
        """Note the inputs that a body template mentions.

        Where the document declares the inputs, a template asks for no others.
        """
        if not self._is_declared:
            self.mention(term, at)

    def finish(self) -> tuple[tuple[Input, ...], Inputs]:
        """Return the inputs in order, and the real names of inputs by how references call them."""
        inputs = tuple(self._input(candidate) for candidate in self._candidates)
        names = NameIndex((one.name, one.name) for one in self._candidates)
        for alias, candidate in self._aliases:
            names.add(alias, candidate.name)
        return inputs, names

    def _declare(self, spec: InputParameter) -> None:
        name = spec.name or ""
        candidate = self._index.find(name)
        if candidate is None or candidate.name != name:
            candidate = self._add(name, spec.position)
        candidate.spec, candidate.at, candidate.place = spec, spec.position, Place.named(spec.in_)

    def _add(self, name: str, at: Position | None) -> _Candidate:
        candidate = _Candidate(name, at=at)
        self._candidates.append(candidate)
        self._index.add(name, candidate)
        self._names = None
        return candidate

    def _rename(self, candidate: _Candidate, name: str) -> None:
        self._aliases.append((candidate.name, candidate))
        candidate.name = name
        self._index.add(name, candidate)
        self._names = None

    def _feed(
        self, candidate: _Candidate, parameter: Parameter | None, consumed: Consumed, *, whole: bool
    ) -> None:
        candidate.whole = candidate.whole and whole
        if parameter is not None:
            candidate.feeds.append((parameter, consumed))

    def _by_position(self, parameter: Parameter | None, consumed: Consumed) -> _Candidate | None:
        """Return the exposed path variable that stands where the consumed one stands.

        Only where both paths have equally many variables, and only a variable that no consumed
        one is called like.
        """
        if parameter is None or parameter.place is not Place.PATH:
            return None
        theirs = [variable.name for variable in consumed.path.variables]
        ours = self._face.path_variables
        if len(theirs) != len(ours):
            return None
        folded = [fold(name) for name in theirs]
        if fold(parameter.name) not in folded:
            return None
        opposite = ours[folded.index(fold(parameter.name))]
        return None if fold(opposite) in folded else self._index.find(opposite)

    def _input(self, candidate: _Candidate) -> Input:
        spec = candidate.spec
        parameter = candidate.feeds[0][0] if candidate.feeds else None
        schema = self._schema(candidate, parameter)
        type_ = schema.get("type")
        hidden = _is_credential(candidate)
        return Input(
            candidate.name,
            self._place(candidate, parameter),
            type_ if isinstance(type_, str) else None,
            not hidden and self._required(candidate, parameter),
            (spec.description if spec else None) or _description(parameter),
            self._default(spec, type_),
            schema,
            whole_body=self._takes_whole_body(candidate, parameter),
            body_path=_body_path(spec, self._diagnostics) if spec else None,
            hidden=hidden,
            declared_at=candidate.at,
        )

    def _default(self, spec: InputParameter | None, type_: Json) -> Value:
        default = _default(spec)
        if spec is None or default is ABSENT or not isinstance(type_, str):
            return default
        if not is_of_type(fixed_value(default, type_, None), type_):
            key = "default" if spec.default is not None else "value"
            message = f"'{default}' can't be converted to {type_}; it is passed on as it is"
            self._diagnostics.warning("value-invalid", message, spec.at(key))
        return default

    def _schema(self, candidate: _Candidate, parameter: Parameter | None) -> dict[str, Json]:
        if candidate.spec is not None and candidate.spec.type is not None:
            return schema_of(candidate.spec)
        if parameter is None or not candidate.whole:
            schema = schema_of(candidate.spec) if candidate.spec else {}
            return schema if candidate.place is not Place.PATH else {"type": "string", **schema}
        if parameter.spec is None:
            return {"type": "string"} if parameter.place is Place.PATH else {}
        schema = schema_of(parameter.spec)
        if parameter.place is Place.PATH:
            schema.setdefault("type", "string")
        return schema

    def _required(self, candidate: _Candidate, parameter: Parameter | None) -> bool:
        if candidate.place is Place.PATH and self._face.is_rest:
            return True
        if candidate.spec is not None and candidate.spec.is_required is not None:
            return candidate.spec.is_required
        if parameter is None:
            return candidate.spec is not None and not candidate.whole_body
        if parameter.place is Place.HEADER and parameter.name.lower() in _OWN_HEADERS:
            return False
        return any(bool(fed.required) for fed, _ in candidate.feeds)

    def _place(self, candidate: _Candidate, parameter: Parameter | None) -> Place:
        """Return where REST callers put the input."""
        if candidate.place is not None and (
            candidate.place is not Place.PATH or candidate.name in self._face.path_variables
        ):
            return candidate.place
        if parameter is not None and parameter.place is not None:
            return Place.QUERY if parameter.place is Place.PATH else parameter.place
        return Place.BODY if self._face.method in _BODY_METHODS else Place.QUERY

    def _takes_whole_body(self, candidate: _Candidate, parameter: Parameter | None) -> bool:
        is_body = self._place(candidate, parameter) is Place.BODY
        return candidate.whole_body or (candidate.name == BODY and is_body)


def _is_another(candidate: _Candidate, parameter: Parameter, consumed: Consumed) -> bool:
    """Return whether an input that is spelled otherwise is exactly another parameter's."""
    same_spelling = candidate.name == parameter.name or fold(candidate.name) != fold(parameter.name)
    return not same_spelling and any(p.name == candidate.name for p in consumed.parameters)


def _description(parameter: Parameter | None) -> str | None:
    return parameter.spec.description if parameter is not None and parameter.spec else None


def _default(spec: InputParameter | None) -> Value:
    """Return what stands in for an input that the caller leaves out."""
    if spec is None:
        return ABSENT
    value = spec.default if spec.default is not None else spec.value
    return ABSENT if value is None or _is_path(value) else to_plain(value)


def _is_path(value: Node) -> bool:
    """Return whether a value is a JSONPath, and not a text that starts with a dollar sign."""
    return isinstance(value, str) and (value == "$" or value.startswith(("$.", "$[")))


def _body_path(spec: InputParameter, diagnostics: Diagnostics) -> Path | None:
    """Return the path that picks a declared input from the request body."""
    if not _is_path(spec.value):
        return None
    try:
        return compile_path(str(spec.value))
    except JsonPathInvalid as error:
        diagnostics.error("jsonpath-invalid", f"'{spec.value}': {error}", spec.at("value"))
        return None


def _is_credential(candidate: _Candidate) -> bool:
    """Return whether all that an input feeds are credentials the runtime has itself."""
    return bool(candidate.feeds) and all(
        (parameter.place, parameter.name.lower()) in consumed.credentials.provides
        for parameter, consumed in candidate.feeds
    )
