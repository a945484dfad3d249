"""Typing YAML text in tests."""

from __future__ import annotations

from typing import TypeVar

from naftiko_runtime.diagnostics import Diagnostic, Diagnostics
from naftiko_runtime.spec.block import Block
from naftiko_runtime.spec.document import Document
from naftiko_runtime.spec.reading import read_document
from tests.load.reading import a_map

B = TypeVar("B", bound=Block)


def block(kind: type[B], text: str) -> B:
    """Return a block of a kind, from the YAML text of it alone."""
    return kind.model_validate(a_map(text))


def document(text: str) -> tuple[Document | None, list[Diagnostic]]:
    """Return a typed document, and what is odd about it."""
    diagnostics = Diagnostics()
    return read_document(a_map(text), diagnostics), diagnostics.found


def odd(text: str) -> list[tuple[str, str]]:
    """Return what is odd about a document, each as code and `line:column message`."""
    return [
        (one.code, f"{one.position.line}:{one.position.column} {one.message}")
        for one in document(text)[1]
        if one.position is not None
    ]
