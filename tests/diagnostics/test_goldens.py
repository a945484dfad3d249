"""What `naftiko validate` prints for each code: `goldens/diagnostics/codes/<code>.yaml` and `.txt`.

The first line of a document may say which options the command has, as `# options: --strict`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from naftiko_runtime.cli.main import naftiko
from naftiko_runtime.diagnostics.codes import CODES
from tests.conftest import GOLDENS, Golden

FOLDER = GOLDENS / "diagnostics" / "codes"
OPTIONS = re.compile(r"# options: (.+)")

ELSEWHERE = {
    "control-hidden": "needs adapters that are served; see tests/runtime/test_shared_ports.py",
    "extra-missing": "needs an extra that is not installed; see tests/execute/test_readiness.py",
    "file-missing": "there is no document; see tests/cli/test_validate.py",
    "file-too-large": "the document would be too large; see tests/load/test_yaml_reader.py",
    "file-unreadable": "needs a file of another user; see tests/load/test_yaml_reader.py",
    "folder-too-large": "needs 10,000 files; see tests/plan/test_static_folders.py",
    "location-unreadable": "needs a file that is no text; see tests/plan/test_mcp_prompts.py",
    "port-clash": "needs several capabilities that are served; see tests/runtime",
    "port-in-use": "needs a port that another program has; see tests/runtime",
    "resource-clash": "needs several capabilities that are served; see tests/expose/mcp",
    "route-clash": "needs several capabilities that are served; see tests/runtime/test_fleet.py",
    "skill-clash": "needs several capabilities that are served; see tests/expose",
    "skill-hidden": "needs adapters that are served; see tests/runtime/test_shared_ports.py",
    "skill-too-large": "needs 2,000 files; see tests/plan/test_skills.py",
    "tool-clash": "needs several capabilities that are served; see tests/runtime",
}
"""Codes that no document shows by itself, with the reason."""


def validated(file: Path) -> str:
    """Return what the command prints about a document, in its folder."""
    options = OPTIONS.match(file.read_text())
    words = ["validate", file.name, *(options[1].split() if options else [])]
    return CliRunner().invoke(naftiko, words).output.rstrip("\n")


@pytest.mark.parametrize("code", sorted(set(CODES) - set(ELSEWHERE)))
def test_a_code_is_shown_as_its_golden_file_has_it(
    code: str, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FLEET_MOTTO", "NAFTIKO_SCRIPTING", "region"):
        monkeypatch.delenv(name, raising=False)
    file = FOLDER / f"{code}.yaml"
    assert file.is_file(), f"write the smallest document with this finding to {file}"
    monkeypatch.chdir(FOLDER)
    shown = validated(file)
    assert re.search(rf"^(error|warning|info)\[{code}\]: ", shown, re.MULTILINE), shown
    golden(f"diagnostics/codes/{code}.txt", shown)


def test_every_golden_file_is_that_of_a_code() -> None:
    stems = {file.stem for file in FOLDER.iterdir() if file.is_file()}
    assert stems == set(CODES) - set(ELSEWHERE)


def test_codes_that_are_proven_elsewhere_exist() -> None:
    assert set(ELSEWHERE) <= set(CODES)
