"""Scalars: converted where nothing is lost, cut where they are too long, else left."""

from __future__ import annotations

import pytest

from naftiko_runtime.values import Json
from tests.plan.shaping.building import compiled, shaper


@pytest.mark.parametrize(
    ("type_", "value", "converted"),
    [
        ("string", 12, "12"),
        ("string", 1.5, "1.5"),
        ("string", True, "true"),
        ("string", False, "false"),
        ("string", "x", "x"),
        ("string", {"a": 1}, {"a": 1}),
        ("string", [1], [1]),
        ("text", 10**30, "1" + "0" * 30),
        ("number", "12", 12),
        ("number", "-0.5", -0.5),
        ("number", "1.50", 1.5),
        ("number", "1e3", 1000.0),
        ("number", "12345678901234567890", 12345678901234567890),
        ("number", "0.12345678901234567890123", "0.12345678901234567890123"),
        ("number", "1e400", "1e400"),
        ("number", "1e-400", "1e-400"),
        ("number", "1" * 401, "1" * 401),
        ("number", "007", "007"),
        ("number", "12 kg", "12 kg"),
        ("number", "", ""),
        ("number", True, True),
        ("number", 1.5, 1.5),
        ("float", [1], [1]),
        ("integer", "12", 12),
        ("integer", "12.0", 12),
        ("integer", "12.5", "12.5"),
        ("integer", 12.0, 12),
        ("integer", 12.5, 12.5),
        ("integer", 1e300, 1e300),
        ("integer", "1" * 401, "1" * 401),
        ("int", False, False),
        ("boolean", "true", True),
        ("boolean", "False", False),
        ("boolean", "yes", "yes"),
        ("boolean", 1, 1),
        ("bool", "TRUE", True),
        ("object", "x", "x"),
        ("any", 12, 12),
        ("string", None, None),
        ("number", None, None),
        ("boolean", None, None),
    ],
)
def test_a_scalar_is_converted_where_nothing_is_lost(
    type_: str, value: Json, converted: Json
) -> None:
    shaped = shaper(f"[{{name: a, type: {type_}, mapping: $.a}}]")({"a": value})

    assert shaped == {"a": converted}
    assert isinstance(shaped, dict)
    assert type(shaped["a"]) is type(converted)


def test_numbers_of_any_length_become_text() -> None:
    shape = shaper("[{type: string, mapping: $.a}]")

    assert shape({"a": 10**5000}) == "1" + "0" * 5000


def test_texts_are_cut_to_their_greatest_length() -> None:
    shape = shaper("""
        - {name: cut, type: string, mapping: $.a, maxLength: 3}
        - {name: converted, type: string, mapping: $.n, maxLength: "2"}
        - {name: untyped, mapping: $.a, maxLength: 1}
        - {name: other, mapping: $.n, maxLength: 1}
        - {name: items, type: array, mapping: $.l, items: {type: string, maxLength: 1}}
        - {name: values, type: object, mapping: $.m, values: {type: string, maxLength: 2}}
        - {name: fixed, value: long, maxLength: 2}
        - {name: none, type: string, mapping: $.a, maxLength: 0}
        """)

    shaped = shape({"a": "héllo", "n": 1234, "l": ["ab", None], "m": {"k": "abc"}})

    assert shaped == {
        "cut": "hél",
        "converted": "12",
        "untyped": "h",
        "other": 1234,
        "items": ["a", None],
        "values": {"k": "ab"},
        "fixed": "lo",
        "none": "",
    }


@pytest.mark.parametrize("length", ["-1", "many", "1.5", "[1]"])
def test_a_greatest_length_that_is_no_whole_number_is_reported(length: str) -> None:
    made = compiled(f"[{{name: a, mapping: $.a, maxLength: {length}}}]")

    assert made.shape({"a": "text"}) == {"a": "text"}
    assert made.messages == [
        "warning value-invalid 1: 'maxLength' has to be a whole number, 0 or more; nothing is cut"
    ]


def test_a_type_that_no_one_knows_is_reported() -> None:
    made = compiled("[{name: a, type: sting, mapping: $.a}]")

    assert made.shape({"a": 1}) == {"a": 1}
    (found,) = made.diagnostics
    assert found.message == "there is no type 'sting'; the value is passed on as it is"
    assert found.hint == "did you mean 'string'?"


@pytest.mark.parametrize("key", ["mapping", "value"])
def test_a_path_that_is_none_is_an_error_of_the_unit(key: str) -> None:
    made = compiled(f"[{{name: b}}, {{name: a, {key}: '$.a['}}]")

    assert made.shape({"a": 1, "b": 2}) == {"b": 2, "a": 1}
    (found,) = made.diagnostics
    assert (found.severity, found.code, found.unit) == ("error", "jsonpath-invalid", "api.get")
    assert found.message == "'$.a[': a bracket or a quote is not closed"
    assert str(found.position) == f"outputs.yaml:1:{25 + len(key)}"


def test_a_mapping_that_is_no_text_is_reported() -> None:
    made = compiled("[{name: a, mapping: 5}, {name: b, mapping: ''}]")

    assert made.shape({"a": 1, "b": 2}) == {"a": 1, "b": 2}
    assert made.messages == ["warning value-invalid 1: 'mapping' has to be a JSONPath"]
