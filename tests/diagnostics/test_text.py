from __future__ import annotations

import re

from naftiko_runtime.diagnostics import Diagnostic, Position, Severity
from naftiko_runtime.diagnostics.source_lines import SourceLines
from naftiko_runtime.diagnostics.text import render_text

SGR = re.compile(r"\x1b\[[0-9;]*m")


class Source(SourceLines):
    """One line that stands everywhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def line(self, file: str, number: int) -> str | None:
        return self._text


def finding(column: int = 1, message: str = "odd", file: str = "a.yaml") -> Diagnostic:
    return Diagnostic(
        Severity.ERROR, "value-invalid", message, Position(file, 7, column), "mend it"
    )


def hidden(text: str) -> str:
    return text.replace("s3cr3t", "***")


def caret_is_under(rendered: str) -> str:
    _, _, _, source, caret, *_ = rendered.splitlines()
    return source[caret.index("^") :]


def test_no_findings_are_no_text() -> None:
    assert render_text([]) == ""


def test_findings_may_come_from_an_iterator() -> None:
    assert render_text(iter([finding()])).endswith("1 error in 1 file")


def test_findings_without_a_place_are_in_no_file() -> None:
    found = [Diagnostic(Severity.INFO, "port-in-use", "odd")] * 2
    assert render_text(found).endswith("\n\n2 infos")


def test_colour_only_adds_colour() -> None:
    source = Source("port: eighty")
    coloured = render_text([finding(7)], colour=True, sources=source)
    plain = render_text([finding(7)], sources=source)
    assert "\x1b[1;31merror[value-invalid]\x1b[0m" in coloured
    assert SGR.sub("", coloured) == plain
    assert "\x1b" not in plain


def test_a_secret_is_masked_in_message_file_hint_and_source() -> None:
    one = Diagnostic(
        Severity.ERROR,
        "value-invalid",
        "s3cr3t is odd",
        Position("s3cr3t.yaml", 1, 1),
        "not s3cr3t",
        "demo.s3cr3t",
    )
    rendered = render_text([one], mask=hidden, sources=Source("token: s3cr3t"))
    assert "s3cr3t" not in rendered
    assert rendered.count("***") == 5


def test_the_caret_points_to_the_same_text_after_masking() -> None:
    line = "{token: s3cr3t, again: s3cr3t, port: eighty}"
    column = line.index("eighty") + 1
    rendered = render_text([finding(column)], mask=hidden, sources=Source(line))
    assert caret_is_under(rendered) == "eighty}"


def test_a_caret_inside_a_secret_points_to_its_start() -> None:
    line = "{a: s3cr3t, b: s3cr3t}"
    column = line.rindex("cr3t") + 1
    rendered = render_text([finding(column)], mask=hidden, sources=Source(line))
    assert caret_is_under(rendered) == "***}"


def test_a_column_before_the_line_points_to_its_start() -> None:
    rendered = render_text([finding(0)], sources=Source("port: eighty"))
    assert caret_is_under(rendered) == "port: eighty"


def test_what_is_said_of_several_files_in_the_same_words_is_said_once() -> None:
    found = [finding(file=f"{name}.yaml") for name in "abcdefgh"]
    rendered = render_text([found[0], finding(message="other"), *found[1:]])
    assert rendered.count("[value-invalid]: odd") == 1
    places = ", ".join(f"{name}.yaml:7:1" for name in "bcd")
    assert f" = note: the same at {places} and 4 more\n" in rendered
    assert rendered.endswith("9 errors in 8 files")


def test_what_is_said_of_one_file_twice_is_shown_twice() -> None:
    rendered = render_text([finding(1), finding(2)], sources=Source("odd"))
    assert rendered.count("[value-invalid]: odd") == 2


def test_what_a_message_says_of_its_unit_is_not_said_again() -> None:
    found = Diagnostic(Severity.ERROR, "odd", "odd; a.b is left out", unit="a.b")
    assert "note" not in render_text([found])
