"""What `make conformance` needs, as far as that can be seen without a network."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest

from naftiko_runtime.plan.loading import load_capability
from tests.conformance.checks import not_applicable
from tests.conformance.serving import CAPABILITY, FOLDER

PACKAGES = orjson.loads((FOLDER / "package.json").read_bytes())["dependencies"]
REQUIREMENTS = (FOLDER / "requirements.txt").read_text()
PYTHON = dict(re.findall(r"^(\w+)==(\S+)$", REQUIREMENTS, re.MULTILINE))
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "mcp.md"


def test_the_capability_is_sound() -> None:
    assert load_capability(CAPABILITY).diagnostics == ()


@pytest.mark.parametrize("version", [*PACKAGES.values(), *PYTHON.values()])
def test_the_documentation_names_the_version_that_is_tried(version: str) -> None:
    assert f"| {version.rpartition('@')[2]} |" in DOCUMENTATION.read_text()


def test_every_version_is_exact() -> None:
    versions = [version.rpartition("@")[2] for version in PACKAGES.values()]
    assert [one for one in versions if not re.fullmatch(r"\d[\w.-]*", one)] == []


def test_what_does_not_apply_has_a_reason() -> None:
    assert [check for check, reason in not_applicable().items() if not reason] == []
