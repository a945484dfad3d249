"""What is found out about a capability before its first call."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.diagnostics import Diagnostic, Severity
from naftiko_runtime.execute.readiness import check
from naftiko_runtime.plan.adapters import Capability
from naftiko_runtime.plan.loading import load_capability
from tests.documents import ONE_OPERATION, load
from tests.plan.scripting import JAVASCRIPT, PYTHON, plan, write

_DOCUMENT = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - {{path: /x, operations: [{{name: get, method: GET, {operation}}}]}}
  exposes:
  - type: rest
    namespace: r
    port: 0
    resources:
    - path: /relayed
      operations: [{{name: relayed, method: GET, call: api.get}}]
    - path: /shaped
      operations:
      - name: shaped
        method: GET
        call: api.get
        outputParameters: [{{type: string, mapping: $.name}}]
    - path: /stepped
      operations:
      - {{name: stepped, method: GET, steps: [{{type: call, name: one, call: api.get}}]}}
"""


def _why(capability: Capability) -> list[Diagnostic]:
    return [one.diagnostic for one in check(capability)]


def _check(folder: Path, operation: str) -> list[Diagnostic]:
    return _why(load(folder, _DOCUMENT.format(operation=operation)))


def _code(found: list[Diagnostic]) -> str:
    """Return the code of the findings: one for each unit that looks into answers."""
    assert [one.unit for one in found] == ["r.shaped", "r.stepped"]
    assert {one.severity for one in found} == {Severity.ERROR}
    assert {one.message.endswith(f"; the operation {one.unit} is left out") for one in found} == {
        True
    }
    (code,) = {one.code for one in found}
    return code


def test_an_ordinary_capability_is_ready(tmp_path: Path) -> None:
    assert check(load(tmp_path, ONE_OPERATION)) == []


@pytest.mark.parametrize("name", ["json", "xml", "csv", "yaml", "binary"])
def test_usual_formats_are_ready(tmp_path: Path, name: str) -> None:
    assert _check(tmp_path, f"outputRawFormat: {name}") == []


def test_a_format_that_is_none_is_found(tmp_path: Path) -> None:
    found = _check(tmp_path, "outputRawFormat: jsn")
    assert _code(found) == "format-unknown"
    assert found[0].hint == "did you mean 'json'?"
    assert (found[0].position and found[0].position.line) == 9


def test_all_formats_are_named_where_none_is_near(tmp_path: Path) -> None:
    found = _check(tmp_path, "outputRawFormat: ini")
    assert found[0].hint == (
        "there are json, xml, csv, tsv, psv, yaml, html, markdown, avro, protobuf, binary"
    )


def test_a_missing_extra_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("naftiko_runtime.execute.formats.decoding.find_spec", lambda _: None)
    found = _check(tmp_path, "outputRawFormat: html")
    assert _code(found) == "extra-missing"
    assert found[0].hint == "pip install 'naftiko-runtime[html]'"


@pytest.mark.parametrize(
    "operation",
    [
        "outputRawFormat: avro",
        "outputRawFormat: avro, outputSchema: gone.avsc",
        "outputRawFormat: avro, outputSchema: broken.avsc",
        "outputRawFormat: html, outputSchema: '>>'",
    ],
)
def test_a_schema_that_can_not_be_used_is_found(tmp_path: Path, operation: str) -> None:
    pytest.importorskip("fastavro")
    pytest.importorskip("selectolax")
    (tmp_path / "broken.avsc").write_text("{")
    assert _code(_check(tmp_path, operation)) == "format-schema-invalid"


def _scripts(folder: Path, text: str, step: str = PYTHON, name: str = "sum.py") -> list[Diagnostic]:
    write(folder, name, text)
    loaded = plan(folder, step)
    assert loaded.capability is not None
    return _why(loaded.capability)


@pytest.mark.parametrize(("step", "name"), [(PYTHON, "sum.py"), (JAVASCRIPT, "sum.js")])
def test_a_syntax_error_is_found_in_the_scripts_own_line(
    tmp_path: Path, step: str, name: str
) -> None:
    pytest.importorskip("pydantic_monty")
    pytest.importorskip("py_mini_racer")
    (found,) = _scripts(tmp_path, "a = 1\nb = (]\n", step, name)
    assert (found.code, found.unit) == ("script-invalid", "m.totals")
    assert found.position is not None
    assert found.position.file == str(tmp_path / "scripts" / name)
    assert found.position.line == 2


def test_a_sound_script_is_ready(tmp_path: Path) -> None:
    pytest.importorskip("pydantic_monty")
    assert _scripts(tmp_path, "result = 1 / 0") == []


def test_a_missing_engine_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = "naftiko-runtime[scripts]"
    monkeypatch.setattr("naftiko_runtime.execute.scripts.missing_extra", lambda _: extra)
    (found,) = _scripts(tmp_path, "(")
    assert (found.code, found.hint) == ("extra-missing", f"pip install '{extra}'")


def test_the_document_is_checked_as_it_was_loaded(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(_DOCUMENT.format(operation="outputRawFormat: ini"))
    assert load_capability(file).diagnostics == ()


_MCP = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - {path: /x, operations: [{name: get, method: GET, outputRawFormat: ini}]}
  exposes:
  - type: mcp
    namespace: m
    port: 0
    resources:
    - {name: relayed, uri: 'x://relayed', call: api.get}
    - name: shaped
      uri: x://shaped
      call: api.get
      outputParameters: [{type: string, mapping: $.name}]
    - {name: files, uri: 'x://files', location: 'file:///./files'}
    prompts:
    - {name: said, template: [{role: user, content: Hello}]}
    - name: answered
      template:
      - {role: user, content: Hello}
      - {role: user, steps: [{type: call, name: one, call: api.get}]}
"""


def test_what_resources_and_prompts_need_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    found = _why(load(tmp_path, _MCP))
    assert [(one.code, one.unit) for one in found] == [
        ("format-unknown", "m.shaped"),
        ("format-unknown", "m.answered"),
    ]
