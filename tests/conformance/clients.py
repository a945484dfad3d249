"""Clients of others, tried for real against what `naftiko serve` serves: see `make conformance`."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import orjson
import pytest

from tests.conformance.node import Node
from tests.conformance.serving import FOLDER
from tests.end_to_end.commands import (
    MODELSYNC,
    PATIENCE_SECONDS,
    POLYTOMIC,
    running_sandbox,
    serving,
)
from tests.end_to_end.faces import API_KEY, KEY, mcp_face
from tests.end_to_end.npm import run

Client: TypeAlias = Callable[[str, str, Mapping[str, Any]], Any]
"""Sends a server (its URL) a request (a method, and its parameters) and returns the result."""

_INSPECTOR: Final = "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
_INSPECTOR_WORDS: Final = {
    "tools/list": ("", ""),
    "tools/call": ("--tool-name", "--tool-arg"),
    "resources/read": ("--uri", ""),
    "prompts/get": ("--prompt-name", "--prompt-args"),
}
_TOOL_FAILED: Final = 5
"""The Inspector's exit status where the result of a tool is an error."""
_NO_NETWORK: Final = re.compile("connection broken by")
"""What pip says of an index that can not be reached, before it gives up."""


def _result(ran: subprocess.CompletedProcess[str], *good: int) -> Any:
    assert ran.returncode in (0, *good), ran.stderr
    return orjson.loads(ran.stdout)


@pytest.fixture(scope="module")
def typescript(node: Node) -> Client:
    """The TypeScript SDK."""

    def request(url: str, method: str, params: Mapping[str, Any]) -> Any:
        text = orjson.dumps(params).decode()
        return _result(node.run(PATIENCE_SECONDS, "client.mjs", url, method, text))

    return request


@pytest.fixture(scope="module")
def inspector(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """The command line of the MCP Inspector, which keeps files in its user's home."""
    home = tmp_path_factory.mktemp("home")
    launch = ("env", f"HOME={home}", node.binary, _INSPECTOR, "--cli")

    def request(url: str, method: str, params: Mapping[str, Any]) -> Any:
        options = _inspector_options(method, params)
        command = (*launch, url, "--transport", "http", "--method", method, *options)
        return _result(run(FOLDER, PATIENCE_SECONDS, *command), _TOOL_FAILED)

    return request


def _inspector_options(method: str, params: Mapping[str, Any]) -> Iterator[str]:
    """Yield the options that say what the parameters of a request say."""
    target, pairs = _INSPECTOR_WORDS[method]
    if target:
        yield from (target, params.get("name") or params["uri"])
    arguments = params.get("arguments")
    if arguments:
        yield pairs
        for name, value in arguments.items():
            yield f"{name}={value if isinstance(value, str) else orjson.dumps(value).decode()}"


@pytest.fixture(scope="module")
def fastmcp() -> Client:
    """FastMCP's client, in an environment of its own."""
    python = str(_fastmcp_environment() / "bin" / "python")

    def request(url: str, method: str, params: Mapping[str, Any]) -> Any:
        text = orjson.dumps(params).decode()
        command = (python, "fastmcp_client.py", url, method, text)
        return _result(run(FOLDER, PATIENCE_SECONDS, *command))

    return request


def _fastmcp_environment() -> Path:
    """Install what FastMCP needs, or skip the test."""
    environment = FOLDER / ".venv"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    pip = (str(environment / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check")
    installed = run(FOLDER, PATIENCE_SECONDS * 2, *pip, "--requirement", "requirements.txt")
    if installed.returncode and _NO_NETWORK.search(installed.stderr):
        pytest.skip("the Python package index can't be reached")
    assert installed.returncode == 0, installed.stderr
    return environment


@pytest.fixture(scope="module", params=["typescript", "fastmcp", "inspector"])
def client(request: pytest.FixtureRequest) -> Client:
    """One client after the other."""
    one: Client = request.getfixturevalue(request.param)
    return one


@pytest.fixture(scope="module")
def seed() -> Iterator[str]:
    """The URL of the Polytomic capability in front of a sandbox."""
    with (
        running_sandbox(API_KEY) as sandbox,
        serving(MODELSYNC, f"{POLYTOMIC}={sandbox}", KEY) as served,
    ):
        yield served.mcp


def test_it_lists_the_tools_that_the_python_client_lists(client: Client, seed: str) -> None:
    with mcp_face(seed, "legacy") as python:
        expected = [
            tool.model_dump(mode="json", by_alias=True, exclude_none=True)
            for tool in python.tools()
        ]
    assert client(seed, "tools/list", {})["tools"] == expected


def test_it_calls_a_tool(client: Client, seed: str) -> None:
    arguments = {"limit": 5, "active": True}
    result = client(seed, "tools/call", {"name": "list-syncs", "arguments": arguments})
    syncs = result["structuredContent"]["data"]
    assert [sync["active"] for sync in syncs] == [True] * 5
    assert orjson.loads(result["content"][0]["text"])["data"] == syncs


def test_it_gets_an_image(client: Client, everything: str) -> None:
    result = client(everything, "tools/call", {"name": "test_image_content", "arguments": {}})
    [block] = result["content"]
    assert (block["type"], block["mimeType"]) == ("image", "image/png")


def test_it_learns_that_a_call_failed(client: Client, everything: str) -> None:
    result = client(everything, "tools/call", {"name": "test_error_handling", "arguments": {}})
    assert result["isError"]
    assert "404 Not Found" in result["content"][0]["text"]


def test_it_reads_a_resource(client: Client, everything: str) -> None:
    uri = "test://template/7/data"
    [contents] = client(everything, "resources/read", {"uri": uri})["contents"]
    assert (contents["uri"], contents["mimeType"]) == (uri, "application/json")
    assert orjson.loads(contents["text"])["id"] == "7"


def test_it_gets_a_prompt(client: Client, everything: str) -> None:
    arguments = {"arg1": "one", "arg2": "two"}
    params = {"name": "test_prompt_with_arguments", "arguments": arguments}
    [message] = client(everything, "prompts/get", params)["messages"]
    assert message["role"] == "user"
    assert message["content"]["text"] == "Prompt with arguments: arg1='one', arg2='two'"
