"""Script steps: which files they run, and in which language."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.plan.scripts import MAX_FILE_BYTES
from naftiko_runtime.plan.steps import StepsPlan
from tests.plan.scripting import JAVASCRIPT, PYTHON, operation, plan, script_step, write

_FOLDER = "location: 'file:///./scripts'"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("sum.py", "sum.js", "shared.py", "deep.py"):
        write(tmp_path, name, f"result = '{name}'")
    return tmp_path


def refusal(folder: Path, step: str, **parts: str) -> tuple[str, str]:
    """Return the code of the only error about the unit, and its message."""
    loaded = plan(folder, step, **parts)
    assert loaded.capability is not None
    served = [one.name for one in loaded.capability.mcp[0].tools]
    assert served == ["crew"], "the unit itself is left out, and the rest is served"
    (error,) = (one for one in loaded.diagnostics if one.unit == "m.totals")
    assert error.hint
    return error.code, error.message.removesuffix("; m.totals is left out")


def test_a_script_is_read_with_the_document(folder: Path) -> None:
    step = script_step(plan(folder))
    assert step.script.language == "python"
    assert [one.text for one in step.script.sources] == ["result = 'sum.py'"]
    assert step.script.seconds == 60.0


def test_dependencies_run_first_in_their_order(folder: Path) -> None:
    step = script_step(plan(folder, f"{PYTHON}, dependencies: [shared.py, deep.py]"))
    names = [one.file.name for one in step.script.sources]
    assert names == ["shared.py", "deep.py", "sum.py"]


@pytest.mark.parametrize("location", ["file:///./scripts", "scripts", "./scripts", "{folder}"])
def test_a_location_is_a_folder_beside_the_document_or_anywhere(
    folder: Path, location: str
) -> None:
    location = location.replace("{folder}", f"file://{folder}/scripts")
    step = f"language: js, location: '{location}', file: sum.js"
    assert script_step(plan(folder, step)).script.sources[0].text == "result = 'sum.js'"


def test_files_of_scripts_are_sources_of_the_document(folder: Path) -> None:
    loaded = plan(folder, f"{PYTHON}, dependencies: [absent.py]")
    names = {file.name for file in loaded.sources}
    assert names == {"sum.py", "absent.py"}


@pytest.mark.parametrize(
    ("step", "code", "message"),
    [
        (f"{_FOLDER}, file: sum.py", "value-missing", "'sum' has no 'language'"),
        ("language: python, file: sum.py", "value-missing", "'sum' has no 'location'"),
        (f"language: python, {_FOLDER}", "value-missing", "'sum' has no 'file'"),
        (
            f"language: groovy, {_FOLDER}, file: sum.py",
            "script-language-unsupported",
            "'sum' is written in groovy, which does not run here",
        ),
        (
            f"language: pyton, {_FOLDER}, file: sum.py",
            "script-language-unsupported",
            "'sum' is written in pyton, which does not run here",
        ),
        (
            "language: python, location: 'https://x.test', file: sum.py",
            "script-file-invalid",
            "'sum' is at 'https://x.test', and only files are run",
        ),
    ],
)
def test_a_step_that_can_not_run_is_refused(
    folder: Path, step: str, code: str, message: str
) -> None:
    assert refusal(folder, step) == (code, message)


def test_groovy_is_refused_with_the_reason(folder: Path) -> None:
    loaded = plan(folder, f"language: groovy, {_FOLDER}, file: sum.py")
    (error,) = loaded.diagnostics
    assert error.hint is not None
    assert "Java virtual machine" in error.hint
    assert (error.position and error.position.line) == 20


@pytest.mark.parametrize("path", ["/etc/passwd", "a b.py", "", "a//b.py", "sum$.py", "a\\b.py"])
def test_a_path_has_safe_segments_alone(folder: Path, path: str) -> None:
    code, message = refusal(folder, f"{PYTHON}, dependencies: ['{path}']")
    assert (code, message) == ("script-file-invalid", f"'{path}' is no path of a script")


def test_a_path_does_not_leave_the_folder(folder: Path) -> None:
    (folder / "secret.py").write_text("")
    code, message = refusal(folder, PYTHON.replace("sum.py", "../secret.py"))
    assert code == "script-file-invalid"
    assert message.startswith("'../secret.py' leads out of the folder")


def test_a_link_does_not_leave_the_folder(folder: Path) -> None:
    (folder / "secret.py").write_text("")
    (folder / "scripts" / "link.py").symlink_to(folder / "secret.py")
    assert refusal(folder, PYTHON.replace("sum.py", "link.py"))[0] == "script-file-invalid"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "there is no such file"),
        (b"\xff", "it is no UTF-8 text"),
        (b" " * (MAX_FILE_BYTES + 1), "it is larger than 1024 KiB"),
    ],
)
def test_a_file_that_can_not_be_read_is_refused(
    folder: Path, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (folder / "scripts" / "odd.py").write_bytes(content)
    code, message = refusal(folder, PYTHON.replace("sum.py", "odd.py"))
    assert code == "script-file-missing"
    assert message.endswith(f"odd.py: {reason}")


def test_scripts_can_be_switched_off(folder: Path) -> None:
    code, message = refusal(folder, PYTHON, switch="false")
    assert (code, message) == ("scripts-disabled", "scripts are switched off")


def _control(scripting: str) -> str:
    return f"  - {{type: control, port: 1, management: {{scripting: {{{scripting}}}}}}}"


def test_defaults_come_from_the_control_adapter(folder: Path) -> None:
    more = _control("defaultLanguage: python, defaultLocation: 'file:///./scripts', timeout: 500")
    step = script_step(plan(folder, "file: sum.py", more=more))
    assert (step.script.language, step.script.seconds) == ("python", 0.5)


def test_languages_can_be_ruled_out(folder: Path) -> None:
    more = _control("allowedLanguages: [python]")
    assert script_step(plan(folder, more=more)).script.language == "python"
    code, _ = refusal(folder, JAVASCRIPT, more=more)
    assert code == "script-language-unsupported"


def test_a_script_sees_inputs_then_outputs_then_what_with_gives(folder: Path) -> None:
    step = script_step(plan(folder, f"{PYTHON}, with: {{imo: 'IMO {{{{imo}}}}', gone: m.gone}}"))
    scope = Scope({"imo": "7", "crew": "input"}, {"crew": [1]})
    assert step.context(scope) == {"imo": "IMO 7", "crew": [1]}


def test_later_keys_of_with_see_earlier_ones(folder: Path) -> None:
    step = script_step(plan(folder, f"{PYTHON}, with: {{a: m.imo, b: 'x{{{{a}}}}'}}"))
    assert step.context(Scope({"imo": "7"}))["b"] == "x7"


def test_what_with_mentions_becomes_an_input(folder: Path) -> None:
    loaded = plan(folder, f"{PYTHON}, with: {{name: m.vessel}}", inputs="")
    assert [one.name for one in operation(loaded).inputs] == ["vessel"]


def test_without_mappings_and_calls_the_last_output_is_the_answer(folder: Path) -> None:
    stages = ((script_step(plan(folder)),),)
    assert StepsPlan(stages, (), None).answer(Scope({}, {"sum": 3})) == 3
