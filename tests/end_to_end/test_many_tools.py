"""More tools than anybody has written so far, and clients on standard input: sections 8 and 9."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp_types import PaginatedRequestParams

from tests.end_to_end.commands import PATIENCE_SECONDS, ROOT, clean_environment, running

NAMES = [f"tool-{number}" for number in range(1300)]
URL = re.compile(r"MCP +(http://\S+/mcp)\b")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    answer = "outputParameters: [{name: text, type: string, value: here}]"
    tools = "".join(f"    - {{name: {one}, description: A tool, {answer}}}\n" for one in NAMES)
    file = tmp_path_factory.mktemp("many") / "many.yaml"
    head = "naftiko: 1.0.0-alpha3\ncapability:\n  exposes:\n  - type: mcp\n    namespace: many\n"
    file.write_text(f"{head}    tools:\n{tools}")
    return file


async def _pages(server: str | StdioServerParameters) -> list[list[str]]:
    """Return the names on each page of `tools/list`; call the last of them."""
    pages: list[list[str]] = []
    async with Client(server, read_timeout_seconds=PATIENCE_SECONDS) as client:
        listed = await client.session.list_tools()
        pages.append([tool.name for tool in listed.tools])
        while listed.next_cursor is not None:
            following = PaginatedRequestParams(cursor=listed.next_cursor)
            listed = await client.session.list_tools(params=following)
            pages.append([tool.name for tool in listed.tools])
        result = await client.call_tool(pages[-1][-1], {})
        assert not result.is_error
    return pages


@pytest.mark.parametrize(
    ("options", "sizes"),
    [((), [1300]), (("--page-size", "500"), [500, 500, 300])],
    ids=["one page", "pages"],
)
def test_all_tools_are_listed_in_the_order_of_the_document(
    many: Path, options: tuple[str, ...], sizes: list[int]
) -> None:
    command = ["-m", "naftiko_runtime", "serve", str(many), "--mcp-port", "0", *options]
    with running(command, {}) as process:
        pages = anyio.run(_pages, process.awaits(URL))
    assert [len(page) for page in pages] == sizes
    assert [name for page in pages for name in page] == NAMES


def test_clients_may_start_the_command_and_talk_on_standard_input(many: Path) -> None:
    command = ["-m", "naftiko_runtime", "serve", "--stdio", str(many)]
    server = StdioServerParameters(
        command=sys.executable, args=command, cwd=ROOT, env=clean_environment({})
    )
    assert anyio.run(_pages, server) == [NAMES]
