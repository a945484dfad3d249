"""The OpenAPI 3.1 description of a listener's routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from naftiko_runtime.expose.rest.openapi_components import PROBLEM, security_schemes
from naftiko_runtime.expose.rest.openapi_operation import describe_operation
from naftiko_runtime.plan.adapters import RestPlan, Route
from naftiko_runtime.plan.paths import Variable
from naftiko_runtime.plan.routes import RouteTable
from naftiko_runtime.values import Json

VERSION: Final = "3.1.0"
_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def openapi_document(
    plans: Sequence[RestPlan], title: str, version: str, servers: Sequence[str]
) -> dict[str, Json]:
    """Describe what is served.

    Methods that OpenAPI has no word for are left out.

    Args:
        plans: The adapters of a listener.
        title: What it is called.
        version: The version of what is described.
        servers: The URLs where it is reached.
    """
    routes = list(_served(plans))
    info: dict[str, Json] = {"title": title, "version": version}
    description = "\n\n".join(plan.description for plan in plans if plan.description)
    if description:
        info["description"] = description
    components: dict[str, Json] = {"schemas": {"Problem": PROBLEM}}
    schemes = security_schemes(routes)
    if schemes:
        components["securitySchemes"] = schemes
    return {
        "openapi": VERSION,
        "info": info,
        "servers": [{"url": url} for url in servers],
        "tags": [{"name": name} for name in dict.fromkeys(route.resource for route in routes)],
        "paths": _paths(routes),
        "components": components,
    }


def _served(plans: Sequence[RestPlan]) -> Iterator[Route]:
    """Yield the routes that are reached, which are the first of each method and path."""
    table: RouteTable[Route] = RouteTable()
    for plan in plans:
        for route in plan.routes:
            is_first = table.add(route.method, route.path, route) is None
            if is_first and route.method.lower() in _METHODS:
                yield route


def _paths(routes: Iterable[Route]) -> dict[str, Json]:
    """Describe all routes by path.

    Paths that differ only in what their variables are called are one path for OpenAPI: the names
    of the first are taken.
    """
    paths: dict[str, dict[str, Json]] = {}
    known: dict[str, Route] = {}
    identifiers: set[str] = set()
    for route in routes:
        first = known.setdefault(_shape(route), route)
        names = dict(zip(_variables(route), _variables(first), strict=True))
        described = describe_operation(route, _identifier(route, identifiers), names)
        paths.setdefault(str(first.path), {})[route.method.lower()] = described
    return {**paths}


def _shape(route: Route) -> str:
    return "".join("{}" if isinstance(part, Variable) else part for part in route.path.parts)


def _variables(route: Route) -> list[str]:
    return [part.name for part in route.path.parts if isinstance(part, Variable)]


def _identifiers(route: Route) -> Iterator[str]:
    yield route.name
    yield route.operation.address
    yield f"{route.method} {route.path}"


def _identifier(route: Route, taken: set[str]) -> str:
    """Return a name for a route that no other one has."""
    name = next((choice for choice in _identifiers(route) if choice not in taken), "")
    taken.add(name)
    return name
