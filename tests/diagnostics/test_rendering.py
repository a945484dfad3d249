from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from naftiko_runtime.diagnostics import Diagnostic, Position, Severity
from naftiko_runtime.diagnostics.rendering import FORMATS, Format, render
from naftiko_runtime.diagnostics.source_lines import SourceLines

if TYPE_CHECKING:
    from tests.conftest import Golden

FOLDER = Path(__file__).parent.parent / "goldens" / "diagnostics" / "rendering"
CASES = sorted(
    file.name.removesuffix(".diagnostics.json") for file in FOLDER.glob("*.diagnostics.json")
)


def findings(case: str) -> list[Diagnostic]:
    given = json.loads((FOLDER / f"{case}.diagnostics.json").read_text("utf-8"))
    return [
        Diagnostic(
            Severity(one["severity"]),
            one["code"],
            one["message"],
            Position(*one["at"]) if "at" in one else None,
            one.get("hint"),
            one.get("unit"),
        )
        for one in given
    ]


def hidden(text: str) -> str:
    return text.replace("s3cr3t", "***")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("form", "colour", "suffix"),
    [
        ("text", False, "text.txt"),
        ("text", True, "colour.txt"),
        ("json", False, "json"),
        ("github", False, "github.txt"),
    ],
)
def test_findings_are_rendered_as_in_the_golden_file(
    case: str,
    form: Format,
    colour: bool,
    suffix: str,
    golden: Golden,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(FOLDER)
    rendered = render(findings(case), form, colour=colour, mask=hidden)
    golden(f"diagnostics/rendering/{case}.{suffix}", rendered)


def test_there_are_four_formats() -> None:
    assert FORMATS == ("text", "json", "github", "sarif")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("case", CASES)
def test_every_format_masks_secrets_and_keeps_controls_out(
    case: str, form: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FOLDER)
    rendered = render(findings(case), form, mask=hidden)
    assert "s3cr3t" not in rendered
    assert not set(rendered) & set(map(chr, [*range(10), *range(11, 32), *range(127, 160)]))
    assert "\u202e" not in rendered


@pytest.mark.parametrize("form", FORMATS)
def test_the_mask_is_the_identity_by_default(form: Format) -> None:
    assert "plain" in render([Diagnostic(Severity.ERROR, "value-invalid", "plain")], form)


def test_quoted_lines_come_from_the_given_sources(tmp_path: Path) -> None:
    file = tmp_path / "secrets.yaml"
    file.write_text("token: abc\n")
    found = [Diagnostic(Severity.ERROR, "yaml-invalid", "odd", Position(str(file), 1, 8))]
    assert "token: abc" in render(found, "text")
    assert "token: " not in render(found, "text", sources=SourceLines(never_quoted=[str(file)]))
