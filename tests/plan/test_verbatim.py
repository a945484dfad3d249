"""Which bodies go upstream as callers have written them: section 5 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.values import JsonText
from tests.plan.units_building import Compiled, one_call

WRITTEN = JsonText('{"b":  1.50, "a": 1, "a": 2}')


def _made(
    folder: Path, consumed: str = "", unit: str = "", body: str = "{type: json}", path: str = "/t"
) -> Compiled:
    return one_call(folder, f"body: {body}, {consumed}", unit, method="POST", path=path)


@pytest.mark.parametrize(
    "unit",
    [
        "",
        "with: {body: rest.body}",
        "with: {body: rest.body, id: rest.id}",
        "inputParameters: [{name: body, in: body, type: object, description: All of it}]",
        "inputParameters: [{name: body, in: body, type: array, required: true}]",
        "outputParameters: [{type: string, mapping: $.id}]",
    ],
)
def test_the_callers_json_goes_upstream_as_it_is_written(tmp_path: Path, unit: str) -> None:
    made = _made(tmp_path, unit=unit, path="/t/{id}")
    assert made.inputs["body"].verbatim
    assert made.sends(id="1", body=WRITTEN).body == WRITTEN.encode()


def test_a_lone_parameter_body_beside_it_changes_nothing(tmp_path: Path) -> None:
    made = _made(tmp_path, "inputParameters: [{name: body, in: body, type: object}]")
    assert made.inputs["body"].verbatim


@pytest.mark.parametrize(
    ("consumed", "unit"),
    [
        pytest.param("", "with: {body: {a: rest.body}}", id="bound"),
        pytest.param("", "with: {body: '{{rest.body}}!'}", id="part-of-a-text"),
        pytest.param(
            "inputParameters: [{name: body, in: body, value: {a: 1}}]",
            "inputParameters: [{name: body, in: body}]",
            id="consumed-default",
        ),
        pytest.param(
            "", "inputParameters: [{name: body, in: body, default: {a: 1}}]", id="declared-default"
        ),
        pytest.param("", "inputParameters: [{name: body, in: body, value: $.a}]", id="picked"),
        pytest.param("", "inputParameters: [{name: body, in: body, type: string}]", id="text"),
        pytest.param(
            "",
            "inputParameters: [{name: body, in: body, type: object, properties:"
            " {a: {type: integer}}}]",
            id="with-properties",
        ),
        pytest.param(
            "",
            "inputParameters: [{name: body, in: body, type: array, items: {type: integer}}]",
            id="with-items",
        ),
        pytest.param(
            "inputParameters: [{name: q, in: query}]",
            "with: {q: 'x{{rest.body}}'}",
            id="read-by-a-parameter",
        ),
        pytest.param(
            "inputParameters: [{name: q, in: query}]",
            "with: {q: rest.body.size}",
            id="a-field-is-read",
        ),
        pytest.param(
            "", "outputParameters: [{type: string, value: 'got {{body}}'}]", id="read-by-an-output"
        ),
        pytest.param(
            "outputParameters: [{name: o, type: string, value: 'got {{body}}'}]",
            "",
            id="read-by-an-output-of-the-consumed-operation",
        ),
    ],
)
def test_a_body_that_is_looked_into_is_written_anew(
    tmp_path: Path, consumed: str, unit: str
) -> None:
    made = _made(tmp_path, consumed, unit)
    assert not any(one.verbatim for one in made.inputs.values()), made.messages


@pytest.mark.parametrize(
    ("consumed", "unit"),
    [
        ("inputParameters: [{name: body, in: body}]", ""),
        ("inputParameters: [{name: body, in: body, type: object}]", ""),
        ("", "with: {body: rest.body}"),
    ],
)
def test_a_callers_json_that_is_the_whole_body_goes_upstream_as_it_is_written(
    tmp_path: Path, consumed: str, unit: str
) -> None:
    made = one_call(tmp_path, consumed, unit, method="POST")
    assert made.inputs["body"].verbatim
    assert made.sends(body=WRITTEN).body == WRITTEN.encode()
    assert made.header("content-type", body=WRITTEN) == "application/json"


@pytest.mark.parametrize(
    ("written", "text", "content_type"),
    [
        (r'"caf\u00e9"', "café", "text/plain; charset=utf-8"),
        (r' "{\"a\":  1}"', '{"a":  1}', "application/json"),
    ],
)
def test_a_json_string_that_is_the_whole_body_is_its_text(
    tmp_path: Path, written: str, text: str, content_type: str
) -> None:
    made = one_call(tmp_path, "inputParameters: [{name: body, in: body}]", method="POST")
    assert made.sends(body=JsonText(written)).body == text.encode()
    assert made.header("content-type", body=JsonText(written)) == content_type


@pytest.mark.parametrize(
    "consumed",
    [
        "body: {type: json, data: '{{body}}'}",
        "inputParameters: [{name: body, in: body, type: string}]",
        "inputParameters: [{name: a, in: body}]",
    ],
)
def test_a_body_that_is_not_the_callers_own_json_is_written_anew(
    tmp_path: Path, consumed: str
) -> None:
    made = one_call(tmp_path, consumed, method="POST")
    assert not any(one.verbatim for one in made.inputs.values())


def test_steps_write_bodies_anew(tmp_path: Path) -> None:
    step = "steps: [{type: call, name: one, call: api.op, with: {body: rest.body}}]"
    made = one_call(tmp_path, "body: {type: json}", step, method="POST")
    assert not any(one.verbatim for one in made.inputs.values())
