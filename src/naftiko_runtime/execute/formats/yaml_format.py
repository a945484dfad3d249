"""YAML 1.2, the first document of a body, read as safely as capabilities are."""

from __future__ import annotations

import re
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.execute.formats.charsets import read_text
from naftiko_runtime.execute.formats.format import invalid
from naftiko_runtime.load import yaml_reader
from naftiko_runtime.load.nodes import to_plain
from naftiko_runtime.values import Json

_MARKER: Final = re.compile(r"^(---|\.\.\.)(?=\s|$)", re.MULTILINE)
_PROLOGUE: Final = re.compile(r"(\s*(#.*|%.*)?\n)*\s*")


def decode_yaml(body: bytes, content_type: str | None) -> Json:
    """Decode the first document of YAML text.

    Raises:
        UpstreamBodyInvalid: It is no YAML, has a key twice, is nested deeper than 100 levels, or
            is blown up by aliases.
    """
    return yaml_value(read_text("YAML", body, content_type))


def yaml_value(text: str) -> Json:
    """Return the value of YAML text; see `decode_yaml`."""
    found = Diagnostics()
    node = yaml_reader.read_text(_first_document(text).encode(), "the answer", found)
    for problem in found.errors:
        line = f" in line {problem.position.line}" if problem.position else ""
        raise invalid("YAML", f"{problem.message}{line}")
    return to_plain(node)


def _first_document(text: str) -> str:
    """Return the text up to where the first document ends, YAML 1.2 section 9.1.2."""
    ends = [match.start() for match in _MARKER.finditer(text)]
    if ends and _PROLOGUE.fullmatch(text, 0, ends[0]):
        del ends[0]
    return text[: ends[0]] if ends else text
