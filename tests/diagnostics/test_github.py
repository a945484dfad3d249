from __future__ import annotations

from typing import TYPE_CHECKING

from naftiko_runtime.diagnostics import Diagnostic, Position, Severity
from naftiko_runtime.diagnostics.github import render_github

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_each_severity_has_its_command() -> None:
    found = [Diagnostic(severity, "value-invalid", "odd") for severity in Severity]
    assert render_github(found).splitlines() == [
        "::error title=value-invalid::odd",
        "::warning title=value-invalid::odd",
        "::notice title=value-invalid::odd",
    ]


def test_place_hint_and_unit_are_said() -> None:
    at = Position("capability.yaml", 3, 9)
    one = Diagnostic(Severity.ERROR, "operation-unknown", "no 'lst'", at, "try 'list'", "shop.list")
    assert render_github([one]) == (
        "::error file=capability.yaml,line=3,col=9,title=operation-unknown"
        "::no 'lst'%0Ahelp: try 'list'%0Anote: shop.list is left out"
    )


def test_hostile_text_can_not_end_a_property_or_start_a_command() -> None:
    at = Position("a,line=1::b%.yaml", 3, 9)
    one = Diagnostic(Severity.ERROR, "value-invalid", "100%\r\n::stop-commands::x", at)
    assert render_github([one]) == (
        "::error file=a%2Cline=1%3A%3Ab%25.yaml,line=3,col=9,title=value-invalid"
        "::100%25 ::stop-commands::x"
    )


def test_a_file_below_the_working_directory_is_named_relative_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    at = Position(str(tmp_path / "api" / "shop.yaml"), 1, 1)
    one = Diagnostic(Severity.ERROR, "value-invalid", "odd", at)
    assert "file=api/shop.yaml," in render_github([one])


def test_a_secret_is_masked_before_it_is_escaped() -> None:
    one = Diagnostic(Severity.ERROR, "value-invalid", "50%,\n:off is odd")
    rendered = render_github([one], mask=lambda text: text.replace("50%,\n:off", "***"))
    assert rendered == "::error title=value-invalid::*** is odd"


def test_no_findings_are_no_commands() -> None:
    assert render_github([]) == ""
