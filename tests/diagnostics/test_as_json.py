from __future__ import annotations

import json

from naftiko_runtime.diagnostics import Diagnostic, Position, Severity
from naftiko_runtime.diagnostics.as_json import render_json

KEYS = ["severity", "code", "message", "file", "line", "column", "hint", "unit"]


def test_no_findings_are_an_empty_list() -> None:
    assert json.loads(render_json([])) == []


def test_every_object_has_the_same_keys_in_the_same_order() -> None:
    at = Position("capability.yaml", 3, 9)
    full = Diagnostic(Severity.ERROR, "operation-unknown", "odd", at, "mend it", "shop.list")
    bare = Diagnostic(Severity.INFO, "port-in-use", "odd")
    first, second = json.loads(render_json([full, bare]))
    assert list(first) == list(second) == KEYS
    assert list(first.values()) == [
        "error",
        "operation-unknown",
        "odd",
        "capability.yaml",
        3,
        9,
        "mend it",
        "shop.list",
    ]
    assert list(second.values()) == ["info", "port-in-use", "odd", None, None, None, None, None]


def test_a_secret_that_json_would_escape_is_masked() -> None:
    one = Diagnostic(Severity.ERROR, "value-invalid", 'it is a"b\\c here')
    rendered = render_json([one], mask=lambda text: text.replace('a"b\\c', "***"))
    assert json.loads(rendered)[0]["message"] == "it is *** here"


def test_a_message_stays_readable_and_is_one_line() -> None:
    one = Diagnostic(Severity.ERROR, "value-invalid", "船\n\x1b[2J")
    assert "船 \\\\x1b[2J" in render_json([one])
