"""JSON texts with placeholders as bodies: sections 3 and 5 of the behaviour."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naftiko_runtime.values import Json
from tests.plan.planned import one_tool


def sent(folder: Path, text: str, arguments: dict[str, Json] | None = None) -> bytes | None:
    """Return the body that a JSON text becomes."""
    return one_tool(folder, f"body: {json.dumps(text)}").request(arguments).body


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("x", b'{"a":"x"}', id="text"),
        pytest.param(5, b'{"a":5}', id="number"),
        pytest.param(False, b'{"a":false}', id="boolean"),
        pytest.param({"b": [1]}, b'{"a":{"b":[1]}}', id="object"),
    ],
)
def test_a_placeholder_without_quotes_keeps_its_type(
    tmp_path: Path, value: Json, expected: bytes
) -> None:
    assert sent(tmp_path, '{"a": {{x}}}', {"x": value}) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("x", b'{"a":"x"}', id="text"),
        pytest.param(5, b'{"a":"5"}', id="number"),
        pytest.param(True, b'{"a":"true"}', id="boolean"),
        pytest.param([1, 2], b'{"a":"[1,2]"}', id="list"),
    ],
)
def test_a_placeholder_in_quotes_is_text(tmp_path: Path, value: Json, expected: bytes) -> None:
    assert sent(tmp_path, '{"a": "{{x}}"}', {"x": value}) == expected


def test_a_placeholder_inside_a_text_is_written_into_it(tmp_path: Path) -> None:
    body = sent(tmp_path, '{"a": "<{{x}}|{{y}}>"}', {"x": 1, "y": "z"})
    assert body == b'{"a":"<1|z>"}'


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text())
def test_no_text_ends_the_string_that_it_is_put_into(tmp_path: Path, value: str) -> None:
    planned = one_tool(tmp_path, 'body: \'{"a": "- {{x}}", "b": 1}\'')
    assert json.loads(planned.request({"x": value}).body or b"") == {"a": f"- {value}", "b": 1}


def test_nothing_is_left_of_members_and_items_that_are_absent(tmp_path: Path) -> None:
    body = sent(tmp_path, '{"a": "{{x}}", "b": {{y}}, "c": [{{z}}, "{{z}}", 1], "d": {"e": {{y}}}}')
    assert body == b'{"c":[1],"d":{}}'


def test_what_is_absent_inside_a_longer_text_is_empty(tmp_path: Path) -> None:
    assert sent(tmp_path, '{"a": "x{{x}}"}') == b'{"a":"x"}'


def test_what_has_no_placeholder_stays(tmp_path: Path) -> None:
    body = sent(tmp_path, r'{"a": {{x}}, "b": [1, 1.5, null, true, "\n\"{", "{ {y} }"]}', {"x": 1})
    assert body == rb'{"a":1,"b":[1,1.5,null,true,"\n\"{","{ {y} }"]}'


def test_closing_braces_right_behind_a_placeholder_are_the_objects(tmp_path: Path) -> None:
    body = sent(tmp_path, '{"a":{"b":{"c":{{x}}}}}', {"x": 1})
    assert body == b'{"a":{"b":{"c":1}}}'


def test_three_braces_on_both_sides_are_a_placeholder_too(tmp_path: Path) -> None:
    assert sent(tmp_path, '{"a": "{{{x}}}"}', {"x": "<"}) == b'{"a":"<"}'


def test_quotes_inside_a_placeholder_are_its_own(tmp_path: Path) -> None:
    body = sent(tmp_path, '{"a": "{{tools.x"y}}"}', {'x"y': "z"})
    assert body == b'{"a":"z"}'


def test_line_breaks_inside_a_string_are_kept(tmp_path: Path) -> None:
    assert sent(tmp_path, '{"a": "1\n{{x}}"}', {"x": 2}) == b'{"a":"1\\n2"}'


def test_the_name_of_a_member_may_hold_placeholders(tmp_path: Path) -> None:
    body = sent(tmp_path, '{"{{x}}": 1, "a-{{y}}": {"{{z}}": 2}}', {"x": 'q"', "y": 5})
    assert body == b'{"q\\"":1,"a-5":{}}'


@pytest.mark.parametrize("character", ["\ue000", "\\ue000", "\\uE000"])
def test_characters_for_private_use_are_text_like_any_other(tmp_path: Path, character: str) -> None:
    body = sent(tmp_path, f'{{"a": "{character}{{{{x}}}}", "b": "{character}0{character}"}}')
    assert json.loads(body or b"") == {"a": "\ue000", "b": "\ue0000\ue000"}


def test_a_text_that_is_no_json_is_sent_as_it_stands(tmp_path: Path) -> None:
    assert sent(tmp_path, "a={{x}}, }", {"x": 5}) == b"a=5, }"


@pytest.mark.parametrize("levels", [101, 100_000])
def test_json_that_is_nested_too_deeply_is_sent_as_it_stands(tmp_path: Path, levels: int) -> None:
    text = "[" * levels + "{{x}}" + "]" * levels
    assert sent(tmp_path, text, {"x": 5}) == text.replace("{{x}}", "5").encode()


def test_a_string_that_does_not_end_is_soon_found_out(tmp_path: Path) -> None:
    assert sent(tmp_path, '["' + "{{x}}" * 200, {"x": 5}) == b'["' + b"5" * 200
