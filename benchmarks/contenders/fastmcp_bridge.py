"""Tools made of an OpenAPI document: FastMCP, on uvicorn."""

from __future__ import annotations

import json
import sys

import httpx
import uvicorn
from fastmcp import FastMCP


def main(port: int, upstream: str, document: str) -> None:
    """Serve the one tool."""
    client = httpx.AsyncClient(base_url=upstream)
    server = FastMCP.from_openapi(json.loads(document), client)
    app = server.http_app(stateless_http=True, json_response=True)
    uvicorn.run(app, port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
