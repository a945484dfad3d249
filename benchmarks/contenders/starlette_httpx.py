"""A route written by hand: Starlette and httpx, on uvicorn."""

from __future__ import annotations

import sys

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def application(upstream: str) -> Starlette:
    """Return an application that passes answers on."""
    client = httpx.AsyncClient(base_url=upstream)

    async def get_part(request: Request) -> Response:
        answer = await client.get(f"/v1/things/{request.path_params['id']}/part-0")
        return Response(answer.content, answer.status_code, media_type="application/json")

    return Starlette(routes=[Route("/v1/things/{id}/part-0", get_part)])


if __name__ == "__main__":
    uvicorn.run(
        application(sys.argv[2]), port=int(sys.argv[1]), log_level="error", access_log=False
    )
