"""Request bodies: what is sent, and as which content type. Section 5 of the behaviour."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from xml.sax.saxutils import escape as escape_xml

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.plan.expressions import (
    Evaluate,
    Inputs,
    Scope,
    compile_term,
    to_json,
    to_text,
)
from naftiko_runtime.plan.json_template import read_json_template
from naftiko_runtime.plan.multipart import multipart_content
from naftiko_runtime.plan.references import Names
from naftiko_runtime.plan.serialisation import form_pairs, quote_form
from naftiko_runtime.plan.terms import ListOf, Literal, MapOf, Term
from naftiko_runtime.spec.consumes import RequestBody
from naftiko_runtime.values import ABSENT, Absent, Value

JSON: Final = b"application/json"
TEXT: Final = b"text/plain; charset=utf-8"
FORM: Final = b"application/x-www-form-urlencoded"
_TEXT_TYPES: Final = {
    "text": TEXT,
    "xml": b"application/xml",
    "sparql": b"application/sparql-query",
}

Content: TypeAlias = tuple[bytes, bytes]
"""A body and its content type."""


@dataclass(frozen=True, slots=True)
class BodyPlan:
    """How a request's body comes to be.

    Attributes:
        render: Builds body and content type; None where there is no body.
        terms: What it is made of, for explanations.
        at: Where the document says so.
    """

    render: Callable[[Scope], Content | None]
    terms: tuple[Term, ...]
    at: Position


def json_content(value: Value) -> Content | None:
    """Return a whole-body value as content: JSON, or plain text where it is other text."""
    if isinstance(value, Absent):
        return None
    if isinstance(value, str):
        return value.encode(), JSON if _is_json_document(value) else TEXT
    return to_json(value), JSON


def _is_json_document(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


class BodyReader:
    """Reads the `body` of a consumed operation into terms, then into a plan."""

    def __init__(self, body: RequestBody, names: Names) -> None:
        self._body = body
        self._at = body.at("data")
        self._kind = (body.type or "json").lower()
        self._names = names
        self.term = self._read()

    @property
    def takes_whole_body(self) -> bool:
        """Whether the body is the caller's own: `{type: json}` without `data`."""
        return self._kind == "json" and not self._body.has("data") and self._body.data is None

    def _read(self) -> Term:
        data = self._body.data
        if self._kind == "raw" and isinstance(data, str) and "{{" in data:
            structured = read_json_template(data, self._names, self._at)
            if structured is not None:
                return structured
        if self._kind in (*_TEXT_TYPES, "raw") and isinstance(data, str):
            return self._names.template(data, self._at)
        return self._names.term(data, self._at)

    def compile(self, inputs: Inputs) -> BodyPlan:
        """Compile the body, now that inputs have their names."""
        return BodyPlan(self._render(inputs), (self.term,), self._at)

    def _render(self, inputs: Inputs) -> Callable[[Scope], Content | None]:
        content_type = (self._body.content_type or "").encode()
        if self._kind == "multipartform":
            return _multipart(compile_term(self.term, inputs))
        if self._kind == "formurlencoded":
            return _form(self.term, inputs)
        if self._kind in _TEXT_TYPES:
            escape = escape_xml if self._kind == "xml" else None
            evaluate = compile_term(self.term, inputs, escape)
            return _text(evaluate, content_type or _TEXT_TYPES[self._kind])
        if self._kind == "raw" and not _is_structured(self.term):
            return _text(compile_term(self.term, inputs), content_type or JSON)
        return _json(compile_term(self.term, inputs), content_type or JSON)


def _is_structured(term: Term) -> bool:
    return isinstance(term, (MapOf, ListOf))


def _text(evaluate: Evaluate, content_type: bytes) -> Callable[[Scope], Content | None]:
    def render(scope: Scope) -> Content | None:
        value = evaluate(scope)
        return None if value is ABSENT else (to_text(value).encode(), content_type)

    return render


def _json(evaluate: Evaluate, content_type: bytes) -> Callable[[Scope], Content | None]:
    def render(scope: Scope) -> Content | None:
        value = evaluate(scope)
        return None if isinstance(value, Absent) else (to_json(value), content_type)

    return render


def _multipart(evaluate: Evaluate) -> Callable[[Scope], Content | None]:
    def render(scope: Scope) -> Content | None:
        value = evaluate(scope)
        return None if isinstance(value, Absent) else multipart_content(value)

    return render


def _form(term: Term, inputs: Inputs) -> Callable[[Scope], Content | None]:
    if not isinstance(term, MapOf):
        escape = None if isinstance(term, Literal) else quote_form
        return _text(compile_term(term, inputs, escape), FORM)
    evaluate = compile_term(term, inputs)

    def render(scope: Scope) -> Content | None:
        fields = evaluate(scope)
        assert isinstance(fields, dict)
        pairs = [pair for name, value in fields.items() for pair in form_pairs(name, value)]
        return "&".join(pairs).encode(), FORM

    return render


def whole_body(term: Term, inputs: Inputs, at: Position, *, is_json: bool) -> BodyPlan:
    """Compile a body that is one value: the parameter `body`, or what a caller sends.

    Args:
        term: The value.
        inputs: The real names of inputs.
        at: Where the document says so.
        is_json: Whether the document says that it is JSON, so that text is a JSON text, too.
    """
    evaluate = compile_term(term, inputs)
    if is_json:
        return BodyPlan(_json(evaluate, JSON), (term,), at)
    return BodyPlan(lambda scope: json_content(evaluate(scope)), (term,), at)


def body_of_fields(fields: Sequence[tuple[str, Term]], inputs: Inputs, at: Position) -> BodyPlan:
    """Compile a body whose members are the operation's several body parameters."""
    evaluate = compile_term(MapOf(tuple(fields)), inputs)

    def render(scope: Scope) -> Content | None:
        value = evaluate(scope)
        return (to_json(value), JSON) if isinstance(value, dict) and value else None

    return BodyPlan(render, tuple(term for _, term in fields), at)
