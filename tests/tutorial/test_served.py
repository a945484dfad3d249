"""A step of the tutorial as people run it: the command, other processes, the official client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.end_to_end.commands import Process, assert_no_secret, running
from tests.threads import serving_in_thread
from tests.tutorial.serving import TOKEN
from tests.tutorial.stand_in import BASE_URIS, Apis, StandIn

STEP: Final = "step-5-shipyard-multi-source.yml"
SECRETS: Final = ("dummy-token", "dummy-dockyard-key", TOKEN)


class Upstream(ThreadingHTTPServer):
    """Both APIs on one port, below the paths of their base URIs."""

    def __init__(self, apis: Apis) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.stand_in = StandIn(apis)

    def options(self) -> Iterator[str]:
        """Yield the options of `serve` that make the capability call it."""
        for namespace, base_uri in BASE_URIS.items():
            path = urlsplit(base_uri).path
            yield f"--base-uri={namespace}=http://127.0.0.1:{self.server_port}{path}"


class _Request(BaseHTTPRequestHandler):
    server: Upstream

    def do_GET(self) -> None:
        [base_uri] = [one for one in BASE_URIS.values() if self.path.startswith(_folder(one))]
        url = f"{base_uri}/{self.path.removeprefix(_folder(base_uri))}"
        example = self.server.stand_in.example("GET", url)
        assert example is not None
        body = example.body(b"")
        self.send_response(example.status)
        self.send_header("Content-Type", example.media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep the tests' output clean."""


def _folder(base_uri: str) -> str:
    return f"{urlsplit(base_uri).path}/"


@pytest.fixture(scope="module")
def url(tutorial: Path, apis: Apis) -> Iterator[str]:
    """Where the step's MCP server is while its command runs."""
    with serving_in_thread(Upstream(apis)) as upstream:
        command = ["-m", "naftiko_runtime", "serve", str(tutorial / STEP), "--mcp-port=0"]
        with running([*command, *upstream.options()], {}) as process:
            yield process.awaits(re.compile(r"MCP +(http://\S+/mcp)\b"))
            _assert_ends_well(process)


def _assert_ends_well(process: Process) -> None:
    process.terminate()
    assert process.wait() == 0, process.stderr
    for secret in SECRETS:
        assert_no_secret(secret, process.stdout + process.stderr)


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_the_official_client_calls_tools_of_both_apis(
    url: str, mode: Literal["legacy", "2026-07-28"]
) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        httpx2.AsyncClient(headers=headers, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        tools = [tool.name for tool in (await client.list_tools()).tools]
        ship = await client.call_tool("get-ship", {"imo": "IMO-9456781"})
        vessels = await client.call_tool("list-legacy-vessels", {"status": "laid_up"})
    assert tools == ["list-ships", "get-ship", "list-legacy-vessels"]
    assert ship.structured_content is not None
    assert ship.structured_content["specs"]["length"] == 274
    assert vessels.structured_content is not None
    assert [one["name"] for one in vessels.structured_content["result"]] == ["Iron Maiden"]
