"""The least that an application on uvicorn does: no route, no check; with its upstream call or not.

The upstream client is the runtime's own.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import uvicorn

from naftiko_runtime.execute.upstream.message import UpstreamRequest
from naftiko_runtime.execute.upstream.pooled import PooledClient
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_HEADERS = ((b"accept", b"*/*"), (b"user-agent", b"plain"))


def proxy(upstream: int) -> ASGIApp:
    """Return an application that passes answers on."""
    client, origin = PooledClient(), Origin("http", "127.0.0.1", upstream)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        request = UpstreamRequest("GET", origin, scope["raw_path"], _HEADERS)
        response = await client.send(request, Deadline.after(30))
        await _send(response.body, send)

    return answer


def fixed(body: bytes) -> ASGIApp:
    """Return an application that answers by itself."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await _send(body, send)

    return answer


async def _send(body: bytes, send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    upstream = sys.argv[2].rpartition(":")[2]
    application = proxy(int(upstream)) if upstream else fixed(b'"%b"' % (b"x" * 2046))
    uvicorn.run(application, port=int(sys.argv[1]), log_level="error", access_log=False)
