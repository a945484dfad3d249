"""Imports: section 1 of the behaviour."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from naftiko_runtime.diagnostics import Diagnostic, Diagnostics
from naftiko_runtime.load.imports import Importer
from naftiko_runtime.load.nodes import Map, to_plain
from naftiko_runtime.load.yaml_reader import read_file
from naftiko_runtime.values import Json
from tests.load.reading import a_map

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file into the folder that the test runs in."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str) -> Path:
        file = Path(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return write


def resolve(file: Path, *roots: Path) -> tuple[dict[str, Json], list[Diagnostic], Importer]:
    """Return a document with its imports resolved."""
    diagnostics = Diagnostics()
    root = read_file(file, str(file), diagnostics)
    assert isinstance(root, Map)
    importer = Importer((file.parent, *roots), diagnostics)
    importer.resolve(root, file)
    plain = to_plain(root)
    assert isinstance(plain, dict)
    return plain, diagnostics.found, importer


def codes(file: Path, *roots: Path) -> list[str]:
    return [one.code for one in resolve(file, *roots)[1]]


ENTRY = '{"namespace": "ships", "baseUri": "https://ships.test"}'
SHIPS = json.loads(ENTRY)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param("{location: ./s.yaml, import: ships}", id="location"),
        pytest.param("{from: ./s.yaml, import: ships}", id="from"),
        pytest.param("{location: s.yaml, import: ships}", id="without-a-dot"),
        pytest.param("{location: 'file:///./s.yaml', import: ships}", id="as-a-url"),
        pytest.param("{type: http, location: s.yaml, import: ships}", id="with-a-type"),
    ],
)
@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"consumes: [{ENTRY}]", id="section-file"),
        pytest.param(f"capability: {{consumes: [{ENTRY}]}}", id="whole-capability"),
    ],
)
def test_an_import_entry_is_replaced_by_what_it_stands_for(
    write: Write, entry: str, source: str
) -> None:
    write("s.yaml", source)
    document, problems, _ = resolve(write("c.yaml", f"capability: {{consumes: [{entry}]}}"))
    assert problems == []
    assert document == {"capability": {"consumes": [SHIPS]}}


@pytest.mark.parametrize("section", ["consumes", "exposes", "aggregates", "binds"])
def test_every_section_can_be_imported(write: Write, section: str) -> None:
    write("s.yaml", f"{section}: [{{namespace: a, keys: {{}}}}, {{namespace: b}}]")
    text = f"{section}: [{{from: s.yaml, import: b}}]"
    document, problems, _ = resolve(write("c.yaml", text))
    assert problems == []
    entries = document[section]
    assert isinstance(entries, list)
    assert entries[0] == {"namespace": "b"}


def test_as_gives_another_namespace_and_leaves_the_source_as_it_is(write: Write) -> None:
    write("s.yaml", f"consumes: [{ENTRY}]")
    entries = "[{from: s.yaml, import: ships, as: fleet}, {from: s.yaml, import: ships}]"
    document, _, _ = resolve(write("c.yaml", f"consumes: {entries}"))
    assert document["consumes"] == [{**SHIPS, "namespace": "fleet"}, SHIPS]


def test_other_entries_stay_where_they_are(write: Write) -> None:
    write("s.yaml", f"consumes: [{ENTRY}]")
    text = "consumes: [{namespace: a}, {from: s.yaml, import: ships}, {namespace: z}, 5]"
    document, _, _ = resolve(write("c.yaml", text))
    assert document["consumes"] == [{"namespace": "a"}, SHIPS, {"namespace": "z"}, 5]


def test_a_block_with_a_base_uri_is_no_import(write: Write) -> None:
    text = "consumes: [{namespace: a, baseUri: 'https://a.test', import: x}]"
    document, problems, importer = resolve(write("c.yaml", text))
    assert (problems, importer.sources) == ([], {})
    assert document == to_plain(a_map(text))


def test_imports_chain_and_each_source_starts_from_its_own_folder(write: Write) -> None:
    write("shared/deep/end.yaml", f"consumes: [{ENTRY}]")
    write("shared/s.yaml", "consumes: [{from: deep/end.yaml, import: ships, as: fleet}]")
    file = write("c.yaml", "consumes: [{from: shared/s.yaml, import: fleet, as: navy}]")
    document, problems, importer = resolve(file)
    assert problems == []
    assert document["consumes"] == [{**SHIPS, "namespace": "navy"}]
    assert list(importer.sources) == [Path("shared/s.yaml"), Path("shared/deep/end.yaml")]


def test_a_source_is_read_once(write: Write) -> None:
    write("s.yaml", f"consumes: [{ENTRY}, {ENTRY}")
    entry = "{from: s.yaml, import: ships}"
    problems = codes(write("c.yaml", f"consumes: [{entry}, {entry}]"))
    assert problems.count("yaml-invalid") == 1


def test_imported_parts_keep_the_places_of_their_own_file(write: Write) -> None:
    write("s.yaml", "consumes:\n- namespace: ships\n  baseUri: x\n")
    diagnostics = Diagnostics()
    file = write("c.yaml", "consumes: [{from: s.yaml, import: ships, as: fleet}]")
    root = read_file(file, "c.yaml", diagnostics)
    assert isinstance(root, Map)
    Importer((Path(),), diagnostics).resolve(root, file)
    consumes = root["consumes"]
    assert isinstance(consumes, list)
    assert isinstance(consumes[0], Map)
    assert str(consumes[0].position_of("baseUri")) == "s.yaml:3:12"


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        pytest.param("", ["S"], id="none-of-its-own"),
        pytest.param("binds:", ["S"], id="nothing-behind-the-key"),
        pytest.param("binds: [C]", ["C", "S"], id="its-own-go-first"),
        pytest.param("binds: C", ["C", "S"], id="one-without-a-list"),
        pytest.param("binds: [[C]]", [["C"], "S"], id="what-is-none-stays-to-be-reported"),
    ],
)
def test_binds_of_a_source_come_along(write: Write, own: str, expected: Json) -> None:
    write("s.yaml", f"binds: [S]\nconsumes: [{ENTRY}]")
    text = f"{own}\nconsumes: [{{from: s.yaml, import: ships}}]"
    assert resolve(write("c.yaml", text))[0]["binds"] == expected


def test_binds_that_a_source_imports_itself_come_along_too(write: Write) -> None:
    write("shared/b.yaml", "binds: [{namespace: x, keys: {S: }}]")
    write("shared/s.yaml", f"binds: [{{from: b.yaml, import: x}}]\nconsumes: [{ENTRY}]")
    file = write("c.yaml", "consumes: [{from: shared/s.yaml, import: ships}]")
    document, problems, _ = resolve(file)
    assert (document["binds"], problems) == ([{"namespace": "x", "keys": {"S": None}}], [])


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        pytest.param("{import: ships}", "import-missing", id="no-file-named"),
        pytest.param("{from: 5, import: ships}", "import-missing", id="a-number-for-a-file"),
        pytest.param("{from: s.yaml, import: }", "import-missing", id="no-namespace"),
        pytest.param("{from: none.yaml, import: ships}", "import-missing", id="no-such-file"),
        pytest.param("{from: s.yaml, import: boats}", "import-namespace-unknown", id="unknown"),
        pytest.param("{from: empty.yaml, import: ships}", "import-namespace-unknown", id="empty"),
        pytest.param("{from: ../s.yaml, import: ships}", "import-outside", id="folder-above"),
        pytest.param("{from: /etc/s.yaml, import: ships}", "import-outside", id="absolute"),
        pytest.param("{from: link/s.yaml, import: ships}", "import-outside", id="symbolic-link"),
    ],
)
def test_an_import_that_can_not_be_resolved_is_an_error_and_the_rest_goes_on(
    write: Write, tmp_path: Path, entry: str, code: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "s.yaml").write_text(f"consumes: [{ENTRY}]")
    write("in/s.yaml", f"consumes: [{ENTRY}]")
    write("in/empty.yaml", "info: {}")
    Path("in/link").symlink_to(outside)
    file = write("in/c.yaml", f"consumes: [{entry}, {{from: s.yaml, import: ships}}]")
    document, problems, _ = resolve(file)
    assert [one.code for one in problems] == [code]
    assert document["consumes"] == [SHIPS]


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [("shps", "did you mean 'ships'?"), ("boats", "it has ports, ships")],
    ids=["near", "far"],
)
def test_an_unknown_namespace_gets_an_offer(write: Write, wanted: str, hint: str) -> None:
    write("s.yaml", f"consumes: [{ENTRY}, {{namespace: ports}}]")
    _, (problem,), _ = resolve(write("c.yaml", f"consumes: [{{from: s.yaml, import: {wanted}}}]"))
    assert problem.hint == hint
    assert str(problem.position) == "c.yaml:1:35"


def test_an_import_from_a_folder_that_is_allowed_is_read(write: Write) -> None:
    write("shared/s.yaml", f"consumes: [{ENTRY}]")
    file = write("in/c.yaml", "consumes: [{from: ../shared/s.yaml, import: ships}]")
    assert codes(file) == ["import-outside"]
    assert codes(file, Path("shared")) == []


def test_an_import_from_outside_says_how_to_allow_it(write: Write) -> None:
    file = write("in/c.yaml", "consumes: [{from: ../shared/s.yaml, import: ships}]")
    _, (problem,), _ = resolve(file)
    assert problem.hint == "allow it with --allow-imports-from shared"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"c.yaml": "consumes: [{from: c.yaml, import: x}]"}, id="of-itself"),
        pytest.param(
            {
                "c.yaml": "consumes: [{from: a.yaml, import: x}]",
                "a.yaml": "consumes: [{from: b.yaml, import: x}]",
                "b.yaml": "consumes: [{from: a.yaml, import: x}]",
            },
            id="of-two-files",
        ),
        pytest.param(
            {
                "c.yaml": "consumes: [{from: a.yaml, import: x}]",
                "a.yaml": "consumes: [{from: a.yaml, import: y, as: x}, {from: a.yaml, import: x, "
                "as: y}]",
            },
            id="of-two-names-in-one-file",
        ),
    ],
)
def test_imports_may_not_loop(write: Write, files: dict[str, str]) -> None:
    for name, text in files.items():
        write(name, text)
    assert codes(Path("c.yaml")) == ["import-loop"]


def test_one_file_may_be_gone_through_twice_for_different_namespaces(write: Write) -> None:
    write("a.yaml", f"consumes: [{{from: b.yaml, import: y, as: x}}, {ENTRY}]")
    write("b.yaml", "consumes: [{from: a.yaml, import: ships, as: y}]")
    assert codes(write("c.yaml", "consumes: [{from: a.yaml, import: x}]")) == []


def test_sections_without_imports_are_left_alone(write: Write) -> None:
    text = "consumes: {namespace: a}\nexposes: []\nbinds: 5\naggregates:\n"
    document, problems, _ = resolve(write("c.yaml", text))
    assert (document, problems) == (to_plain(a_map(text)), [])
