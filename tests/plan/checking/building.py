"""Inputs for tests, and what is wrong with arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest

from naftiko_runtime.errors import InvalidInput
from naftiko_runtime.plan.checking import compile_checker
from naftiko_runtime.plan.inputs import Input, Place
from naftiko_runtime.values import ABSENT, Json, Value


def an_input(
    name: str,
    type_: str | None = None,
    place: Place = Place.QUERY,
    *,
    is_required: bool = False,
    default: Value = ABSENT,
    is_hidden: bool = False,
    description: str | None = None,
    **schema: Json,
) -> Input:
    """Return an input; further keywords are those of its schema."""
    declared: dict[str, Json] = {"type": type_, **schema} if type_ else {**schema}
    return Input(name, place, type_, is_required, description, default, declared, hidden=is_hidden)


def check_one(one: Input, value: Json) -> Json:
    """Return what an input's argument becomes in an MCP call."""
    return compile_checker([one]).check_json({one.name: value})[one.name]


def check_texts(one: Input, texts: Sequence[str]) -> Json:
    """Return what the texts of an input's name become in an HTTP request."""
    return compile_checker([one]).check_request({one.name: texts}, {})[one.name]


def check_body(one: Input, value: Json) -> Json:
    """Return what an input's JSON value becomes in an HTTP request."""
    return compile_checker([one]).check_request({}, {one.name: value})[one.name]


def problems_of(call: Callable[[], object]) -> Mapping[str, str]:
    """Return the details of the problems that a call raises, by pointer."""
    with pytest.raises(InvalidInput) as caught:
        call()
    return {problem.pointer: problem.detail for problem in caught.value.problems}


def schema_validator(schema: Mapping[str, Json]) -> jsonschema.Draft202012Validator:
    """Return the validator of a schema that is itself valid."""
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)
