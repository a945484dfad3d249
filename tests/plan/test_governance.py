"""What holds for all scripts of a capability."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.load.yaml_reader import read_text
from naftiko_runtime.plan.governance import Governance, read_governance
from naftiko_runtime.spec.reading import read_document


def _governance(scripting: str, environment: dict[str, str] | None = None) -> Governance:
    text = f"""
naftiko: 1.0.0-alpha3
capability:
  exposes:
  - {{type: rest, namespace: r, resources: []}}
  - {{type: control, port: 1{scripting}}}
"""
    found = Diagnostics()
    document = read_document(read_text(text.encode(), str(Path("c.yaml")), found), found)
    assert document is not None
    assert document.capability is not None
    return read_governance(document.capability.exposes, environment or {})


@pytest.mark.parametrize("scripting", ["", ", management: {}", ", management: {scripting: on}"])
def test_without_a_word_every_script_may_run_for_a_minute(scripting: str) -> None:
    assert _governance(scripting) == Governance(enabled=True, seconds=60.0)


@pytest.mark.parametrize("name", ["NAFTIKO_SCRIPTING", "IKANOS_SCRIPTING"])
def test_the_environment_switches_scripts_off(name: str) -> None:
    assert not _governance("", {name: "False"}).enabled
    assert _governance("", {name: "true"}).enabled


def test_the_document_goes_before_the_environment() -> None:
    off = {"NAFTIKO_SCRIPTING": "false"}
    assert _governance(", management: {scripting: {enabled: true}}", off).enabled
    assert not _governance(", management: {scripting: {enabled: false}}").enabled
    assert not _governance(", management: {scripting: {timeout: 5}}", off).enabled


def test_the_document_may_say_where_scripts_are_and_what_they_may() -> None:
    governance = _governance(
        ", management: {scripting: {defaultLocation: 'file:///./s', defaultLanguage: JS,"
        " timeout: 1500, allowedLanguages: [js, Groovy]}}"
    )
    assert governance.location is not None
    assert governance.location[0] == "file:///./s"
    assert governance.location[1].line == 6
    assert governance.language == "js"
    assert governance.seconds == 1.5
    assert governance.allowed == {"javascript", "groovy"}


def test_a_timeout_that_is_none_is_the_usual_one() -> None:
    assert _governance(", management: {scripting: {timeout: 0}}").seconds == 60.0
