"""Large requests that another process answers: neither the lane nor the SDK does anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.mcp.lane import Lane
from naftiko_runtime.expose.sending import LARGE_BODY
from tests.expose.handing import Handing, receiving
from tests.expose.mcp.serving import Logged, plan_of, service_of
from tests.expose.mcp.wire import REVISIONS, headers_of, message_of
from tests.expose.rest.driving import scope_of
from tests.upstreams import RecordingClient

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

CALL = {"name": "get-ship", "arguments": {"imo": "x" * LARGE_BODY}}


@pytest.fixture(params=["the lane", "the SDK"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have requests answered by the lane, or by what they are left to."""

    async def leave(_: Lane, scope: Scope, receive: Receive, send: Send) -> Receive:
        return receive

    if request.param == "the SDK":
        monkeypatch.setattr(Lane, "__call__", leave)


async def _posted(
    folder: Path, revision: str, send: Handing, limits: Limits | None = None
) -> tuple[bytes, RecordingClient, Logged]:
    """Post a large call; return it, what upstream was asked, and what was told of calls."""
    client, logged = RecordingClient(), Logged()
    service = service_of([plan_of(folder)], client, limits, on_call=logged)
    body = json.dumps(message_of(revision, "tools/call", CALL)).encode()
    headers = headers_of(revision, "tools/call", CALL)
    fields = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = scope_of("POST", "/mcp", [(b"host", b"127.0.0.1:9090"), *fields])
    endpoint = service.endpoint("/mcp")
    assert endpoint is not None
    async with service.run():
        await endpoint(scope, receiving(body[:-1], body[-1:]), send)
    return body, client, logged


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.usefixtures("_way")
async def test_a_request_that_is_handed_over_is_left_alone(
    tmp_path: Path, revision: str, caplog: pytest.LogCaptureFixture
) -> None:
    send = Handing()
    body, client, logged = await _posted(tmp_path, revision, send)
    assert send.asked == [body]
    assert (send.sent, client.requests, logged.calls) == ([], [], [])
    assert not [one for one in caplog.records if one.name.startswith("naftiko")]


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.usefixtures("_way")
async def test_a_request_that_nobody_takes_over_is_answered_here(
    tmp_path: Path, revision: str
) -> None:
    send = Handing(is_over=False)
    body, client, logged = await _posted(tmp_path, revision, send)
    assert set(send.asked) == {body}
    assert send.sent[0]["status"] == 200
    assert (len(client.requests), len(logged.calls)) == (1, 1)


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.usefixtures("_way")
async def test_a_body_that_is_too_large_is_refused_here(tmp_path: Path, revision: str) -> None:
    send = Handing()
    _, client, _ = await _posted(tmp_path, revision, send, Limits(body_bytes=1000))
    assert send.asked == []
    assert send.sent[0]["status"] == 413
    assert not client.requests
