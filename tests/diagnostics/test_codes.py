from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from naftiko_runtime.diagnostics import Severity
from naftiko_runtime.diagnostics.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
PAGES = ROOT / "docs" / "diagnostics"
CODE = re.compile(r"[a-z]+(-[a-z]+)+")
SEVERITIES = {severity.value for severity in Severity}


def literal_codes(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Find `<any>.error("some-code", message, at)` and `Diagnostic(severity, "some-code", ...)`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr=called),
                args=[ast.Constant(value=str(code)), _, *_],
            ) if called in SEVERITIES and CODE.fullmatch(code):
                yield code, node.lineno
            case ast.Call(
                func=ast.Name(id="Diagnostic"), args=[_, ast.Constant(value=str(code)), *_]
            ):
                yield code, node.lineno


def page(code: str) -> str:
    return (PAGES / f"{code}.md").read_text("utf-8")


def test_codes_are_words_with_hyphens_in_alphabetical_order() -> None:
    assert list(CODES) == sorted(CODES)
    assert all(CODE.fullmatch(code) for code in CODES)


def test_every_meaning_is_one_sentence() -> None:
    for code, meaning in CODES.items():
        assert re.fullmatch(r"[A-Z][^\n]*\.", meaning), code
        assert ". " not in meaning, code


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert {file.stem for file in PAGES.glob("*.md")} - {"index"} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_page_opens_with_code_and_meaning_and_shows_and_mends(code: str) -> None:
    title, meaning, *_ = page(code).split("\n\n")
    assert title == f"# {code}"
    assert meaning == CODES[code], f"docs/diagnostics/{code}.md and codes.py differ"
    assert re.search(rf"^```text\n(error|warning|info)\[{code}\]: ", page(code), re.MULTILINE)
    assert "\n**How to mend it.** " in page(code)
    assert 10 <= len(page(code).splitlines()) <= 24


def test_the_index_links_every_page_with_its_meaning() -> None:
    rows = re.findall(r"^\| \[(.*)\]\((.*)\) \| (.*) \|$", page("index"), re.MULTILINE)
    assert rows == [(code, f"{code}.md", meaning) for code, meaning in CODES.items()]


def test_every_code_in_the_sources_is_registered() -> None:
    unknown = [
        f"{file.relative_to(ROOT)}:{line}: {code}"
        for file in sorted((ROOT / "src").rglob("*.py"))
        for code, line in literal_codes(ast.parse(file.read_text("utf-8")))
        if code not in CODES
    ]
    assert not unknown, "add to codes.py, with a page:\n" + "\n".join(unknown)


def test_literal_codes_are_found_and_log_lines_are_not() -> None:
    source = """
diagnostics.error("a-code", "message", None)
self._diagnostics.warning("b-code", message, at, hint=hint)
found.info("c-code", message, at=None)
log.error("stopped")
log.info("not a code", 1)
log.info("not-a-code")
Diagnostic(Severity.ERROR, "d-code", message)
diagnostics.error(code, message, at)
"""
    found = [code for code, _ in literal_codes(ast.parse(source))]
    assert found == ["a-code", "b-code", "c-code", "d-code"]
