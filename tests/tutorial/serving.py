"""Capabilities in front of the stand-in, served in this process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.listener import Listener
from naftiko_runtime.expose.listeners import Overrides, plan_listeners
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.loading import load_capability
from naftiko_runtime.runtime.assembly import Assembler
from naftiko_runtime.runtime.sockets import bind_all
from naftiko_runtime.values import Json
from tests.corpus.asgi import Answer, ask
from tests.corpus.http_call import HttpCall
from tests.tutorial.stand_in import BASE_URIS, StandIn

TOKEN: Final = "sk-mcp-YYYYYYYYYYYY"
"""What callers of the steps from the third on have to bring."""

_PORTS: Final = Overrides(host="127.0.0.1", rest_port=0, mcp_port=0)
_MCP: Final = {
    "content-type": "application/json",
    "accept": "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
}


@dataclass(frozen=True, slots=True)
class Served:
    """A capability that is being served.

    Attributes:
        faces: The listeners of its adapters, by `rest` and `mcp`.
    """

    faces: Mapping[str, Listener]

    async def rest(self, method: str, target: str, body: Json = None) -> Answer:
        """Send a request to a REST adapter."""
        path, _, query = target.partition("?")
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} if content else {}
        return await ask(self.faces["rest"], HttpCall(method, path, query, headers, content))

    async def mcp(
        self, method: str, params: Mapping[str, Json], headers: Mapping[str, str]
    ) -> Answer:
        """Send a JSON-RPC request to the MCP adapter."""
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        call = HttpCall("POST", "/mcp", "", {**_MCP, **headers}, json.dumps(message).encode())
        return await ask(self.faces["mcp"], call)

    async def tools(self) -> dict[str, Any]:
        """Return the tools that are listed, by name."""
        result = await self._result("tools/list", {})
        return {tool["name"]: tool for tool in result["tools"]}

    async def call(self, tool: str, arguments: Mapping[str, Json]) -> Any:
        """Return the result of a tool call."""
        return await self._result("tools/call", {"name": tool, "arguments": dict(arguments)})

    async def structured(self, tool: str, arguments: Mapping[str, Json]) -> Any:
        """Return the structured content of a call that succeeds, which its text says as well.

        An answer that is no object is the member `result` there, and bare in the text.
        """
        result = await self.call(tool, arguments)
        assert result["isError"] is False, result
        [block] = result["content"]
        structured = result["structuredContent"]
        answer = structured["result"] if [*structured] == ["result"] else structured
        assert block["text"] == _compact(answer)
        return structured

    async def _result(self, method: str, params: Mapping[str, Json]) -> Any:
        answer = await self.mcp(method, params, {"authorization": f"Bearer {TOKEN}"})
        assert answer.status == 200, answer
        return json.loads(answer.body)["result"]


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@asynccontextmanager
async def served(file: Path, upstream: StandIn) -> AsyncIterator[Served]:
    """Serve a sound capability file, its base URIs and ports replaced as an operator does it."""
    loaded = load_capability(file, LoadOptions(base_uris=BASE_URIS))
    assert loaded.capability is not None
    assert loaded.diagnostics == ()
    plans = plan_listeners([loaded.capability], _PORTS, Diagnostics())
    assembler = Assembler(Engine(upstream.client), Callers(upstream.client), Limits())
    async with AsyncExitStack() as stack:
        faces: dict[str, Listener] = {}
        for bound, listener in assembler.listeners(bind_all(plans)):
            stack.enter_context(bound.socket)
            await stack.enter_async_context(listener.services.mcp.run())
            faces["rest" if bound.plan.rest else "mcp"] = listener
        yield Served(faces)
