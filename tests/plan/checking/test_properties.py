"""What holds for all inputs and all arguments."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import quote, quote_plus

from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.errors import InvalidInput
from naftiko_runtime.plan.checking import compile_checker, compile_query, input_schema
from naftiko_runtime.plan.expressions import to_text
from naftiko_runtime.plan.inputs import Input, Place
from naftiko_runtime.plan.serialisation import query_pairs
from naftiko_runtime.values import Json
from tests.plan.checking.building import an_input, check_one, check_texts, schema_validator

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS: dict[str, st.SearchStrategy[Json]] = {
    "string": TEXTS,
    "integer": st.integers() | st.integers(-(10**40), 10**40),
    "number": st.integers() | FLOATS,
    "boolean": st.booleans(),
}
KEYS = st.text(st.sampled_from("abc$. -_ä"), min_size=1, max_size=4)
JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)


def _scalar_schemas() -> st.SearchStrategy[dict[str, Json]]:
    limits = st.fixed_dictionaries(
        {"type": st.sampled_from([*SCALARS])},
        optional={
            "minimum": st.integers(-5, 5),
            "maximum": st.integers(-5, 5),
            "exclusiveMinimum": st.integers(-5, 5),
            "minLength": st.integers(0, 2),
            "maxLength": st.integers(0, 5),
            "pattern": st.sampled_from(["^a", "[0-9]", "."]),
            "enum": st.lists(st.sampled_from([0, 1, True, "a", "1", 1.5]), min_size=1),
        },
    )
    return st.one_of(st.just({}), limits)


def _nullable(schema: dict[str, Json]) -> dict[str, Json]:
    kind = schema.get("type")
    return {**schema, "type": [kind, "null"]} if isinstance(kind, str) else schema


SCHEMAS: st.SearchStrategy[dict[str, Json]] = st.recursive(
    _scalar_schemas(),
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner},
            optional={"minItems": st.integers(0, 2), "maxItems": st.integers(0, 3)},
        ),
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(KEYS, inner, max_size=3)},
            optional={"required": st.lists(KEYS, max_size=1)},
        ),
        inner.map(_nullable),
    ),
    max_leaves=5,
)


@st.composite
def _inputs(draw: st.DrawFn) -> list[Input]:
    names = draw(st.lists(KEYS, unique=True, max_size=4))
    return [draw(_input(name)) for name in names]


@st.composite
def _input(draw: st.DrawFn, name: str) -> Input:
    schema: dict[str, Any] = {**draw(SCHEMAS)}
    kind = schema.pop("type", None)
    type_ = kind if isinstance(kind, str) else None
    if type_ is None:  # what has no type has no items and no properties
        schema = {
            key: schema[key] for key in schema if key not in ("items", "properties", "required")
        }
    return an_input(
        name,
        type_,
        draw(st.sampled_from([*Place])),
        is_required=draw(st.booleans()),
        is_hidden=draw(st.booleans()),
        **schema,
    )


@given(st.data(), _inputs())
def test_arguments_fit_the_published_schema_or_are_refused(
    data: st.DataObject, inputs: list[Input]
) -> None:
    names = st.sampled_from([one.name for one in inputs]) if inputs else TEXTS
    arguments = data.draw(st.dictionaries(names | TEXTS, JSON, max_size=4))
    checker = compile_checker(inputs)
    try:
        values = checker.check_json(arguments)
    except InvalidInput:
        return
    schema = input_schema(inputs)
    published = {checker.inputs[name].published: value for name, value in values.items()}
    schema_validator(schema).validate(published)


@given(st.data(), _inputs())
def test_arguments_that_fit_the_published_schema_are_taken_as_they_are(
    data: st.DataObject, inputs: list[Input]
) -> None:
    visible = {
        public: one
        for one in compile_checker(inputs).inputs.values()
        for public in [one.published]
        if not one.is_secret
    }
    arguments = {public: data.draw(JSON) for public in visible}
    fits = schema_validator(input_schema(inputs)).is_valid(arguments)
    optional_nulls = [public for public in visible if arguments[public] is None]
    if fits and not optional_nulls and not _has_odd_number(arguments):
        checked = compile_checker(inputs).check_json(arguments)
        assert checked == {visible[public].name: value for public, value in arguments.items()}


def _has_odd_number(value: Json) -> bool:
    if isinstance(value, dict):
        return any(map(_has_odd_number, value.values()))
    if isinstance(value, list):
        return any(map(_has_odd_number, value))
    return isinstance(value, float) and value not in (*map(float, range(-9, 9)), 1.5)


@given(
    st.dictionaries(TEXTS | KEYS, st.lists(TEXTS, max_size=3), max_size=4),
    st.dictionaries(TEXTS | KEYS, JSON, max_size=4),
    _inputs(),
)
def test_requests_are_taken_or_refused(
    text: dict[str, list[str]], json: dict[str, Json], inputs: list[Input]
) -> None:
    try:
        values = compile_checker(inputs).check_request(text, json)
    except InvalidInput:
        return
    assert values.keys() <= {one.name for one in inputs}


@given(st.sampled_from([*SCALARS]).flatmap(lambda t: st.tuples(st.just(t), SCALARS[t])))
def test_scalars_come_back_from_text(typed: tuple[str, Json]) -> None:
    type_, value = typed
    text = to_text(value)
    for one in (an_input("a", type_), an_input("a", type_, Place.HEADER)):
        checked = check_texts(one, [text])
        assert checked == value
        assert isinstance(checked, bool) == isinstance(value, bool)
    assert check_one(an_input("a", type_), text) == value


def _typed(schema: dict[str, Json]) -> st.SearchStrategy[Json]:
    """Return values of a schema that lose nothing in a query: nothing in them is empty."""
    items, properties = schema.get("items"), schema.get("properties")
    if isinstance(items, dict):
        return st.lists(_typed(items), min_size=1, max_size=3)
    if isinstance(properties, dict):
        members = {k: _typed(inner) for k, inner in properties.items() if isinstance(inner, dict)}
        return st.fixed_dictionaries(members)
    return SCALARS[str(schema["type"])].filter(lambda value: not to_text(value).startswith("["))


QUERY_SCHEMAS: st.SearchStrategy[dict[str, Json]] = st.recursive(
    st.sampled_from([{"type": name} for name in SCALARS]),
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(
            lambda members: {"type": "object", "properties": members},
            st.dictionaries(KEYS, inner, min_size=1, max_size=3),
        ),
    ),
    max_leaves=4,
)


@given(st.data(), QUERY_SCHEMAS)
def test_values_come_back_from_a_query(data: st.DataObject, schema: dict[str, Json]) -> None:
    value = data.draw(_typed(schema))
    inner: dict[str, Any] = {key: one for key, one in schema.items() if key != "type"}
    one = an_input("p", str(schema["type"]), **inner)
    query = "&".join(query_pairs("p")(value)).encode()
    text, parts = compile_query([one])(query)
    assert compile_checker([one]).check_request(text, parts) == {"p": value}


@given(st.binary(max_size=60) | st.text("pa[]=&%+01_", max_size=40).map(str.encode))
def test_any_query_is_read_or_refused(query: bytes) -> None:
    inputs = [an_input("p", "object"), an_input("a", "array"), an_input("p[a]"), an_input("0")]
    with suppress(InvalidInput):
        compile_query(inputs)(query)


@given(st.lists(TEXTS, max_size=5))
def test_all_ways_to_encode_a_query_are_read_alike(texts: list[str]) -> None:
    read = compile_query([an_input("größe", "array")])
    for encode in (quote, quote_plus):
        query = "&".join(f"{encode('größe')}={encode(text)}" for text in texts)
        assert read(query.encode()) == (({"größe": texts} if texts else {}), {})
