"""Consumed APIs: the forms that a body may have (section 5 of the behaviour)."""

from __future__ import annotations

import pytest

from naftiko_runtime.load.nodes import to_plain
from naftiko_runtime.spec.consumes import ConsumedApi, ConsumedOperation
from naftiko_runtime.values import Json
from tests.spec.typed import block


@pytest.mark.parametrize(
    ("written", "kind", "data"),
    [
        ("'{\"a\": 1}'", "raw", '{"a": 1}'),
        ("5", "raw", 5),
        ("{type: JSON, data: {a: 1}}", "json", {"a": 1}),
        ("{type: xml, data: <a/>}", "xml", "<a/>"),
        ("{type: json}", "json", None),
        ("{a: 1}", "json", {"a": 1}),
        ("{data: 1}", "json", {"data": 1}),
        ("[1, 2]", "json", [1, 2]),
    ],
)
def test_a_body_without_a_type_is_raw_text_or_json(written: str, kind: str, data: Json) -> None:
    body = block(ConsumedOperation, f"body: {written}").body
    assert body is not None
    assert (body.type, to_plain(body.data)) == (kind, data)


@pytest.mark.parametrize("written", ["body:", "method: GET"])
def test_an_operation_may_have_no_body(written: str) -> None:
    assert block(ConsumedOperation, written).body is None


def test_json_data_without_a_type_keeps_its_place() -> None:
    body = block(ConsumedOperation, "body: {a: 1}").body
    assert body is not None
    assert str(body.at("data")) == "x.yaml:1:7"


def test_an_api_is_read_down_to_its_operations() -> None:
    api = block(
        ConsumedApi,
        """
        type: HTTP
        namespace: ships
        baseUri: https://ships.test
        authentication: {type: Bearer, token: x}
        resources:
          ship: {path: '/ships/{id}', operations: {get-ship: {method: GET}}}
        """,
    )
    (resource,) = api.resources
    (operation,) = resource.operations
    assert (api.type, resource.name, operation.name) == ("http", "ship", "get-ship")
    assert api.authentication is not None
    assert api.authentication.type == "bearer"
