"""Request bodies decoded by their content type. Sections 4.5 and 7 of the behaviour."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_options_header

from naftiko_runtime.errors import InputProblem, InvalidInput, UnsupportedContent
from naftiko_runtime.execute.formats.charsets import codec_of
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.rest.json_body import looks_like_json, parse_json
from naftiko_runtime.expose.rest.multipart import FormPair, parse_multipart
from naftiko_runtime.values import Json

_JSON: Final = re.compile(r"(?:application|text)/(?:[^;]+\+)?json")
_TEXT: Final = re.compile(
    r"text/.+|application/(?:.+\+)?(?:xml|yaml)"
    r"|application/(?:x-yaml|x-ndjson|graphql|sparql-query|sparql-update)"
)
_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class JsonContent:
    """A JSON value.

    Attributes:
        value: The value.
        text: What it was read from.
    """

    value: Json
    text: bytes


@dataclass(frozen=True, slots=True)
class FormContent:
    """The fields of a form, in order; a name may come more than once."""

    pairs: tuple[FormPair, ...]


@dataclass(frozen=True, slots=True)
class TextContent:
    """Text that is not read any further: plain, XML and their like."""

    text: str


Content: TypeAlias = JsonContent | FormContent | TextContent


def decode_content(
    body: bytes, content_type: bytes | None, encoding: bytes | None, limits: Limits
) -> Content:
    """Decode a body that is not empty.

    A body without a content type is JSON if it is valid JSON. So is a form that is a JSON object
    or array: command-line clients send JSON as a form unless they are told otherwise.

    Args:
        body: The bytes.
        content_type: The `Content-Type` header.
        encoding: The `Content-Encoding` header.
        limits: How much may be in it.

    Raises:
        InvalidInput: The body is not what its content type says.
        UnsupportedContent: Bodies of this type are not read here.
    """
    if encoding is not None and encoding.strip().lower() not in (b"", b"identity"):
        raise UnsupportedContent("encoded request bodies are not read here; send it as it is")
    if content_type is None or not content_type.strip():
        return _untyped(body, limits)
    raw, options = parse_options_header(content_type)
    media_type = raw.decode("latin-1").strip()
    if _JSON.fullmatch(media_type):
        return JsonContent(parse_json(body, limits.json_depth), body)
    if media_type == _FORM:
        return _json_in_disguise(body, limits) or FormContent(_fields(body, limits.parameters))
    if media_type == _MULTIPART:
        return FormContent(parse_multipart(body, options.get(b"boundary", b""), limits))
    if _TEXT.fullmatch(media_type):
        return TextContent(_text(body, options.get(b"charset", b"utf-8")))
    raise UnsupportedContent(f"a request body of type {media_type} is not read here; JSON is")


def _untyped(body: bytes, limits: Limits) -> Content:
    if looks_like_json(body):
        return JsonContent(parse_json(body, limits.json_depth), body)
    raise UnsupportedContent("the request body needs a Content-Type that says what it is")


def _json_in_disguise(body: bytes, limits: Limits) -> JsonContent | None:
    if not looks_like_json(body):
        return None
    try:
        return JsonContent(parse_json(body, limits.json_depth), body)
    except InvalidInput:
        return None


def _fields(body: bytes, most: int) -> tuple[FormPair, ...]:
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=most,
        )
    except UnicodeDecodeError:
        raise _invalid("the form has to be encoded as UTF-8") from None
    except ValueError:
        raise _invalid(f"a form may have {most} fields at most") from None
    return tuple(FormPair(name, value) for name, value in pairs)


def _text(body: bytes, charset: bytes) -> str:
    try:
        return body.decode(codec_of(charset.decode("ascii")))
    except LookupError:
        raise UnsupportedContent("the charset of the request body is not known here") from None
    except UnicodeError:
        raise _invalid("the body is not valid text in its charset") from None


def _invalid(detail: str) -> InvalidInput:
    return InvalidInput((InputProblem("", detail),))
