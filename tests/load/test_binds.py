"""Binds: section 2 of the behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.diagnostics.rendering import render
from naftiko_runtime.load.binds import read_binds
from naftiko_runtime.load.nodes import Map
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.load.variables import Variables
from naftiko_runtime.load.yaml_reader import read_text
from tests.load.reading import a_map

NOTHING: Mapping[str, str] = MappingProxyType({})


def bind(
    folder: Path,
    text: str,
    environment: Mapping[str, str] = NOTHING,
    variables: Mapping[str, str] = NOTHING,
) -> tuple[Variables, list[tuple[str, str]]]:
    """Return the variables of a document, and what is wrong with its binds."""
    diagnostics = Diagnostics()
    options = LoadOptions(environment, variables)
    found = read_binds(a_map(text), folder / "c.yaml", options, diagnostics)
    return found, [(one.code, one.message) for one in diagnostics]


def value(
    folder: Path,
    text: str,
    environment: Mapping[str, str] = NOTHING,
    variables: Mapping[str, str] = NOTHING,
) -> str | None:
    """Return the value that a sound bind gives the variable KEY."""
    found, problems = bind(folder, text, environment, variables)
    assert problems == []
    return found.by_name["KEY"].value


ENVIRONMENT = {"SOURCE": "from the environment", "KEY": "under its own name"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("binds: [{keys: {KEY: SOURCE}}]", id="at-the-root"),
        pytest.param("capability: {binds: [{keys: {KEY: SOURCE}}]}", id="in-the-capability"),
        pytest.param("binds: {keys: {KEY: SOURCE}}", id="one-without-a-list"),
    ],
)
def test_without_a_location_a_value_comes_from_the_environment_by_source_key(
    tmp_path: Path, text: str
) -> None:
    assert value(tmp_path, text, environment=ENVIRONMENT) == "from the environment"


def test_a_variable_without_a_source_key_is_looked_up_by_its_own_name(tmp_path: Path) -> None:
    text = "binds: [{keys: {KEY: }}]"
    assert value(tmp_path, text, environment=ENVIRONMENT) == "under its own name"


def test_a_variable_is_known_with_and_without_its_namespace(tmp_path: Path) -> None:
    text = "binds: [{namespace: vault, keys: {KEY: SOURCE}}]"
    variables, _ = bind(tmp_path, text, environment=ENVIRONMENT)
    assert variables.declared("vault.KEY") is variables.declared("KEY") is not None


def test_the_option_var_goes_before_every_source(tmp_path: Path) -> None:
    text = "binds: [{keys: {KEY: SOURCE}}]"
    given = {"KEY": "given"}
    assert value(tmp_path, text, environment=ENVIRONMENT, variables=given) == "given"


def test_the_option_var_gives_undeclared_variables_a_value_too(tmp_path: Path) -> None:
    variables, _ = bind(
        tmp_path, "{}", environment={"SHOP": "environment"}, variables={"SHOP": "given"}
    )
    assert variables.ambient("env.SHOP").value == "given"


def test_of_two_binds_of_one_name_the_capability_own_one_counts(tmp_path: Path) -> None:
    text = "{binds: [{keys: {KEY: A}}], capability: {binds: [{keys: {KEY: B}}]}}"
    assert value(tmp_path, text, environment={"A": "root", "B": "capability"}) == "capability"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("s.yaml", "SOURCE: v"),
        ("s.yml", "SOURCE: v"),
        ("s.json", '{"SOURCE": "v"}'),
        ("s.env", "SOURCE=v\nexport B='x'\nEMPTY\n"),
        ("s.env", 'SOURCE="v"'),
        (".env", "# comment\nSOURCE=v"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "./", "file:///./", "file://./", "file:"])
def test_a_file_is_read_by_its_suffix_from_the_folder_of_the_document(
    tmp_path: Path, file: str, content: str, prefix: str
) -> None:
    (tmp_path / file).write_text(content)
    assert value(tmp_path, f"binds: [{{location: '{prefix}{file}', keys: {{KEY: SOURCE}}}}]") == "v"


def test_an_absolute_location_is_read_from_there(tmp_path: Path) -> None:
    (tmp_path / "s.env").write_text("SOURCE=v")
    location = (tmp_path / "s.env").as_uri()
    elsewhere = tmp_path / "elsewhere"
    assert value(elsewhere, f"binds: [{{location: '{location}', keys: {{KEY: SOURCE}}}}]") == "v"


@pytest.mark.parametrize(
    ("written", "text"),
    [("5", "5"), ("1.5", "1.5"), ("true", "true"), ("[1, 2]", "[1, 2]"), ("null", None)],
)
@pytest.mark.parametrize("file", ["s.yaml", "s.json"])
def test_values_that_are_no_text_are_written_as_json_and_null_is_none(
    tmp_path: Path, file: str, written: str, text: str | None
) -> None:
    (tmp_path / file).write_text(f'{{"SOURCE": {written}}}')
    assert value(tmp_path, f"binds: [{{location: {file}, keys: {{KEY: SOURCE}}}}]") == text


def test_a_dotenv_value_stands_for_itself_dollars_and_all(tmp_path: Path) -> None:
    (tmp_path / "s.env").write_text("A=1\nSOURCE='pa${A}ss'")
    assert value(tmp_path, "binds: [{location: s.env, keys: {KEY: SOURCE}}]") == "pa${A}ss"


@pytest.mark.parametrize("written", ["v", "v\n", "v\r\n"])
def test_a_folder_holds_one_file_per_key_whose_last_line_break_does_not_count(
    tmp_path: Path, written: str
) -> None:
    (tmp_path / "mounted" / "..data").mkdir(parents=True)
    (tmp_path / "mounted" / "SOURCE").write_bytes(written.encode())
    location = f"dir://{tmp_path / 'mounted'}"
    assert value(tmp_path, f"binds: [{{location: '{location}', keys: {{KEY: SOURCE}}}}]") == "v"


def test_a_file_in_a_folder_that_is_no_text_gives_no_value(tmp_path: Path) -> None:
    (tmp_path / "store.jks").write_bytes(b"\xfe\xed\xff")
    text = "binds: [{location: 'dir:///./', keys: {KEY: store.jks}}]"
    assert value(tmp_path, text) is None


@pytest.mark.parametrize(
    ("location", "hint"),
    [
        pytest.param("", "set the environment variable SOURCE", id="environment"),
        pytest.param("location: s.env,", "put 'SOURCE' into s.env", id="file"),
        pytest.param("location: '{x}.env',", "put 'SOURCE' into {x}.env", id="braces-in-its-name"),
        pytest.param(
            "location: 'dir:///./',", "put it into the file SOURCE in dir:///./", id="folder"
        ),
    ],
)
def test_a_missing_value_says_how_to_set_it(tmp_path: Path, location: str, hint: str) -> None:
    for name in ("s.env", "{x}.env"):
        (tmp_path / name).write_text("OTHER=x")
    variables, _ = bind(tmp_path, f"binds: [{{{location} keys: {{KEY: SOURCE}}}}]")
    assert variables.by_name["KEY"].value is None
    assert variables.by_name["KEY"].how_to_set == hint


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("binds: [{namespace: env}]", "value-missing", id="no-keys"),
        pytest.param("binds: [{keys: [KEY]}]", "value-missing", id="keys-as-a-list"),
        pytest.param("binds: [KEY]", "value-missing", id="a-word"),
        pytest.param("binds: [[KEY]]", "value-missing", id="a-list"),
        pytest.param("binds: KEY", "value-missing", id="a-word-without-a-list"),
        pytest.param(
            "binds: [{location: none.env, keys: {}}]", "bind-file-missing", id="missing-file"
        ),
        pytest.param(
            "binds: [{location: 'dir:///none', keys: {}}]", "bind-file-missing", id="missing-folder"
        ),
        pytest.param("binds: [{location: list.json, keys: {}}]", "value-invalid", id="a-list-file"),
        pytest.param("binds: [{location: bad.json, keys: {}}]", "value-invalid", id="broken-json"),
        pytest.param("binds: [{location: bad.yaml, keys: {}}]", "yaml-invalid", id="broken-yaml"),
        pytest.param("binds: [{location: empty.yaml, keys: {}}]", "value-invalid", id="empty-yaml"),
        pytest.param("binds: [{location: bytes.env, keys: {}}]", "value-invalid", id="bytes"),
        pytest.param("binds: [{location: bytes.json, keys: {}}]", "value-invalid", id="json-bytes"),
        pytest.param(
            "binds: [{location: 'vault://x', keys: {}}]", "bind-scheme-unsupported", id="vault"
        ),
        pytest.param(
            "binds: [{location: 'vault://[x', keys: {}}]",
            "bind-scheme-unsupported",
            id="no-host-that-a-url-could-have",
        ),
    ],
)
def test_what_is_wrong_with_a_bind_is_one_finding(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "bad.yaml").write_text("a: [")
    (tmp_path / "empty.yaml").touch()
    (tmp_path / "bytes.env").write_bytes(b"A=\xff")
    (tmp_path / "bytes.json").write_bytes(b'{"A": "\xff"}')
    _, problems = bind(tmp_path, text)
    assert [code for code, _ in problems] == [problem]


def test_an_unsupported_scheme_is_named(tmp_path: Path) -> None:
    _, problems = bind(tmp_path, "binds: [{location: 'vault://x', keys: {KEY: }}]")
    assert problems == [("bind-scheme-unsupported", "binds can't be read from 'vault:'")]


def test_variables_of_a_broken_bind_are_still_declared(tmp_path: Path) -> None:
    variables, _ = bind(tmp_path, "binds: [{location: 'vault://x', keys: {KEY: }}]")
    assert variables.by_name["KEY"].value is None


def test_the_other_binds_are_read_when_one_is_broken(tmp_path: Path) -> None:
    variables, problems = bind(tmp_path, "binds: [oops, {keys: {KEY: }}]", environment=ENVIRONMENT)
    assert [code for code, _ in problems] == ["value-missing"]
    assert variables.by_name["KEY"].value == "under its own name"


def test_no_value_stands_in_a_message(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"A": "hunter2" ')
    _, problems = bind(tmp_path, "binds: [{location: bad.json, keys: {A: }}]")
    assert problems
    assert "hunter2" not in str(problems)


def test_a_file_that_the_system_does_not_let_be_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "s.env").touch()
    monkeypatch.setattr(Path, "read_text", refuse)
    _, problems = bind(tmp_path, "binds: [{location: s.env, keys: {}}]")
    file = tmp_path / "s.env"
    assert problems == [("value-invalid", f"the bind file {file} can't be read: Permission denied")]


def test_what_is_wrong_in_a_bind_file_points_to_the_bind_and_shows_no_line_of_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "secrets.yaml").write_text('TOKEN: "s3cret\nOTHER: [\n')
    document = a_map("binds: [{location: secrets.yaml, keys: {TOKEN: TOKEN}}]")
    diagnostics = Diagnostics()
    read_binds(document, tmp_path / "c.yaml", LoadOptions(), diagnostics)
    (found,) = diagnostics
    assert found.position is not None
    assert found.position.file == document.file
    assert "secrets.yaml can't be read (yaml-invalid in line " in found.message
    assert "s3cret" not in render(diagnostics, "text")


@pytest.fixture
def imported(tmp_path: Path) -> Map:
    """A document whose bind comes from a file in a folder of its own."""
    text = b"binds: [{location: file:///./secrets.yaml, keys: {KEY: source}}]"
    (tmp_path / "shared").mkdir()
    root = read_text(text, str(tmp_path / "shared" / "s.yaml"), Diagnostics())
    assert isinstance(root, Map)
    return root


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"shared/secrets.yaml": "its own"}, "its own"),
        ({"secrets.yaml": "the capability's"}, "the capability's"),
        ({"shared/secrets.yaml": "its own", "secrets.yaml": "the capability's"}, "its own"),
    ],
    ids=["beside the file", "beside the capability", "both"],
)
def test_an_imported_bind_reads_what_lies_beside_its_file_or_else_beside_the_capability(
    tmp_path: Path, imported: Map, files: Mapping[str, str], expected: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(f"source: {text}")
    found = read_binds(imported, tmp_path / "c.yaml", LoadOptions(), Diagnostics())
    assert found.by_name["KEY"].value == expected
