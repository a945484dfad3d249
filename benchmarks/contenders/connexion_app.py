"""Routes made of an OpenAPI document: Connexion and httpx, on uvicorn."""

from __future__ import annotations

import json
import sys
from typing import Any

import httpx
import uvicorn
from connexion import AsyncApp
from connexion.resolver import Resolver


def main(port: int, upstream: str, document: str) -> None:
    """Serve the one route."""
    client = httpx.AsyncClient(base_url=upstream)

    async def get_part(id: str) -> tuple[Any, int]:  # noqa: A002 - the parameter's name
        answer = await client.get(f"/v1/things/{id}/part-0")
        return answer.json(), answer.status_code

    app = AsyncApp(__name__)
    app.add_api(json.loads(document), resolver=Resolver(lambda _: get_part))
    uvicorn.run(app, port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
