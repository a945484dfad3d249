"""What all blocks share: the tolerance of section 1 of the behaviour, and positions."""

from __future__ import annotations

import pytest
from pydantic import Field, ValidationError

from naftiko_runtime.load.nodes import Map, to_plain
from naftiko_runtime.spec.block import Block, Free, Listed, Named, Raw, Text, Word
from tests.load.reading import a_map
from tests.spec.typed import block


class Thing(Block):
    name: Text = None
    size: Text = None


class Holder(Block):
    text: Text = None
    word: Word = None
    things: Named[Thing] = ()
    listed: Listed[Text] = ()
    free: Free = None
    raw: Raw = None
    only: Thing | None = None
    renamed: Text = Field(None, validation_alias="newName")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("word", "word"),
        ("5", "5"),
        ("1.50", "1.5"),
        ("true", "true"),
        ("no", "no"),
        ("~", None),
        ("''", ""),
    ],
)
def test_a_text_may_be_written_as_another_scalar(written: str, text: str | None) -> None:
    assert block(Holder, f"text: {written}").text == text


@pytest.mark.parametrize("written", ["[a]", "{a: b}"])
def test_a_text_is_no_list_and_no_mapping(written: str) -> None:
    with pytest.raises(ValidationError, match="string"):
        block(Holder, f"text: {written}")


@pytest.mark.parametrize("written", ["mcp", "MCP", "Mcp", "' mcp '"])
def test_a_word_is_read_without_regard_to_case_and_blanks(written: str) -> None:
    assert block(Holder, f"word: {written}").word == "mcp"


NAMED = [Thing(name="a", size="1"), Thing(name="b")]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("[{name: a, size: 1}, {name: b}]", id="a-list"),
        pytest.param("{a: {size: 1}, b: }", id="a-keyed-map"),
        pytest.param("{a: {size: 1}, x: {name: b}}", id="a-keyed-map-whose-thing-has-a-name"),
        pytest.param("{a: {size: 1}, b: {name: }}", id="a-keyed-map-whose-thing-has-a-blank-name"),
    ],
)
def test_named_things_may_be_a_list_or_a_keyed_map(written: str) -> None:
    things = block(Holder, f"things: {written}").things
    assert [(one.name or "b", one.size) for one in things] == [("a", "1"), ("b", None)]


@pytest.mark.parametrize("written", ["{name: a, size: 1}", "{name: {size: 1}}"])
def test_one_named_thing_may_stand_without_a_list(written: str) -> None:
    (thing,) = block(Holder, f"things: {written}").things
    assert thing.size == "1"


def test_a_thing_of_a_keyed_map_may_be_called_name() -> None:
    (thing,) = block(Holder, "things: {name: {size: 1}}").things
    assert thing.name == "name"


def test_positions_reach_into_keyed_maps() -> None:
    (thing,) = block(Holder, "things:\n  a:\n    size: 1\n").things
    assert str(thing.position) == "x.yaml:3:5"
    assert str(thing.at("size")) == "x.yaml:3:11"
    assert str(thing.at("name")) == "x.yaml:2:3"


@pytest.mark.parametrize("key", ["things", "listed"])
def test_a_list_with_nothing_behind_its_key_is_empty(key: str) -> None:
    assert getattr(block(Holder, f"{key}:"), key) == ()


def test_one_value_stands_for_a_list_of_one() -> None:
    assert block(Holder, "listed: a").listed == ("a",)
    assert block(Holder, "listed: [a, 5]").listed == ("a", "5")


@pytest.mark.parametrize("written", ["things: [a]", "things: {a: b}", "things: 5"])
def test_what_has_to_be_a_block_may_be_nothing_else(written: str) -> None:
    with pytest.raises(ValidationError):
        block(Holder, written)


def test_a_free_mapping_keeps_the_keys_and_positions_of_its_author() -> None:
    free = block(Holder, "free: {$select: a, X-Y: b}").free
    assert to_plain(free) == {"$select": "a", "X-Y": "b"}
    assert isinstance(free, Map)
    assert str(free.position_of("X-Y")) == "x.yaml:1:25"


@pytest.mark.parametrize("written", ["[a]", "a", "5"])
def test_a_free_mapping_is_a_mapping(written: str) -> None:
    with pytest.raises(ValidationError, match="has to be a mapping"):
        block(Holder, f"free: {written}")


@pytest.mark.parametrize("written", ["[1, {a: 2}]", "{a: 1}", "5", "~"])
def test_a_raw_value_stays_as_it_was_read(written: str) -> None:
    root = a_map(f"raw: {written}")
    assert Holder.model_validate(root).raw is root["raw"]


def test_a_block_knows_which_keys_the_document_has() -> None:
    holder = block(Holder, "text:\nnewName: x")
    assert (holder.has("text"), holder.has("word")) == (True, False)
    assert (holder.has("newName"), holder.renamed) == (True, "x")


def test_a_block_that_no_document_has_stands_nowhere() -> None:
    thing = Thing(name="a")
    assert not thing.has("name")
    assert thing.position == thing.at("name")
    assert thing.position.file == ""


def test_unknown_keys_are_kept_and_extensions_are_known() -> None:
    holder = block(Holder, "text: a\nx-own: 1\nnme: 2\n")
    assert [(key, str(at)) for key, at in holder.unknown_keys()] == [("nme", "x.yaml:3:1")]


def test_a_block_yields_the_blocks_directly_inside() -> None:
    holder = block(Holder, "{only: {name: o}, things: [{name: a}], listed: [x]}")
    assert [child.name for child in holder.children() if isinstance(child, Thing)] == ["a", "o"]


def test_blocks_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(block(Holder, "text: a"), "text", "b")  # noqa: B010 - types know it is forbidden
