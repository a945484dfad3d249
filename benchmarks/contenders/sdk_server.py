"""A tool written by hand: the MCP SDK's low-level server and httpx, on uvicorn."""

from __future__ import annotations

import sys

import httpx
import mcp_types as types
import uvicorn
from mcp.server import Server, ServerRequestContext
from starlette.applications import Starlette

_SCHEMA = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}


def application(upstream: str) -> Starlette:
    """Return an application with one tool that passes answers on."""
    client = httpx.AsyncClient(base_url=upstream)

    async def list_tools(
        _context: ServerRequestContext[object], _params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        tool = types.Tool(name="get_part_0", description="A part.", input_schema=_SCHEMA)
        return types.ListToolsResult(tools=[tool])

    async def call_tool(
        _context: ServerRequestContext[object], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        identity = (params.arguments or {})["id"]
        answer = await client.get(f"/v1/things/{identity}/part-0")
        return types.CallToolResult(content=[types.TextContent(type="text", text=answer.text)])

    server = Server("sdk", on_list_tools=list_tools, on_call_tool=call_tool)
    return server.streamable_http_app(json_response=True, stateless_http=True)


if __name__ == "__main__":
    uvicorn.run(
        application(sys.argv[2]), port=int(sys.argv[1]), log_level="error", access_log=False
    )
