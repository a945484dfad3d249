"""`multipart/form-data` bodies as callers send them (RFC 7578)."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from naftiko_runtime.errors import InputProblem, InvalidInput
from naftiko_runtime.execute.formats.charsets import codec_of
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.rest.json_body import parse_json
from naftiko_runtime.values import Json

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks


@dataclass(frozen=True, slots=True)
class FormPair:
    """One field of a form.

    Attributes:
        name: The field's name.
        value: Text; another JSON value where the part says that it is JSON.
        content: The bytes, where the field is a file; `value` is then their text, or their base64
            where they are no text.
    """

    name: str
    value: Json
    content: bytes | None = None


def parse_multipart(body: bytes, boundary: bytes, limits: Limits) -> tuple[FormPair, ...]:
    """Parse a form.

    Args:
        body: The whole body.
        boundary: What stands between its parts.
        limits: How many parts it may have, and how deep those in JSON may be nested.

    Raises:
        InvalidInput: It is not what it says it is.
    """
    if not boundary:
        raise _invalid("multipart/form-data needs a boundary in its Content-Type")
    if body.count(b"--" + boundary) > limits.parameters + 1:
        raise _invalid(f"a form may have {limits.parameters} parts at most")
    form = _Form()
    try:
        parser = MultipartParser(boundary, form.callbacks())
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise _invalid("the body is not valid multipart/form-data") from None
    if not form.is_complete:
        raise _invalid("the multipart/form-data body breaks off")
    return tuple(part.pair(limits) for part in form.parts)


@dataclass(slots=True)
class _Part:
    """One part while it is being read."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    content: bytearray = field(default_factory=bytearray)

    def pair(self, limits: Limits) -> FormPair:
        """Return the part as a field.

        Raises:
            InvalidInput: It has no name, or its content is not what it says.
        """
        _, options = parse_options_header(self.headers.get(b"content-disposition", b""))
        name = options.get(b"name")
        if name is None:
            raise _invalid("a part of the form has no name")
        text_name = name.decode(errors="replace")
        content = bytes(self.content)
        if b"filename" in options:
            return FormPair(text_name, _file_text(content), content)
        return FormPair(text_name, self._value(text_name, content, limits))

    def _value(self, name: str, content: bytes, limits: Limits) -> Json:
        media_type, options = parse_options_header(self.headers.get(b"content-type", b""))
        if media_type == b"application/json":
            return parse_json(content, limits.json_depth)
        try:
            charset = options.get(b"charset", b"utf-8").decode("ascii")
            return content.decode(codec_of(charset))
        except (LookupError, ValueError):
            raise _invalid(f"the part '{name}' of the form is not valid text") from None


class _Form:
    """Takes what the parser finds."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self.is_complete = False
        self._name = b""
        self._value = b""

    def callbacks(self) -> MultipartCallbacks:
        """Return the parser's callbacks by name."""
        return {
            "on_part_begin": lambda: self.parts.append(_Part()),
            "on_part_data": self._on_data,
            "on_header_field": self._on_header_name,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_end": self._on_end,
        }

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].content += data[start:end]

    def _on_header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self.parts[-1].headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _on_end(self) -> None:
        self.is_complete = True


def _file_text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return base64.b64encode(content).decode()


def _invalid(detail: str) -> InvalidInput:
    return InvalidInput((InputProblem("", detail),))
