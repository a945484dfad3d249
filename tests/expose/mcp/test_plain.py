"""Plain requests: those that are read without the SDK."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import orjson
import pytest
from mcp_types import methods

from naftiko_runtime.expose.mcp import plain
from naftiko_runtime.expose.mcp.heads import PlainHead
from naftiko_runtime.expose.mcp.plain import PlainReader
from tests.expose.mcp.wire import STATELESS, message_of

HEAD = PlainHead(is_stateless=True, may_stream=False, method=b"tools/list", name=None)


@pytest.fixture
def validations() -> Iterator[list[Any]]:
    """What the SDK is asked to validate."""
    validate = methods.validate_client_request
    with patch.object(methods, "validate_client_request", side_effect=validate) as asked:
        yield asked.mock_calls


def _body(client: str) -> bytes:
    message = message_of(STATELESS, "tools/list", {})
    message["params"]["_meta"]["io.modelcontextprotocol/clientInfo"] = {
        "name": client,
        "version": "0",
    }
    return orjson.dumps(message)


def test_a_client_that_was_met_is_not_validated_again(validations: list[Any]) -> None:
    reader = PlainReader()
    assert all(reader.read(HEAD, _body("raw")) is not None for _ in range(3))
    assert len(validations) == 1


def test_a_client_with_much_to_say_of_itself_is_not_kept_in_mind(validations: list[Any]) -> None:
    reader = PlainReader()
    assert all(reader.read(HEAD, _body("x" * 10_000)) is not None for _ in range(3))
    assert len(validations) == 3


def test_no_more_clients_are_kept_in_mind_than_may_be(
    monkeypatch: pytest.MonkeyPatch, validations: list[Any]
) -> None:
    monkeypatch.setattr(plain, "_MOST_ENVELOPES", 1)
    reader = PlainReader()
    assert all(reader.read(HEAD, _body(one)) is not None for one in ("a", "b", "a", "b"))
    assert len(validations) == 3
