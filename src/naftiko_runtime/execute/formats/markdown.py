"""Markdown: front matter, tables and sections; needs the extra `markdown`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Final, Protocol

from naftiko_runtime.errors import UpstreamBodyInvalid
from naftiko_runtime.execute.formats.charsets import read_text
from naftiko_runtime.execute.formats.format import Decoder, FormatOptions
from naftiko_runtime.execute.formats.tables import has_headers, row_objects
from naftiko_runtime.execute.formats.yaml_format import yaml_value
from naftiko_runtime.values import Json

_FRONT_MATTER: Final = re.compile(r"---\n(.*?\n)?---(?:\n|$)", re.DOTALL)
_HEADING_MARKS: Final = re.compile(r"#{1,6}\s+")
_FALLBACK: Final = "cp1252"


class _Token(Protocol):
    """A token, as markdown-it has it."""

    @property
    def type(self) -> str: ...

    @property
    def tag(self) -> str: ...

    @property
    def level(self) -> int: ...

    @property
    def content(self) -> str: ...

    @property
    def children(self) -> Sequence[_Token] | None: ...


class _Parse(Protocol):
    def __call__(self, markdown: str, /) -> Sequence[_Token]: ...


def markdown_decoder(options: FormatOptions) -> Decoder:
    """Return the decoder of documents: `{"frontMatter": {}, "tables": [], "sections": []}`.

    Args:
        options: `schema` is what the headings of the wanted sections start with.
    """
    parse: _Parse = import_module("markdown_it").MarkdownIt("commonmark").enable("table").parse
    heading = _HEADING_MARKS.sub("", options.schema or "", count=1)

    def decode(body: bytes, content_type: str | None) -> Json:
        text = read_text("Markdown", body, content_type, fallback=_FALLBACK)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        front = _FRONT_MATTER.match(text)
        blocks = list(_blocks(parse(text[front.end() :] if front else text)))
        return {
            "frontMatter": _front_matter(front[1] or "") if front else {},
            "tables": [rows for block in blocks for rows in _tables(block)],
            "sections": [*_sections(blocks, heading)],
        }

    return decode


def _front_matter(text: str) -> Json:
    try:
        value = yaml_value(text)
    except UpstreamBodyInvalid:
        return {}
    return value if isinstance(value, dict) else {}


def _blocks(tokens: Iterable[_Token]) -> Iterator[list[_Token]]:
    """Yield the tokens of each block that stands at the top."""
    block: list[_Token] = []
    for token in tokens:
        if token.level == 0 and block and not token.type.endswith("_close"):
            yield block
            block = []
        block.append(token)
    if block:
        yield block


def _tables(block: Sequence[_Token]) -> Iterator[list[Json]]:
    if block[0].type != "table_open":
        return
    rows: list[list[str]] = []
    for token in block:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_plain(token))
    if has_headers(rows[0]):
        yield row_objects(rows[0], rows[1:])


def _sections(blocks: Iterable[Sequence[_Token]], wanted: str) -> Iterator[Json]:
    section: dict[str, Json] | None = None
    texts: list[str] = []
    for block in blocks:
        if block[0].type == "heading_open":
            yield from _finished(section, texts, wanted)
            section, texts = _section(block), []
        elif block[0].type != "table_open":
            texts += [_plain(token) for token in block if token.type == "inline"]
    yield from _finished(section, texts, wanted)


def _section(block: Sequence[_Token]) -> dict[str, Json]:
    heading = "".join(_plain(token) for token in block if token.type == "inline")
    return {"heading": heading, "level": int(block[0].tag.removeprefix("h"))}


def _finished(
    section: dict[str, Json] | None, texts: Sequence[str], wanted: str
) -> Iterator[dict[str, Json]]:
    if section is not None and str(section["heading"]).startswith(wanted):
        yield {**section, "content": "\n".join(texts)}


def _plain(token: _Token) -> str:
    """Return the text of inline content: code stays, links and emphasis are their text."""
    if token.type in ("text", "code_inline"):
        return token.content
    if token.type in ("softbreak", "hardbreak"):
        return " " if token.type == "softbreak" else "\n"
    return "".join(map(_plain, token.children or ()))
