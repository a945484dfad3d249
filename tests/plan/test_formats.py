"""What consumed operations say about the body of their answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.diagnostics import Diagnostics, Position
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.exposed import operations_of
from naftiko_runtime.plan.formats import FormatPlan
from naftiko_runtime.plan.loading import load_capability
from naftiko_runtime.plan.sizes import DEFAULT_BINARY_BYTES, read_size
from tests.documents import load

_DOCUMENT = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - {{path: /x, operations: [{{name: get, method: GET{operation}}}]}}
  exposes:
  - type: rest
    namespace: r
    port: 0
    {adapter}
    resources:
    - {{path: /x, operations: [{{name: get, method: GET, call: api.get}}]}}
  - type: mcp
    namespace: m
    port: 0
    {adapter}
    tools: [{{name: get, description: Get it, call: api.get}}]
"""


def _formats(folder: Path, operation: str, adapter: str = "") -> list[FormatPlan]:
    text = _DOCUMENT.format(operation=f", {operation}" if operation else "", adapter=adapter)
    actions = [one.action for one in operations_of(load(folder, text))]
    return [one.format for one in actions if isinstance(one, CallPlan)]


def test_answers_are_json_unless_the_document_says_otherwise(tmp_path: Path) -> None:
    plan, _ = _formats(tmp_path, "")
    assert (plan.name, plan.schema, plan.media_type, plan.binary_limit) == ("json",) + (None,) * 3


def test_a_format_has_its_schema_and_the_folder_that_it_is_in(tmp_path: Path) -> None:
    plan, _ = _formats(tmp_path, "outputRawFormat: AVRO, outputSchema: s/ship.avsc")
    assert (plan.name, plan.schema, plan.folder) == ("avro", "s/ship.avsc", tmp_path)
    assert (plan.at.line, plan.at.column) == (9, 93)


def test_both_faces_share_one_plan(tmp_path: Path) -> None:
    first, second = _formats(tmp_path, "outputRawFormat: xml")
    assert first is second


@pytest.mark.parametrize(
    ("size", "expected"),
    [("512B", 512), ("1KiB", 1024), ("1.5 MiB", 1572864), ("1GiB", 1 << 30), ("2048", 2048)],
)
def test_a_binary_body_may_be_as_large_as_the_operation_says(
    tmp_path: Path, size: str, expected: int
) -> None:
    plan, _ = _formats(tmp_path, f"outputRawFormat: binary, maxBinarySize: {size}")
    assert plan.binary_limit == expected


def test_a_binary_body_may_have_ten_mebibytes_by_default(tmp_path: Path) -> None:
    plan, _ = _formats(tmp_path, "outputRawFormat: binary")
    assert plan.binary_limit == 10 * 1024 * 1024


def test_an_adapters_limit_holds_where_the_operation_has_none(tmp_path: Path) -> None:
    limits = _formats(tmp_path, "outputRawFormat: binary", "maxBinarySize: 1KiB")
    assert [one.binary_limit for one in limits] == [1024, 1024]


def test_the_operations_limit_goes_before_the_adapters(tmp_path: Path) -> None:
    operation = "outputRawFormat: binary, maxBinarySize: 2KiB"
    limits = _formats(tmp_path, operation, "maxBinarySize: 1KiB")
    assert [one.binary_limit for one in limits] == [2048, 2048]


def test_an_adapters_limit_is_about_binary_bodies_alone(tmp_path: Path) -> None:
    plan, _ = _formats(tmp_path, "", "maxBinarySize: 1KiB")
    assert plan.binary_limit is None


def test_a_size_that_is_none_is_reported_and_the_default_holds(tmp_path: Path) -> None:
    file = tmp_path / "capability.yaml"
    text = ", outputRawFormat: binary, maxBinarySize: much"
    file.write_text(_DOCUMENT.format(operation=text, adapter="maxBinarySize: true"))
    loaded = load_capability(file)
    codes = [one.code for one in loaded.diagnostics]
    assert codes.count("value-invalid") == 3


def test_a_size_that_is_not_said_is_the_default() -> None:
    at = Position("capability.yaml", 1, 1)
    assert read_size(None, at, Diagnostics()) == DEFAULT_BINARY_BYTES
