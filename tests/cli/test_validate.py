from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import SHOP, Run
from tests.terminals import shown_by, terminal

SOUND = """\
naftiko: 1.0.0-alpha2
info: {label: Sound, description: Answers one thing}
binds:
- {namespace: env, keys: {GUEST: GUEST}}
capability:
  exposes:
  - type: rest
    namespace: sound
    port: 8080
    resources:
    - path: /v1/motd
      name: motd
      description: One thing
      operations:
      - name: motd
        method: GET
        description: One thing
        outputParameters: [{name: text, type: string, value: 'Welcome, {{GUEST}}'}]
"""
QUIET = SOUND.replace("{{GUEST}}", "guest")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "sound.yaml").write_text(SOUND)
    (folder / "quiet.yaml").write_text(QUIET)
    return folder


def test_a_sound_file_is_reported_as_sound(run: Run, files: Path) -> None:
    result = run("validate", files / "quiet.yaml")
    assert (result.exit_code, result.output) == (0, "1 file checked: sound\n")


def test_findings_are_printed_and_the_summary_comes_last(run: Run, shop: Path) -> None:
    result = run("validate", shop)
    assert result.exit_code == 1
    assert result.stderr == ""
    assert "error[operation-unknown]: there is no consumed operation 'shop.gone'" in result.output
    assert " --> shop.yaml:" in result.output
    assert result.output.endswith(
        "\n1 error, 4 warnings in 1 file\n\n1 file checked: 1 not sound\n"
    )


def test_warnings_fail_only_a_strict_check(run: Run, files: Path) -> None:
    assert run("validate", files).exit_code == 0
    result = run("validate", files, "--strict")
    assert result.exit_code == 1
    assert result.output.endswith("\n2 files checked: 1 not sound (strict)\n")
    assert run("validate", files, "--strict", "--var", "GUEST=you").exit_code == 0


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_programs_get_nothing_but_the_findings(run: Run, shop: Path, form: str) -> None:
    result = run("validate", shop, "--format", form)
    assert result.exit_code == 1
    assert result.stderr == ""
    if form == "github":
        assert all(line.startswith("::") for line in result.output.splitlines())
    else:
        assert json.loads(result.output)


def test_no_findings_are_nothing_in_github_commands(run: Run, files: Path) -> None:
    result = run("validate", files / "quiet.yaml", "--format", "github")
    assert (result.exit_code, result.output) == (0, "")


def test_a_missing_file_is_a_finding_and_an_empty_folder_a_misuse(run: Run, tmp_path: Path) -> None:
    result = run("validate", "missing.yaml")
    assert result.exit_code == 1
    assert "error[file-missing]: there is no file missing.yaml" in result.output
    result = run("validate", tmp_path)
    assert result.exit_code == 2
    assert "there is no capability file in " in result.output


def test_variables_without_a_value_can_be_errors(run: Run, files: Path) -> None:
    assert run("validate", files, "--require-binds").exit_code == 1


def test_secrets_are_masked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(SHOP.replace("name: peek", "nmae: s3cret-key"))
    result = run("validate", "shop.yaml", SHOP_KEY="s3cret-key")
    assert "nmae: ***" in result.output
    assert "s3cret" not in result.output


def test_who_waits_for_many_files_sees_how_far_it_is(files: Path) -> None:
    for number in range(10):
        (files / f"{number}.yaml").write_text(QUIET)
    words = [sys.executable, "-m", "naftiko_runtime", "validate", str(files)]
    with terminal() as (person, theirs):
        ran = subprocess.run(words, stdout=subprocess.PIPE, stderr=theirs, check=True, text=True)
        assert shown_by(person, "Checking")
    assert ran.stdout.endswith("12 files checked: sound\n")
