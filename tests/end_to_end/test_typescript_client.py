"""A client in another language: the TypeScript SDK from npm."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.end_to_end import npm
from tests.end_to_end.commands import PATIENCE_SECONDS, Served
from tests.end_to_end.faces import McpFace

SOURCES = Path(__file__).parent / "typescript"


@pytest.fixture(scope="module")
def seen(polytomic: Served, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the TypeScript client got."""
    folder = tmp_path_factory.mktemp("typescript")
    shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
    npm.install(folder, PATIENCE_SECONDS)
    ran = npm.run(folder, PATIENCE_SECONDS, "node", "client.mjs", polytomic.mcp)
    assert ran.returncode == 0, ran.stderr
    return orjson.loads(ran.stdout)


def test_it_lists_the_tools_that_the_python_client_lists(seen: Any, handshaken: McpFace) -> None:
    expected = [
        tool.model_dump(mode="json", by_alias=True, exclude_none=True)
        for tool in handshaken.tools()
    ]
    assert seen["tools"] == expected


def test_it_calls_a_tool(seen: Any) -> None:
    assert not seen["result"].get("isError")
    syncs = seen["result"]["structuredContent"]["data"]
    assert len(syncs) == 5
    assert all(sync["active"] for sync in syncs)
    assert orjson.loads(seen["result"]["content"][0]["text"])["data"] == syncs


def test_it_speaks_a_revision_that_is_offered(seen: Any) -> None:
    assert seen["protocolVersion"] in ("2025-03-26", "2025-06-18", "2025-11-25")
