from __future__ import annotations

import pytest

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.spec.block import Block
from naftiko_runtime.spec.consumes import ConsumedOperation, RequestBody
from naftiko_runtime.spec.keywords import report_unknown_words
from naftiko_runtime.spec.mcp import McpAdapter
from naftiko_runtime.spec.parameters import InputParameter, OutputParameter
from naftiko_runtime.spec.rest import RestOperation
from tests.load.reading import a_map


def findings(model: type[Block], text: str) -> list[tuple[str, str | None]]:
    """Return the message and the hint of each finding about a block."""
    diagnostics = Diagnostics()
    report_unknown_words(model.model_validate(a_map(text)), diagnostics)
    return [(one.message, one.hint) for one in diagnostics]


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (ConsumedOperation, "method: get"),
        (RestOperation, "method: PATCH"),
        (RequestBody, "type: formUrlEncoded"),
        (InputParameter, "{in: Query, style: spaceDelimited}"),
        (InputParameter, "name: x"),
        (McpAdapter, "transport: stdio"),
        (OutputParameter, "type: whatever"),
    ],
)
def test_words_that_are_known_are_no_finding(model: type[Block], text: str) -> None:
    assert not findings(model, text)


@pytest.mark.parametrize(
    ("model", "text", "message", "hint"),
    [
        (InputParameter, "in: qurey", "'qurey' is no word that 'in' takes", "query"),
        (ConsumedOperation, "method: pots", "'pots' is no word that 'method' takes", "POST"),
        (
            RequestBody,
            "type: formurlencode",
            "'formurlencode' is no word that 'type' takes",
            "formUrlEncoded",
        ),
        (InputParameter, "style: deepobjects", "'deepobjects' is no word", "deepObject"),
    ],
)
def test_an_unknown_word_is_reported_with_the_near_one(
    model: type[Block], text: str, message: str, hint: str
) -> None:
    ((found, offered),) = findings(model, text)
    assert found.startswith(message)
    assert offered == f"did you mean '{hint}'?"


def test_where_no_word_is_near_all_are_offered() -> None:
    assert findings(McpAdapter, "transport: pigeon") == [
        ("'pigeon' is no word that 'transport' takes", "the words are http, stdio")
    ]
