"""The lane: it answers as the SDK does, in every revision, or leaves the request to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.expose.mcp.lane import Lane
from naftiko_runtime.plan.adapters import McpPlan
from tests.expose.mcp.serving import asking, plan_of, service_of
from tests.expose.mcp.wire import ENVELOPE, HANDSHAKE, REVISIONS, STATELESS, headers_of, message_of
from tests.upstreams import JSON_TYPE, RecordingClient, answer

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

TEXT: Final = (b"content-type", b"text/plain; charset=utf-8")
PNG: Final = (b"content-type", b"image/png")
ANSWERS: Final[Mapping[str, UpstreamResponse]] = {
    "object": answer({"name": "Ada", "tons": 7, "afloat": True, "owner": None}),
    "nothing-in-it": answer({}),
    "list": answer([1, "two", {"three": 3}]),
    "string": answer("Ada"),
    "null": answer(None),
    "characters": answer({"name": '"\\ \b\t\n\x1f\x7f \u00e9 \u2028 \U0001f6a2 </x>'}),
    "numbers": answer({"all": [0.1, 1e16, 1e22, 1e-7, -0.0, 2**53, -(2**63)]}),
    "long-integer": UpstreamResponse(200, (JSON_TYPE,), b'{"n": 123456789012345678901234567890}'),
    "spaced": UpstreamResponse(200, (JSON_TYPE,), b'{ "b" : 1,\n "a" : [ ] }'),
    "created": answer({"id": 1}, 201),
    "no-content": UpstreamResponse(204, (), b""),
    "text": UpstreamResponse(200, (TEXT,), "Schiff \u00fc".encode()),
    "image": UpstreamResponse(200, (PNG,), b"\x89PNG"),
    "no-json": UpstreamResponse(200, (JSON_TYPE,), b"{"),
    "missing": answer({"message": "no such ship"}, 404, ((b"retry-after", b"7"),)),
    "broken": answer({"message": "oh"}, 500),
}


def _respond(asked: UpstreamRequest) -> UpstreamResponse:
    last = asked.target.decode().rpartition("/")[2].partition("?")[0]
    return ANSWERS.get(last, answer({"ships": [{"name": "Ada"}, {"name": None}]}))


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> McpPlan:
    folder: Path = tmp_path_factory.mktemp("lane")
    return plan_of(folder)


@contextmanager
def _lane(*, is_open: bool) -> Iterator[list[bool]]:
    """Open or close the lane; yield what tells of each request whether it was answered there."""
    answered: list[bool] = []
    take = Lane.__call__

    async def noting(self: Lane, scope: Scope, receive: Receive, send: Send) -> Receive | None:
        left = await take(self, scope, receive, send) if is_open else receive
        answered.append(left is None)
        return left

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lane, "__call__", noting)
        yield answered


async def _both(
    plan: McpPlan, message: Any, headers: Mapping[str, str], **options: Any
) -> tuple[httpx.Response, httpx.Response, bool]:
    """Return the answers with and without the lane, and whether the lane gave the first."""
    responses = []
    was_answered = False
    for is_open in (True, False):
        service = service_of([plan], RecordingClient(_respond), **options)
        with _lane(is_open=is_open) as answered:
            async with asking(service) as http:
                content = message if isinstance(message, bytes) else json.dumps(message).encode()
                sent = {"x-request-id": "r", **headers}
                responses.append(await http.post("/mcp", content=content, headers=sent))
        was_answered = was_answered or any(answered)
    return responses[0], responses[1], was_answered


def _assert_same(ours: httpx.Response, sdks: httpx.Response, revision: str | None) -> None:
    """Be sure that two answers are one: in the older revisions byte for byte.

    The newest may be written with other escapes, and other digits of floating point numbers, but
    has to be the same member for member, in order.
    """
    assert ours.status_code == sdks.status_code
    if revision in HANDSHAKE:
        assert ours.content == sdks.content
    else:
        assert _members(ours.content) == _members(sdks.content)
    lengths = [one.headers.pop("content-length", None) for one in (ours, sdks)]
    assert len({length is None for length in lengths}) == 1
    assert ours.headers.multi_items() == sdks.headers.multi_items()


def _members(content: bytes) -> Any:
    try:
        return repr(json.loads(content, object_pairs_hook=list))
    except ValueError:
        return content


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("tool", ["get-ship", "ship-name"])
@pytest.mark.parametrize("kind", ANSWERS)
async def test_a_call_is_answered_as_the_sdk_does(
    plan: McpPlan, kind: str, tool: str, revision: str
) -> None:
    params = {"name": tool, "arguments": {"imo": kind}}
    message, headers = _plain(revision, "tools/call", params)
    ours, sdks, was_answered = await _both(plan, message, headers)
    assert was_answered
    assert ours.status_code == 200
    _assert_same(ours, sdks, revision)


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("cursor", [None, "first", "no cursor of ours"])
async def test_tools_are_listed_as_the_sdk_does(
    plan: McpPlan, cursor: str | None, revision: str
) -> None:
    page: dict[str, Any] = {}
    if cursor is not None:
        page["cursor"] = await _next_cursor(plan, revision) if cursor == "first" else cursor
    message, headers = _plain(revision, "tools/list", page)
    ours, sdks, was_answered = await _both(plan, message, headers, page_size=2)
    assert was_answered is (cursor != "no cursor of ours")
    _assert_same(ours, sdks, revision)


async def _next_cursor(plan: McpPlan, revision: str) -> str:
    message, headers = _plain(revision, "tools/list", {})
    ours, _, _ = await _both(plan, message, headers, page_size=2)
    cursor: str = ours.json()["result"]["nextCursor"]
    return cursor


def _plain(revision: str, method: str, params: dict[str, Any]) -> tuple[Any, dict[str, str]]:
    return message_of(revision, method, params), headers_of(revision, method, params)


_IDENTITIES: Final[st.SearchStrategy[Any]] = st.sampled_from(
    [1, 0, -1, "a", "\u00e9", 2**53, 2**70, 1.5, True, None, []]
)
_NAMES: Final = st.sampled_from(["get-ship", "ship-names", "no-such-tool", "", 7, None])
_ARGUMENTS: Final[st.SearchStrategy[Any]] = st.sampled_from(
    [
        {"imo": "object"},
        {"imo": "object", "detail": True},
        {"imo": "object", "detail": "yes"},
        {"imo": "object", "other": 1},
        {},
        None,
        [],
        "imo",
    ]
)
_METAS: Final[st.SearchStrategy[Any]] = st.sampled_from(
    [
        {},
        {"progressToken": 1},
        {"progressToken": "a"},
        {"progressToken": 1.5},
        {"progressToken": None},
        {"other": 1},
        ENVELOPE,
        {**ENVELOPE, "progressToken": 3},
        {**ENVELOPE, "other": 1},
        {**ENVELOPE, "io.modelcontextprotocol/protocolVersion": "2025-11-25"},
        {**ENVELOPE, "io.modelcontextprotocol/clientInfo": {"name": 1}},
        None,
        [],
    ]
)
_HEADERS: Final = st.fixed_dictionaries(
    {},
    optional={
        "mcp-protocol-version": st.sampled_from([*REVISIONS, "2024-11-05", "1999-01-01", ""]),
        "mcp-method": st.sampled_from(["tools/call", "tools/list", ""]),
        "mcp-name": st.sampled_from(["get-ship", "ship-names", ""]),
        "accept": st.sampled_from(["application/json", "*/*", "text/html", "text/event-stream"]),
        "content-type": st.sampled_from(
            ["application/json", "application/json; charset=utf-8", "text/plain"]
        ),
    },
)


@st.composite
def _posts(draw: st.DrawFn) -> tuple[Any, dict[str, str]]:
    """Draw a request that is nearly, or quite, one of a client."""
    revision = draw(st.sampled_from(REVISIONS))
    method = draw(st.sampled_from(["tools/call", "tools/call", "tools/list", "ping"]))
    params: dict[str, Any] = {"name": "get-ship", "arguments": {"imo": "object"}}
    message, headers = _plain(revision, method, params if method == "tools/call" else {})
    changes = draw(
        st.fixed_dictionaries(
            {}, optional={"name": _NAMES, "arguments": _ARGUMENTS, "_meta": _METAS, "x": st.just(1)}
        )
    )
    message["params"] = {**message["params"], **changes}
    members = st.fixed_dictionaries(
        {},
        optional={
            "id": _IDENTITIES,
            "jsonrpc": st.sampled_from(["2.0", "1.0", 2]),
            "x": st.just(1),
            "params": st.sampled_from([None, [], "a"]),
        },
    )
    few = draw(st.booleans())
    return {**message, **({} if few else draw(members))}, {**headers, **draw(_HEADERS)}


@given(post=_posts())
def test_whatever_is_sent_is_answered_as_the_sdk_does(
    plan: McpPlan, post: tuple[Any, dict[str, str]]
) -> None:
    message, headers = post
    ours, sdks, _ = asyncio.run(_both(plan, message, headers))
    _assert_same(ours, sdks, headers.get("mcp-protocol-version"))


@pytest.mark.parametrize("revision", [STATELESS, HANDSHAKE[-1]])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"a":1}', b"\xff", b"null"])
async def test_what_is_no_request_is_left_to_the_sdk(
    plan: McpPlan, body: bytes, revision: str
) -> None:
    _, headers = _plain(revision, "tools/call", {"name": "get-ship"})
    ours, sdks, was_answered = await _both(plan, body, headers)
    assert not was_answered
    _assert_same(ours, sdks, revision)
