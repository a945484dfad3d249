"""What runs beside the end-to-end tests: the sandbox, upstreams, served capabilities."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.end_to_end.calls import create_sync, sync_body
from tests.end_to_end.commands import (
    MODELSYNC,
    POLYTOMIC,
    Serve,
    Served,
    running_sandbox,
    serving,
)
from tests.end_to_end.faces import API_KEY, KEY, Face, McpFace, RestFace, mcp_face, rest_client
from tests.end_to_end.scripted_upstream import (
    ScriptedUpstream,
    refusing_upstream,
    scripted_upstream,
)


@pytest.fixture(scope="session")
def served() -> Serve:
    """What serves a capability for as long as a `with` block lasts."""
    return serving


@pytest.fixture(scope="session")
def sandbox() -> Iterator[str]:
    """The base URL of a Polytomic sandbox that takes no key but `API_KEY`."""
    with running_sandbox(API_KEY) as url:
        yield url


@pytest.fixture(scope="session")
def polytomic(served: Serve, sandbox: str) -> Iterator[Served]:
    """The Polytomic capability in front of the sandbox, with the key."""
    with served(MODELSYNC, f"{POLYTOMIC}={sandbox}", KEY) as runtime:
        yield runtime


@pytest.fixture(scope="session")
def keyless(served: Serve, sandbox: str) -> Iterator[Served]:
    """The Polytomic capability in front of the sandbox, without a key."""
    with served(MODELSYNC, f"{POLYTOMIC}={sandbox}", {}) as runtime:
        yield runtime


@pytest.fixture(scope="session")
def upstream() -> Iterator[ScriptedUpstream]:
    """An upstream that records, and misbehaves when asked to."""
    with scripted_upstream() as upstream:
        yield upstream


@pytest.fixture(scope="session")
def scripted(served: Serve, upstream: ScriptedUpstream) -> Iterator[Served]:
    """The Polytomic capability in front of the scripted upstream, with the key."""
    with served(MODELSYNC, f"{POLYTOMIC}={upstream.url}", KEY) as runtime:
        yield runtime


@pytest.fixture(scope="session")
def impatient(served: Serve, upstream: ScriptedUpstream) -> Iterator[Served]:
    """The same, but calls may only take half a second."""
    with served(MODELSYNC, f"{POLYTOMIC}={upstream.url}", KEY, "--timeout", "0.5") as runtime:
        yield runtime


@pytest.fixture(scope="session")
def dead_end(served: Serve) -> Iterator[Served]:
    """The Polytomic capability in front of a port where nothing listens."""
    with refusing_upstream() as url, served(MODELSYNC, f"{POLYTOMIC}={url}", KEY) as runtime:
        yield runtime


@pytest.fixture(scope="session")
def client(polytomic: Served) -> Iterator[httpx.Client]:
    """A client written for Polytomic's API, with another base URL."""
    with rest_client(f"{polytomic.rest}/v1") as client:
        yield client


@pytest.fixture(scope="session")
def handshaken(polytomic: Served) -> Iterator[McpFace]:
    """An MCP client that began with a handshake."""
    with mcp_face(polytomic.mcp, "legacy") as face:
        yield face


@pytest.fixture(scope="session")
def stateless(polytomic: Served) -> Iterator[McpFace]:
    """An MCP client without a handshake."""
    with mcp_face(polytomic.mcp, "2026-07-28") as face:
        yield face


@pytest.fixture(params=["rest", "handshaken", "stateless"])
def face(request: pytest.FixtureRequest) -> Face:
    """Each face in turn."""
    if request.param == "rest":
        return RestFace(request.getfixturevalue("client"))
    face: Face = request.getfixturevalue(request.param)
    return face


@pytest.fixture
def sync_id(client: httpx.Client) -> str:
    """The id of a sync that the test may do with as it likes."""
    sync_id: str = RestFace(client).answer(create_sync(sync_body())).body["data"]["id"]
    return sync_id
