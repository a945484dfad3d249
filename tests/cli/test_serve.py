from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from naftiko_runtime.execute import engine
from naftiko_runtime.settings import DEFAULT_TIMEOUT_SECONDS, ServeSettings
from tests.cli.conftest import Run


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[Path], ServeSettings]]:
    """What `serve` is called with."""
    calls: list[tuple[list[Path], ServeSettings]] = []

    def serve(paths: Sequence[Path], settings: ServeSettings) -> int:
        calls.append((list(paths), settings))
        return 7

    runtime = ModuleType("naftiko_runtime.runtime")
    monkeypatch.setattr(runtime, "serve", serve, raising=False)
    monkeypatch.setitem(sys.modules, runtime.__name__, runtime)
    return calls


Served = list[tuple[list[Path], ServeSettings]]


def test_the_exit_status_is_that_of_the_runtime(run: Run, served: Served) -> None:
    assert run("serve", "a.yaml", "b/*.yaml").exit_code == 7
    assert served[0][0] == [Path("a.yaml"), Path("b/*.yaml")]


def test_without_options_the_files_decide(run: Run, served: Served) -> None:
    run("serve", "a.yaml")
    settings = served[0][1]
    assert (settings.host, settings.rest_port, settings.mcp_port) == (None, None, None)
    assert (settings.log_level, settings.log_format) == ("info", "console")
    assert settings.timeout_seconds == DEFAULT_TIMEOUT_SECONDS == engine.DEFAULT_TIMEOUT_SECONDS
    assert (settings.docs, settings.watch, settings.strict) == (True, False, False)
    assert not settings.tracing
    assert not settings.load.strict
    assert not settings.load.require_binds
    assert settings.load.base_uri is None
    assert "PATH" in settings.load.environment


def test_every_option_arrives(run: Run, served: Served, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KEY=from-file\nHOME=/file\n")
    run(
        *("serve", "a.yaml", "--host", "0.0.0.0", "--rest-port", "0", "--mcp-port", "9"),
        *("--base-uri", "shop=https://a.example/?x=1", "--base-uri", "HTTP://b.example"),
        *("--var", "A=1=2", "--var", "B=", "--env-file", ".env", "--require-binds"),
        *("--allow-imports-from", tmp_path, "--timeout", "2.5", "--no-docs", "--watch"),
        *("--strict", "--log-level", "DEBUG", "--log-format", "json", "--workers", "3"),
        "--tracing",
    )
    settings = served[0][1]
    load = settings.load
    assert (settings.host, settings.rest_port, settings.mcp_port) == ("0.0.0.0", 0, 9)
    assert dict(load.base_uris) == {"shop": "https://a.example/?x=1"}
    assert load.base_uri == "HTTP://b.example"
    assert dict(load.variables) == {"A": "1=2", "B": ""}
    assert load.environment["KEY"] == "from-file"
    assert load.import_roots == (tmp_path,)
    assert load.require_binds
    assert load.strict
    assert settings.strict
    assert settings.timeout_seconds == 2.5
    assert settings.workers == 3
    assert settings.tracing
    assert (settings.docs, settings.watch) == (False, True)
    assert (settings.log_level, settings.log_format) == ("debug", "json")


VARIABLES = {
    "NAFTIKO_HOST": "::1",
    "NAFTIKO_REST_PORT": "81",
    "NAFTIKO_MCP_PORT": "82",
    "NAFTIKO_TIMEOUT": "3",
    "NAFTIKO_WORKERS": "4",
    "NAFTIKO_TRACING": "true",
    "NAFTIKO_LOG_LEVEL": "error",
    "NAFTIKO_LOG_FORMAT": "json",
}


def facts(settings: ServeSettings) -> tuple[object, ...]:
    return (
        settings.host,
        settings.rest_port,
        settings.mcp_port,
        settings.timeout_seconds,
        settings.workers,
        settings.tracing,
        settings.log_level,
        settings.log_format,
    )


def test_the_environment_stands_for_options(run: Run, served: Served) -> None:
    run("serve", "a.yaml", **VARIABLES)
    assert facts(served[0][1]) == ("::1", 81, 82, 3.0, 4, True, "error", "json")


def test_so_does_the_env_file_after_the_environment(
    run: Run, served: Served, tmp_path: Path
) -> None:
    lines = [f"{name}={value}" for name, value in VARIABLES.items()]
    (tmp_path / "vars").write_text("\n".join([*lines, "TOKEN='a$b'", "NOTHING", "PATH=/file"]))
    run("serve", "a.yaml", "--env-file", "vars", "--mcp-port", "1", NAFTIKO_REST_PORT="2")
    settings = served[0][1]
    assert facts(settings) == ("::1", 2, 1, 3.0, 4, True, "error", "json")
    assert settings.load.environment["TOKEN"] == "a$b"
    assert settings.load.environment["PATH"] != "/file"
    assert "NOTHING" not in settings.load.environment


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Missing argument 'FILE...'"),
        (["a.yaml", "--rest-port", "70000"], "'--rest-port'"),
        (["a.yaml", "--timeout", "0"], "0 is not between 0 and 86400 seconds"),
        (["a.yaml", "--timeout", "nan"], "nan is not between"),
        (["a.yaml", "--timeout", "soon"], "'soon' is no number of seconds"),
        (["a.yaml", "--var", "A"], "'A' is not of the form NAME=VALUE"),
        (["a.yaml", "--var", "=1"], "'=1' is not of the form NAME=VALUE"),
        (["a.yaml", "--base-uri", "shop"], "'shop' is not of the form [NAMESPACE=]URL"),
        (["a.yaml", "--base-uri", "=https://a"], "is not of the form"),
        (["a.yaml", "--base-uri", "shop=ftp://a"], "with an http or https URL"),
        (["a.yaml", "--base-uri", "http://a", "--base-uri", "http://b"], "only one --base-uri"),
        (["a.yaml", "--env-file", "missing"], "'missing' does not exist"),
        (["a.yaml", "--env-file", "latin"], "latin can't be read"),
        (["a.yaml", "--log-level", "loud"], "'--log-level'"),
        (["a.yaml", "--workers", "0"], "'--workers'"),
        (["a.yaml", "--workers", "2", "--stdio"], "--workers has no effect on --stdio"),
        (["a.yaml", "--hots", "x"], "--host"),
        (["."], "there is no capability file in ."),
    ],
)
def test_what_is_not_understood_is_said_and_serves_nothing(
    run: Run, served: Served, tmp_path: Path, words: list[str], message: str
) -> None:
    (tmp_path / "latin").write_bytes(b"A=\xff\n")
    result = run("serve", *words)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert served == []


def test_tracing_without_its_extra_is_refused(
    run: Run, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naftiko_runtime.observe.extra._NEEDED", ("no.such.thing",))
    result = run("serve", "a.yaml", "--tracing")
    assert result.exit_code == 2
    assert "--tracing needs an extra that is not installed" in result.output
    assert "pip install 'naftiko-runtime[tracing]'" in result.output
    assert served == []
    assert run("serve", "a.yaml").exit_code == 7
