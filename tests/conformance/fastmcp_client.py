"""Sends one request to an MCP server with FastMCP's client; prints the result as JSON.

Usage: python fastmcp_client.py URL METHOD PARAMS, the last as JSON
"""

from __future__ import annotations

import asyncio
import json
import sys

from fastmcp import Client


async def _request(url: str, method: str, params: str) -> str:
    async with Client(url) as client:
        requests = {
            "tools/list": client.list_tools_mcp,
            "tools/call": client.call_tool_mcp,
            "resources/read": client.read_resource_mcp,
            "prompts/get": client.get_prompt_mcp,
        }
        result = await requests[method](**json.loads(params))
    return str(result.model_dump_json(by_alias=True, exclude_none=True))


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(_request(*sys.argv[1:])))
