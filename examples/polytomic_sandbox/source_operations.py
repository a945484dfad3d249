"""The operations on the sources of a connection."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from polytomic_sandbox import query
from polytomic_sandbox.connections import CONNECTIONS, Connection
from polytomic_sandbox.errors import NotFound
from polytomic_sandbox.messages import Data
from polytomic_sandbox.sources import describe_source, source_fields


async def get_source(request: Request) -> Response:
    """GET /api/connections/{id}/modelsync/source."""
    parameters = query.deep_object(request.query_params, "params")
    return Data(describe_source(_connection(request), parameters))


async def get_source_fields(request: Request) -> Response:
    """GET /api/connections/{id}/modelsync/source/fields."""
    parameters = query.deep_object(request.query_params, "params")
    return Data(source_fields(_connection(request), parameters))


def _connection(request: Request) -> Connection:
    connection = CONNECTIONS.get(request.path_params["id"].lower())
    if connection is None:
        raise NotFound("connection not found")
    return connection
