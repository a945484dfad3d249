"""XML to a value: children and attributes are members, repeated ones are lists.

The root's own name is dropped. An element with nothing but text is a string, an empty one an empty
string; text beside attributes or children is the member with the empty name. Prefixes are dropped,
and `xsi:nil` is null. Nothing is ever loaded, and no entity is ever declared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.entities import html5
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

from naftiko_runtime.execute.formats.charsets import read_text
from naftiko_runtime.execute.formats.format import MAX_DEPTH, invalid
from naftiko_runtime.values import Json

_NAME: Final = "XML"
_TEXT: Final = ""
_DECLARED: Final = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
_UTF_16_STARTS: Final = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


def decode_xml(body: bytes, content_type: str | None) -> Json:
    """Decode XML 1.0.

    Raises:
        UpstreamBodyInvalid: It is not well-formed, declares entities, or is nested deeper than 500
            levels.
    """
    text = read_text(_NAME, body, content_type, _declared_charset(body))
    reader = _Reader()
    try:
        reader.parser.Parse(text.lstrip().encode(), True)
    except ExpatError as error:
        raise invalid(_NAME, str(error)) from error
    return reader.value


def _declared_charset(body: bytes) -> str | None:
    """Return the charset of the XML declaration, XML 1.0 appendix F."""
    declared = _DECLARED.match(body)
    return declared[1].decode() if declared else _UTF_16_STARTS.get(body[:2])


@dataclass(slots=True)
class _Element:
    """An element that is being read."""

    name: str
    members: dict[str, Json] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)
    is_nil: bool = False

    def add(self, name: str, value: Json) -> None:
        """Add a member; from the second of one name on, they are a list."""
        if name not in self.members:
            self.members[name] = value
            return
        before = self.members[name]
        if isinstance(before, list):
            before.append(value)
        else:
            self.members[name] = [before, value]

    @property
    def value(self) -> Json:
        text = "".join(self.text)
        if self.is_nil:
            return None
        if not self.members:
            return text
        if text.strip():
            self.add(_TEXT, text)
        return self.members


class _Reader:
    """Builds the value while expat reads."""

    def __init__(self) -> None:
        self.value: Json = None
        self._open: list[_Element] = []
        self.parser = parser = ParserCreate("utf-8")
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        parser.SkippedEntityHandler = self._entity

    def _start(self, name: str, attributes: list[str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise invalid(_NAME, f"it is nested deeper than {MAX_DEPTH} levels")
        element = _Element(_local(name))
        for attribute, value in zip(attributes[::2], attributes[1::2], strict=True):
            if attribute == "xmlns" or attribute.startswith("xmlns:"):
                continue
            if attribute.endswith(":nil") and value in ("true", "1"):
                element.is_nil = True
            else:
                element.add(_local(attribute), value)
        self._open.append(element)

    def _end(self, _: str) -> None:
        element = self._open.pop()
        if self._open:
            self._open[-1].add(element.name, element.value)
        else:
            self.value = element.value

    def _characters(self, text: str) -> None:
        self._open[-1].text.append(text)

    def _doctype(
        self, _name: str, _system: str | None, _public: str | None, has_declarations: bool
    ) -> None:
        if has_declarations:
            raise invalid(_NAME, "it declares entities or elements of its own")

    def _entity(self, name: str, _is_parameter: bool) -> None:
        """Read an entity that a document type elsewhere declares: those of HTML are known."""
        if f"{name};" not in html5:
            raise invalid(_NAME, f"its entity '&{name};' is not known")
        self._characters(html5[f"{name};"])


def _local(name: str) -> str:
    return name.rpartition(":")[2]
