"""The upstream request that a call must come to (behaviour, section 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import quote, urlsplit

from naftiko_runtime.values import ABSENT, Json, Value
from tests.corpus.oracle.bodies import filled, template_of
from tests.corpus.oracle.consumed import Parameter
from tests.corpus.oracle.credentials import credentials
from tests.corpus.oracle.documents import UnknownConstruct
from tests.corpus.oracle.exposed import Unit
from tests.corpus.oracle.inputs import WHOLE_BODY, expected_inputs
from tests.corpus.oracle.names import pieces
from tests.corpus.oracle.references import InputReference, Literal, Source
from tests.corpus.oracle.sources import source_of, template_source
from tests.corpus.oracle.surroundings import Surroundings
from tests.corpus.oracle.texts import as_text, query_pairs

_LEGAL_IN_PATHS: Final = "/:@!$&'()*+,;=%"
_PORTS: Final = {"http": 80, "https": 443}

_Values: TypeAlias = Mapping[Parameter, Json]


@dataclass(frozen=True, slots=True)
class ExpectedRequest:
    """What upstream must see.

    Attributes:
        method: In upper case.
        origin: Scheme, host and port.
        path: Encoded, exactly.
        query: The decoded values of every key, in order.
        headers: The headers that the document or the caller ask for, names in lower case.
        body: The JSON body, absent where there is none.
    """

    method: str
    origin: tuple[str, str, int]
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: Value


@dataclass(frozen=True, slots=True)
class Call:
    """A unit called with arguments, in some surroundings."""

    unit: Unit
    arguments: Mapping[str, Json]
    around: Surroundings

    def value_of(self, source: Source) -> Value:
        """Return the value that a source has in this call."""
        if isinstance(source, InputReference):
            return self.arguments.get(source.name, ABSENT)
        if isinstance(source.value, str):
            return self.around.resolved(source.value)
        return source.value

    def values(self) -> _Values:
        """Return the values of the parameters that are sent: absent and null ones are not."""
        found = {one: self._value(one) for one in self.unit.upstream.parameters}
        return {one: value for one, value in found.items() if value not in (None, ABSENT)}

    def _value(self, parameter: Parameter) -> Value:
        """Return what `with` or the caller gives, else the document's own value."""
        value = self.value_of(source_of(self.unit, parameter))
        if value is ABSENT and parameter.fixed is not ABSENT:
            return self.value_of(Literal(parameter.fixed))
        return value


def expected_request(
    unit: Unit, arguments: Mapping[str, Json], around: Surroundings
) -> ExpectedRequest:
    """Return the request that a unit called with some arguments must send."""
    operation = unit.upstream
    defaults = {one.name: one.default for one in expected_inputs(unit)}
    left_out = {name: one for name, one in defaults.items() if one is not ABSENT}
    call = Call(unit, {**left_out, **arguments}, around)
    values = call.values()
    base = urlsplit(around.base_uri(operation.namespace, operation.base_uri))
    added = credentials(operation.authentication, around)
    return ExpectedRequest(
        method=operation.method,
        origin=(base.scheme, base.hostname or "", base.port or _PORTS[base.scheme]),
        path=base.path + _path(operation.path, values),
        query={**{name: [value] for name, value in added.query.items()}, **_query(values)},
        headers={**added.headers, **dict(_headers(values))},
        body=_body(call, values),
    )


def _path(template: str, values: _Values) -> str:
    by_name = {one.name: value for one, value in values.items() if one.place == "path"}
    path = "".join(
        quote(literal, safe=_LEGAL_IN_PATHS)
        + (quote(as_text(by_name[variable]), safe="") if variable is not None else "")
        for literal, variable in pieces(template)
    )
    return f"/{path.removeprefix('/')}"


def _query(values: _Values) -> dict[str, list[str]]:
    query: dict[str, list[str]] = {}
    for parameter, value in values.items():
        if parameter.place == "query":
            for key, text in query_pairs(parameter.name, value):
                query.setdefault(key, []).append(text)
    return query


def _headers(values: _Values) -> Iterator[tuple[str, str]]:
    for parameter, value in values.items():
        if parameter.place == "header":
            joined = ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
            yield parameter.name.lower(), joined
        elif parameter.place == "cookie":
            raise UnknownConstruct(f"the cookie {parameter.name}")


def _body(call: Call, values: _Values) -> Value:
    operation = call.unit.upstream
    template = template_of(operation.body)
    if template is not ABSENT:
        return filled(template, lambda text: call.value_of(template_source(call.unit, text)))
    if operation.takes_any_json:
        return call.arguments.get(WHOLE_BODY, ABSENT)
    declared = [one.name for one in operation.parameters if one.place == "body"]
    parts = {one.name: value for one, value in values.items() if one.place == "body"}
    if declared == [WHOLE_BODY]:
        return parts.get(WHOLE_BODY, ABSENT)
    return parts or ABSENT
