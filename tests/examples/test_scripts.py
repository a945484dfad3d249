"""The example that shows script steps, on both faces."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import naftiko_runtime
from naftiko_runtime.diagnostics import Severity
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import Capability
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.values import Absent, Json
from tests.upstreams import RecordingClient, answer

pytest.importorskip("pydantic_monty")
pytest.importorskip("py_mini_racer")

EXAMPLE = Path(__file__).parents[2] / "examples" / "scripts" / "capability.yaml"
ORDERS: Json = [
    {"customer": "Ada", "cents": 1250},
    {"customer": "Bo", "cents": 9900},
    {"customer": "Ada", "cents": 250},
]


@pytest.fixture(scope="module")
def capability() -> Capability:
    loaded = naftiko_runtime.load(EXAMPLE, LoadOptions(base_uri="https://shop.test"))
    weighty = [one for one in loaded.diagnostics if one.severity is not Severity.INFO]
    assert weighty == []
    assert loaded.capability is not None
    return loaded.capability


def _call(operation: Operation, arguments: dict[str, Json]) -> tuple[Json, RecordingClient]:
    client = RecordingClient(lambda _: answer(ORDERS))

    async def call() -> Json:
        engine = Engine(client)
        try:
            outcome = await engine.execute(operation, arguments)
        finally:
            await engine.aclose()
        assert not isinstance(outcome.value, Absent)
        return outcome.value

    return asyncio.run(call()), client


def test_a_script_alone_answers(capability: Capability) -> None:
    quote = next(one for one in capability.rest[0].routes if one.name == "quote")
    value, client = _call(quote.operation, {"quantity": 12, "price": 9.95})
    assert value == {"quantity": 12, "discount": 0.05, "total": 113.43}
    assert client.requests == []


def test_a_script_works_on_what_a_call_answered(capability: Capability) -> None:
    sales = next(one for one in capability.rest[0].routes if one.name == "sales")
    value, client = _call(sales.operation, {"year": 2026})
    assert value == {
        "year": 2026,
        "customers": [
            {"customer": "Bo", "sum": 99.0, "currency": "EUR"},
            {"customer": "Ada", "sum": 15.0, "currency": "EUR"},
        ],
    }
    assert [one.target for one in client.requests] == [b"/orders?year=2026"]


def test_both_faces_answer_the_same(capability: Capability) -> None:
    route = next(one for one in capability.rest[0].routes if one.name == "sales")
    (tool,) = capability.mcp[0].tools
    arguments: dict[str, Json] = {"year": 2026}
    assert _call(route.operation, arguments)[0] == _call(tool.operation, arguments)[0]
