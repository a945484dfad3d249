"""YAML with positions, and what is refused: section 1 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.diagnostics import Diagnostics, Position
from naftiko_runtime.load import yaml_reader
from naftiko_runtime.load.nodes import to_plain
from naftiko_runtime.load.yaml_reader import MAX_ALIASED_NODES, MAX_BYTES, MAX_DEPTH, read_file
from tests.load.reading import a_map, plain, problems, read, sound


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("", None, id="nothing"),
        pytest.param("# only a comment\n", None, id="comment"),
        pytest.param("---\n", None, id="document-without-content"),
        pytest.param("%YAML 1.2\n---\na: 1\n...\n", {"a": 1}, id="directive-and-end-mark"),
        pytest.param("\ufeffa: 1", {"a": 1}, id="byte-order-mark"),
        pytest.param("a: no", {"a": "no"}, id="the-norway-problem"),
        pytest.param("a: '5'", {"a": "5"}, id="quoted-numeral"),
        pytest.param("a: !!str 5", {"a": "5"}, id="tagged-as-text"),
        pytest.param("5: a\ntrue: b\n~: c", {"5": "a", "true": "b", "~": "c"}, id="keys-are-texts"),
        pytest.param("a: |\n  x\n  y\n", {"a": "x\ny\n"}, id="block-scalar"),
        pytest.param("[1, [2, {a: b}]]", [1, [2, {"a": "b"}]], id="flow"),
        pytest.param('{"a": [1.5, null, "x"]}', {"a": [1.5, None, "x"]}, id="json"),
    ],
)
def test_a_text_is_read_as_yaml_1_2(text: str, value: object) -> None:
    assert plain(text) == value


def test_utf_16_is_read_too() -> None:
    node, diagnostics = read("a: ü".encode("utf-16"))
    assert (to_plain(node), diagnostics.found) == ({"a": "ü"}, [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("a: &x [1, 2]\nb: *x", {"a": [1, 2], "b": [1, 2]}, id="a-list"),
        pytest.param("a: &x {k: 1}\nb: *x", {"a": {"k": 1}, "b": {"k": 1}}, id="a-mapping"),
        pytest.param("a: &x 5\nb: *x", {"a": 5, "b": 5}, id="a-scalar"),
        pytest.param("a: &x key\n*x : 5", {"a": "key", "key": 5}, id="as-a-key"),
        pytest.param("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}, id="the-latest-anchor"),
    ],
)
def test_an_alias_stands_for_what_its_anchor_names(text: str, value: object) -> None:
    assert plain(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("{<<: {a: 1, b: 2}, a: 0}", {"a": 0, "b": 2}, id="own-key-after-it"),
        pytest.param("{a: 0, <<: {a: 1, b: 2}}", {"a": 0, "b": 2}, id="own-key-before-it"),
        pytest.param("{<<: [{a: 1}, {a: 2, b: 3}]}", {"a": 1, "b": 3}, id="the-first-of-a-list"),
        pytest.param("{'<<': {a: 1}}", {"<<": {"a": 1}}, id="quoted-it-is-a-key-like-others"),
    ],
)
def test_a_merge_key_fills_in_what_is_not_there(text: str, value: object) -> None:
    assert plain(text) == value


def test_a_merged_value_stands_where_it_was_written() -> None:
    merged = a_map("<<: {a: 1}\nb: 2")
    assert str(merged.position_of("a")) == "x.yaml:1:9"
    assert str(merged.position_of_key("a")) == "x.yaml:1:1"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            "a: 1\nb: 2\na: 3",
            "3:1 yaml-duplicate-key: the key 'a' stands twice in one mapping",
            id="duplicate-key",
        ),
        pytest.param(
            "a: &x [*x]",
            "1:8 yaml-invalid: there is no anchor '&x' before this",
            id="an-alias-inside-its-own-anchor",
        ),
        pytest.param(
            "a: *y", "1:4 yaml-invalid: there is no anchor '&y' before this", id="unknown-alias"
        ),
        pytest.param(
            "? [a]\n: 1",
            "1:3 yaml-invalid: a key has to be a word, not a list or a mapping",
            id="a-list-as-a-key",
        ),
        pytest.param(
            "a: &x {k: 1}\n*x : 2",
            "2:1 yaml-invalid: a key has to be a word, not a list or a mapping",
            id="an-alias-of-a-mapping-as-a-key",
        ),
        pytest.param(
            "a: 1\nb: 2\n<<: 3",
            "3:1 yaml-invalid: '<<' merges mappings, and this is none",
            id="merging-a-number",
        ),
        pytest.param(
            "<<: [{a: 1}, 2]",
            "1:1 yaml-invalid: '<<' merges mappings, and this is none",
            id="merging-a-list-with-a-number",
        ),
        pytest.param(
            "a: 1\n---\nb: 2\n",
            "2:1 yaml-invalid: the file holds more than one document",
            id="two-documents",
        ),
    ],
)
def test_what_is_ambiguous_is_refused_with_its_place(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_of_a_duplicate_key_the_first_one_stays() -> None:
    node, diagnostics = read("a: 1\na: 2")
    assert to_plain(node) == {"a": 1}
    assert diagnostics.found[0].hint == "the first one is at x.yaml:1:1; keep one of them"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("a: [1, 2", "2:1", id="open-bracket"),
        pytest.param("a: 'x", "1:6", id="open-quote"),
        pytest.param("a: b: c", "1:5", id="mapping-in-a-line"),
        pytest.param("a:\n\t- 1", "2:1", id="tab"),
        pytest.param("a: @x", "1:4", id="reserved-sign"),
    ],
)
def test_a_syntax_error_has_its_place(text: str, place: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(f"{place} yaml-invalid: ")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"a: \xff\xfe\xff", id="not-utf-8"),
        pytest.param(b"a: \x00", id="null-byte"),
        pytest.param(b"\x1b[31m", id="escape"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    (problem,) = problems(data)
    assert "yaml-invalid: " in problem


@given(st.binary(max_size=60))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    node, diagnostics = read(data)
    assert node is None or not any(one.code == "yaml-invalid" for one in diagnostics)


@given(st.text("-:[]{}&*!|>'\"%@` \n\tab1#,?<~", max_size=40))
def test_arbitrary_punctuation_never_raises(text: str) -> None:
    node, diagnostics = read(text)
    assert node is None or not any(one.code == "yaml-invalid" for one in diagnostics)


def test_a_document_may_be_nested_as_deep_as_the_limit_and_no_deeper() -> None:
    assert sound("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None
    depth = MAX_DEPTH + 1
    assert problems("[" * depth + "]" * depth) == [
        f"1:{depth} yaml-too-deep: the document is nested deeper than 100 levels"
    ]


def test_mappings_count_as_levels_too() -> None:
    text = "".join(f"{' ' * depth}a:\n" for depth in range(MAX_DEPTH + 1))
    assert problems(text) == [
        "101:101 yaml-too-deep: the document is nested deeper than 100 levels"
    ]


def test_aliases_may_bring_in_as_many_values_as_the_limit_and_no_more() -> None:
    anchor = "a: &a [" + "1," * 999 + "]\n"
    most = "b: [" + "*a," * (MAX_ALIASED_NODES // 1000) + "]"
    assert sound(anchor + most) is not None
    (problem,) = problems(anchor + most + "\nc: *a")
    assert problem == "3:4 yaml-alias-bomb: aliases bring in more than 10,000 values"


def test_aliases_of_aliases_multiply() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    (problem,) = problems("\n".join(levels))
    assert "yaml-alias-bomb" in problem


def test_aliased_mappings_count_with_all_that_is_in_them() -> None:
    anchor = "a: &a {k: {" + ", ".join(f"k{n}: {n}" for n in range(2000)) + "}}\n"
    (problem,) = problems(anchor + "b: [*a, *a, *a, *a, *a]")
    assert "yaml-alias-bomb" in problem


def codes(file: Path) -> list[str]:
    diagnostics = Diagnostics()
    node = read_file(file, "c.yaml", diagnostics)
    assert (node is None) is bool(diagnostics.errors)
    return [one.code for one in diagnostics]


def test_positions_show_the_name_that_the_user_wrote(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("a: [")
    diagnostics = Diagnostics()
    assert read_file(tmp_path / "c.yaml", "./c.yaml", diagnostics) is None
    (problem,) = diagnostics
    assert problem.position is not None
    assert problem.position.file == "./c.yaml"


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert codes(tmp_path / "none.yaml") == ["file-missing"]


def test_a_folder_is_an_error(tmp_path: Path) -> None:
    assert codes(tmp_path) == ["file-unreadable"]


def test_a_link_to_itself_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").symlink_to("c.yaml")
    assert codes(tmp_path / "c.yaml") == ["file-unreadable"]


def test_a_path_through_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert codes(tmp_path / "file" / "c.yaml") == ["file-unreadable"]


def test_a_file_past_16_mib_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    with file.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    diagnostics = Diagnostics()
    assert read_file(file, "c.yaml", diagnostics) is None
    (error,) = diagnostics.found
    assert (error.code, error.position) == ("file-too-large", Position("c.yaml", 1, 1))


def test_a_file_of_the_greatest_size_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_reader, "MAX_BYTES", 4)
    (tmp_path / "c.yaml").write_text("a: 1")
    assert codes(tmp_path / "c.yaml") == []
