"""Request bodies: what is sent, and as which content type. Section 5 of the behaviour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import orjson

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
from naftiko_runtime.plan.references import PLACEHOLDER, Names
from naftiko_runtime.plan.serialisation import form_pairs, quote_form
from naftiko_runtime.plan.terms import MapOf, Term, Text
from naftiko_runtime.spec.consumes import RequestBody
from naftiko_runtime.values import Absent, JsonText, Value, record

JSON: Final = b"application/json"
TEXT: Final = b"text/plain; charset=utf-8"
FORM: Final = b"application/x-www-form-urlencoded"
_XML: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})
_TEXT_TYPES: Final = {
    "text": TEXT,
    "xml": b"application/xml",
    "sparql": b"application/sparql-query",
}


def escape_xml(text: str) -> str:
    """Return text as it may stand in an element or, in either quotes, in an attribute."""
    return text.translate(_XML)


_ESCAPES: Final = {"xml": escape_xml}

Content: TypeAlias = tuple[bytes, bytes]
"""A body and its content type."""


@record
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
    """Return a whole-body value as content: JSON, or plain text where it is other text.

    A JSON string is the text that it holds, also where it comes as a caller has written it.
    """
    if isinstance(value, Absent):
        return None
    if isinstance(value, JsonText):
        written = value.encode()
        if not written.lstrip().startswith(b'"'):
            return written, JSON
        value = str(orjson.loads(written))
    if isinstance(value, str):
        return value.encode(), JSON if _is_json_document(value) else TEXT
    return to_json(value), JSON


def _is_json_document(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        orjson.loads(text)
    except ValueError:
        return False
    return True


class BodyReader:
    """Reads the `body` of a consumed operation into terms, then into a plan."""

    def __init__(self, body: RequestBody, names: Names, at: Position) -> None:
        self._body = body
        self._at = at
        self._kind = (body.type or "json").lower()
        self._names = names
        structured = self._structured()
        self._is_json = structured is not None
        self.term = structured if structured is not None else self._read()

    @property
    def takes_whole_body(self) -> bool:
        """Whether the body is the caller's own: `{type: json}` without `data`."""
        return self._kind == "json" and not self._body.has("data") and self._body.data is None

    def _structured(self) -> Term | None:
        """Return a body that is JSON, also where the document has it as text."""
        data = self._body.data
        if self._kind not in ("json", "raw") or data is None:
            return None
        if not isinstance(data, str):
            return self._names.term(data, self._at)
        if not self._may_be_json(data):
            return None
        return read_json_template(data, self._names, self._at)

    def _may_be_json(self, text: str) -> bool:
        """Return whether a text may be read as JSON.

        Not where one placeholder is all of it, nor raw text that can be sent as it stands.
        """
        if PLACEHOLDER.fullmatch(text.strip()):
            return False
        return "{{" in text if self._kind == "raw" else text.lstrip().startswith(("{", "["))

    def _read(self) -> Term:
        data = self._body.data
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
            evaluate = compile_term(self.term, inputs, _ESCAPES.get(self._kind))
            return _text(evaluate, content_type or _TEXT_TYPES[self._kind])
        if self._kind == "raw" and not self._is_json:
            return _text(compile_term(self.term, inputs), content_type or JSON)
        return _json(compile_term(self.term, inputs), content_type or JSON)


def _text(evaluate: Evaluate, content_type: bytes) -> Callable[[Scope], Content | None]:
    return lambda scope: _text_content(evaluate(scope), content_type)


def _text_content(value: Value, content_type: bytes) -> Content | None:
    if value is None or isinstance(value, Absent):
        return None
    return to_text(value).encode(), content_type


def _json(evaluate: Evaluate, content_type: bytes) -> Callable[[Scope], Content | None]:
    def render(scope: Scope) -> Content | None:
        value = evaluate(scope)
        if isinstance(value, JsonText):
            return value.encode(), content_type
        return None if isinstance(value, Absent) else (to_json(value), content_type)

    return render


def _multipart(evaluate: Evaluate) -> Callable[[Scope], Content | None]:
    def render(scope: Scope) -> Content | None:
        value = evaluate(scope)
        return None if value is None or isinstance(value, Absent) else multipart_content(value)

    return render


def _form(term: Term, inputs: Inputs) -> Callable[[Scope], Content | None]:
    evaluate = compile_term(term, inputs, quote_form if isinstance(term, Text) else None)

    def render(scope: Scope) -> Content | None:
        fields = evaluate(scope)
        if not isinstance(fields, dict):
            return _text_content(fields, FORM)
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
