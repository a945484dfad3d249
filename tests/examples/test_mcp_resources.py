"""The example with resources and prompts, served as people serve it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from mcp import Client
from mcp_types import TextContent, TextResourceContents

from tests.end_to_end.commands import ROOT, Process, running, serve_command
from tests.threads import serving_in_thread

EXAMPLE = ROOT / "examples" / "mcp_resources" / "capability.yaml"
MODES = ["legacy", "auto"]


class _Registry(BaseHTTPRequestHandler):
    """Answers with the ship that is asked for."""

    def do_GET(self) -> None:
        body = json.dumps({"imo": Path(self.path).name, "name": "Ada"}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture(scope="module")
def registry() -> Iterator[str]:
    with serving_in_thread(ThreadingHTTPServer(("127.0.0.1", 0), _Registry)) as server:
        yield f"http://127.0.0.1:{server.server_port}/v1"


@pytest.fixture(scope="module")
def harbour(registry: str) -> Iterator[tuple[str, Process]]:
    with running(serve_command(EXAMPLE, f"registry={registry}"), {}) as process:
        url = process.awaits(re.compile(r"MCP +(http://\S+/mcp)"))
        assert process.stderr == "", "there is nothing to be said of it"
        yield url, process


def test_the_banner_counts_what_is_offered(harbour: tuple[str, Process]) -> None:
    _, process = harbour
    assert "capability.yaml: 0 routes, 0 tools, 3 resources, 3 prompts)" in process.stdout


@pytest.mark.parametrize("mode", MODES)
async def test_its_resources_can_be_read(harbour: tuple[str, Process], mode: str) -> None:
    texts = {}
    async with Client(harbour[0], mode=mode) as mcp:
        listed = [one.uri for one in (await mcp.list_resources()).resources]
        for uri in (*listed, "ships://9321483"):
            (contents,) = (await mcp.read_resource(uri)).contents
            assert isinstance(contents, TextResourceContents)
            texts[uri] = contents.text
    assert listed == [
        "harbour://opening-hours",
        "manual://harbours/north.yaml",
        "manual://welcome.md",
    ]
    assert texts["harbour://opening-hours"] == "Every day, 6 to 22 o'clock."
    assert texts["manual://welcome.md"].startswith("# Welcome")
    assert json.loads(texts["ships://9321483"])["imo"] == "9321483"


@pytest.mark.parametrize("mode", MODES)
async def test_its_prompts_can_be_had(harbour: tuple[str, Process], mode: str) -> None:
    said = {}
    arguments = {
        "report": {"ship": "Ada"},
        "describe-ship": {"imo": "7"},
        "shift-handover": {"notes": "fog"},
    }
    async with Client(harbour[0], mode=mode) as mcp:
        for prompt in (await mcp.list_prompts()).prompts:
            messages = (await mcp.get_prompt(prompt.name, arguments[prompt.name])).messages
            blocks = [one.content for one in messages]
            said[prompt.name] = [one.text for one in blocks if isinstance(one, TextContent)]
    assert said["report"] == ["Write a sober report on the incident with the Ada."]
    assert said["describe-ship"][1] == '{"imo":"7","name":"Ada"}'
    assert said["shift-handover"][0].endswith("\n\nfog\n")
