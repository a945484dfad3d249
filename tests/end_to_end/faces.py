"""The two faces of a capability, behind one: REST, and MCP with the official Python client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import httpx
import orjson
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client
from mcp_types import CallToolResult, TextContent, Tool

from naftiko_runtime.values import Json
from tests.end_to_end.calls import Call
from tests.end_to_end.commands import PATIENCE_SECONDS, assert_no_secret

API_KEY = "key/of+the tests=="
KEY = {"POLYTOMIC_API_KEY": API_KEY}

Mode: TypeAlias = Literal["legacy", "2026-07-28"]
"""How an MCP client begins: with a handshake, or stateless without one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call came to.

    Attributes:
        error: Upstream's status if that is an error; None for success.
        body: The answer's JSON; None where it is empty.
    """

    error: int | None
    body: Any


class Face(Protocol):
    """Something that calls go through."""

    def answer(self, call: Call) -> Answer: ...


def rest_client(base_url: str, headers: Mapping[str, str] | None = None) -> httpx.Client:
    """Return a client that sees to it that no answer shows the API key."""
    return httpx.Client(
        base_url=base_url,
        headers=headers,
        timeout=PATIENCE_SECONDS,
        trust_env=False,
        event_hooks={"response": [_assert_no_key]},
    )


def _assert_no_key(response: httpx.Response) -> None:
    response.read()
    assert_no_secret(API_KEY, f"{response.headers.raw!r} {response.text}")


def send(client: httpx.Client, call: Call) -> httpx.Response:
    """Send a call as a client of Polytomic's API does."""
    content = None if call.body is None else orjson.dumps(call.body)
    headers = dict(call.headers)
    if content is not None:
        headers["Content-Type"] = "application/json"
    return client.request(
        call.method,
        call.path,
        params=httpx.QueryParams(tuple(call.pairs)),
        headers=headers,
        content=content,
    )


@dataclass(frozen=True, slots=True)
class RestFace:
    """Calls REST routes."""

    client: httpx.Client

    def answer(self, call: Call) -> Answer:
        response = send(self.client, call)
        body = orjson.loads(response.content) if response.content else None
        return Answer(response.status_code if response.is_error else None, body)


@dataclass(frozen=True, slots=True)
class McpFace:
    """Calls MCP tools."""

    client: Client
    portal: BlockingPortal

    @property
    def protocol_version(self) -> str:
        return self.client.protocol_version

    def tools(self) -> list[Tool]:
        return self.portal.call(self.client.list_tools).tools

    def result(self, tool: str, arguments: dict[str, Json]) -> CallToolResult:
        result: CallToolResult = self.portal.call(self.client.call_tool, tool, arguments)
        assert_no_secret(API_KEY, repr(result))
        return result

    def answer(self, call: Call) -> Answer:
        result = self.result(call.tool, call.arguments)
        if result.is_error:
            facts = result.structured_content
            assert isinstance(facts, dict)
            return Answer(facts["status"], orjson.loads(facts["body"]))
        return Answer(None, orjson.loads(text_of(result)) if result.content else None)


def text_of(result: CallToolResult) -> str:
    """Return the text of a result that consists of one text."""
    [block] = result.content
    assert isinstance(block, TextContent)
    return block.text


@contextmanager
def mcp_face(url: str, mode: Mode) -> Iterator[McpFace]:
    """Connect the official client for as long as the block lasts."""
    client = Client(url, mode=mode, read_timeout_seconds=PATIENCE_SECONDS)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(client) as connected,
    ):
        yield McpFace(connected, portal)
