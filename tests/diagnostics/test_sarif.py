from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from naftiko_runtime import _version
from naftiko_runtime.diagnostics import Diagnostic, Position, Severity
from naftiko_runtime.diagnostics.codes import CODES
from naftiko_runtime.diagnostics.sarif import render_sarif

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

URI_REFERENCE = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+")

FOUND = [
    Diagnostic(Severity.WARNING, "key-unknown", "odd key", Position("./api/shop.yaml", 3, 9)),
    Diagnostic(
        Severity.ERROR,
        "operation-unknown",
        "no operation",
        Position("api/a b:c%.yaml", 4, 1),
        "did you mean 'list'?",
        "shop.list",
    ),
    Diagnostic(Severity.INFO, "port-in-use", "no place"),
    Diagnostic(Severity.ERROR, "operation-unknown", "a unit", unit="shop.get"),
]


def run_of(found: list[Diagnostic]) -> dict[str, Any]:
    log = json.loads(render_sarif(found))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def uri_of(file: str) -> str:
    (result,) = run_of([Diagnostic(Severity.ERROR, "value-invalid", "odd", Position(file, 1, 1))])[
        "results"
    ]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert URI_REFERENCE.fullmatch(uri), uri
    return str(uri)


def test_the_driver_lists_each_found_code_once_as_a_rule() -> None:
    driver = run_of(FOUND)["tool"]["driver"]
    assert driver["name"] == "naftiko-runtime"
    assert driver["version"] == _version.__version__
    assert driver["rules"] == [
        {
            "id": code,
            "shortDescription": {"text": CODES[code]},
            "helpUri": f"docs/diagnostics/{code}.md",
        }
        for code in ("key-unknown", "operation-unknown", "port-in-use")
    ]


def test_each_result_points_to_its_rule() -> None:
    run = run_of(FOUND)
    rules = run["tool"]["driver"]["rules"]
    assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == [one.code for one in FOUND]
    assert [one["ruleId"] for one in run["results"]] == [one.code for one in FOUND]


def test_severities_become_levels() -> None:
    assert [one["level"] for one in run_of(FOUND)["results"]] == [
        "warning",
        "error",
        "note",
        "error",
    ]


def test_a_hint_is_part_of_the_message() -> None:
    assert [one["message"] for one in run_of(FOUND)["results"]] == [
        {"text": "odd key"},
        {"text": "no operation (did you mean 'list'?)"},
        {"text": "no place"},
        {"text": "a unit"},
    ]


def test_locations_hold_region_and_unit_as_far_as_known() -> None:
    run = run_of(FOUND)
    assert run["columnKind"] == "unicodeCodePoints"
    first, second, third, fourth = run["results"]
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "api/shop.yaml"},
                "region": {"startLine": 3, "startColumn": 9},
            }
        }
    ]
    assert second["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "shop.list"}]
    assert "locations" not in third
    assert fourth["locations"] == [{"logicalLocations": [{"fullyQualifiedName": "shop.get"}]}]


def test_file_names_become_relative_uris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert uri_of("./capability.yaml") == "capability.yaml"
    assert uri_of("../shared/a b.yaml") == "../shared/a%20b.yaml"
    assert uri_of("c:d%é.yaml") == "c%3Ad%25%C3%A9.yaml"
    assert uri_of(str(tmp_path / "api" / "shop.yaml")) == "api/shop.yaml"
    assert uri_of("/elsewhere/a b.yaml") == "file:///elsewhere/a%20b.yaml"
    assert uri_of("not-text-\udcff.yaml") == "not-text-%5Cudcff.yaml"


def test_no_findings_are_a_run_without_results() -> None:
    run = run_of([])
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []


def test_a_secret_is_masked() -> None:
    one = Diagnostic(
        Severity.ERROR, "value-invalid", "s3c", Position("s3c", 1, 1), "s3c", "shop.s3c"
    )
    rendered = render_sarif([one], mask=lambda text: text.replace("s3c", "***"))
    assert "s3c" not in rendered
