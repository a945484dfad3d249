"""No credential is shown by a command, by a finding, or by the representation of a plan."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from naftiko_runtime.cli.main import naftiko
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.loading import load_capability
from tests.leaks.canaries import (
    APIS,
    CALLER,
    OF_VARIABLES,
    canaries_in,
    capability,
    document,
    environment,
    folder,
)


def _output(*words: str) -> str:
    return CliRunner().invoke(naftiko, words, env=environment()).output


@pytest.fixture
def file() -> str:
    """Give the capability's file."""
    capability()
    return str(folder() / "capability.yaml")


@pytest.mark.parametrize("unit", [*(f"{face}.{api}" for face in ("face", "tools") for api in APIS)])
def test_explain_shows_no_credential(file: str, unit: str) -> None:
    output = _output("explain", file, unit, "--arg", "id=1")
    assert "/v1/things/1" in output
    assert canaries_in(output) == set()


@pytest.mark.parametrize("unit", ["face.steps", "tools.steps"])
def test_explain_shows_no_credential_of_a_step(file: str, unit: str) -> None:
    output = _output("explain", file, unit)
    assert "bearer.test" in output
    assert canaries_in(output) == set()


@pytest.mark.parametrize(
    "words",
    [
        ("inspect",),
        ("inspect", "--json"),
        ("validate",),
        ("validate", "--format", "json"),
        ("validate", "--format", "sarif"),
        ("validate", "--format", "github"),
    ],
)
def test_commands_show_no_credential(file: str, words: tuple[str, ...]) -> None:
    output = _output(words[0], file, *words[1:])
    assert "No such option" not in output
    assert canaries_in(output) == set()


def test_a_call_that_fails_shows_no_credential(file: str) -> None:
    output = _output("call", file, "face.query", "--arg", "id=1", "--timeout", "1")
    assert "upstream" in output
    assert canaries_in(output) == set()


@pytest.mark.parametrize("name", [*OF_VARIABLES, "CALLER"])
def test_findings_show_no_value_wherever_it_stands(tmp_path: Path, name: str) -> None:
    """Every place of a document where a variable may be of the wrong kind."""
    wrong = f"'{{{{{name}}}}}'"
    text = document().replace("'https://bearer.test/v1'", wrong)
    text = text.replace("'https://login.test/token'", wrong).replace("client.pem", f"{wrong}", 1)
    text = text.replace("key: api_key", f"key: {wrong}")
    (tmp_path / "capability.yaml").write_text(text)
    (tmp_path / "client.pem").write_text("no certificate")
    output = _output("validate", str(tmp_path / "capability.yaml"))
    assert "value-invalid" in output
    assert canaries_in(output) == set()


def test_a_plan_shows_no_credential(file: str) -> None:
    loaded = load_capability(Path(file), LoadOptions(environment=environment()))
    assert loaded.capability is not None
    assert canaries_in(repr(loaded), repr(loaded.capability)) == set()
    assert CALLER in (loaded.secrets)
