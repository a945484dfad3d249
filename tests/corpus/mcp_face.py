"""The MCP tools of a capability, called over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from naftiko_runtime.expose.mcp.service import McpService
from naftiko_runtime.plan.adapters import Tool
from naftiko_runtime.values import Json
from tests.corpus.asgi import Answer, ask
from tests.corpus.http_call import HttpCall
from tests.corpus.oracle.exposed import Unit
from tests.corpus.oracle.inputs import ExpectedInput
from tests.corpus.reply import Reply

_MCP_HEADERS: Final = {
    "content-type": "application/json",
    "accept": "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
}


class McpFace:
    """The MCP tools of a capability."""

    def __init__(self, service: McpService, tools: Mapping[str, Tool]) -> None:
        self._service = service
        self._tools = tools

    async def call(
        self, unit: Unit, inputs: Sequence[ExpectedInput], arguments: Mapping[str, Json]
    ) -> Reply:
        """Call the tool with the arguments under their published names."""
        tool = self._tools[unit.name]
        named = {self.published(unit, name): value for name, value in arguments.items()}
        params = {"name": tool.name, "arguments": named}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        call = HttpCall("POST", "/mcp", "", _MCP_HEADERS, json.dumps(message).encode())
        endpoint = self._service.endpoint(call.path)
        if endpoint is None:
            return Reply(False, False, "nothing is served at /mcp")
        return _reply(await ask(endpoint, call))

    def published(self, unit: Unit, name: str) -> str:
        """Return the name that clients take, where they reject an input's own (section 4.6)."""
        arguments = self._tools[unit.name].arguments
        return next((key for key, one in arguments.items() if one == name), name)


def _reply(answer: Answer) -> Reply:
    response = json.loads(answer.body) if answer.status == 200 else {}
    is_error = response.get("result", {}).get("isError", None)
    return Reply(is_error is False, is_error is True, f"{answer.status} {answer.body.decode()}")
