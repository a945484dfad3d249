"""What is served: an answer of a given size, and capabilities with as many operations as asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SEED = Path(__file__).parent.parent / "capabilities" / "modelsync.yaml"
SEED_PATH = "/v1/api/syncs/9b2c6f0e"
SEED_TOOL = ("get-sync", {"id": "9b2c6f0e"})
SEED_ENVIRONMENT = {"POLYTOMIC_API_KEY": "key"}
PEER_TOOL = ("get_part_0", {"id": "7"})
"""The tool of other servers; FastMCP makes no names with hyphens."""
MANY = 1158
"""The operations of the largest API whose generated capability was found."""

_IDENTITY = """\
        - type: object
          mapping: $.
"""
_FIVE_FIELDS = """\
        - type: object
          properties:
            title: {type: string, mapping: $.data.name}
            bytes: {type: integer, mapping: $.data.size}
            owner: {type: string, mapping: '$.data.owner.name'}
            first: {type: string, mapping: '$.data.tags[0]'}
            open: {type: boolean, mapping: $.data.is_open}
"""


def body(size: int) -> bytes:
    """Return a JSON document of so many bytes."""
    data = {
        "name": "orders",
        "size": size,
        "owner": {"name": "ada", "id": 7},
        "tags": ["new", "large"],
        "is_open": True,
        "text": "",
    }
    empty = len(json.dumps({"data": data}))
    return json.dumps({"data": {**data, "text": "x" * (size - empty)}}).encode()


def path(number: int = 0) -> str:
    """Return the path of a generated route."""
    return f"/things/7/part-{number}"


def tool(number: int = 0) -> tuple[str, dict[str, str]]:
    """Return the name and the arguments of a generated tool."""
    return f"get-part-{number}", {"id": "7"}


def openapi() -> dict[str, Any]:
    """Return the first operation of the generated API as an OpenAPI document."""
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    content = {"application/json": {"schema": {"type": "object"}}}
    get = {
        "operationId": PEER_TOOL[0],
        "parameters": [parameter],
        "responses": {"200": {"description": "A part.", "content": content}},
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/v1/things/{id}/part-0": {"get": get}},
    }


def capability(operations: int, *, is_shaped: bool = False, size: int = 0) -> str:
    """Return a capability whose routes and tools each call an operation of their own.

    Args:
        operations: How many.
        is_shaped: Whether answers are five mapped fields, instead of passed on.
        size: How many bytes it has at least; descriptions fill it up.
    """
    plain = "".join(_lines(operations, is_shaped, ""))
    missing = max(0, size - len(plain)) // (3 * operations) + (1 if size else 0)
    return "".join(_lines(operations, is_shaped, " It says more." * (missing // 14 + 1)))


def _lines(operations: int, is_shaped: bool, more: str) -> Iterator[str]:
    outputs = _FIVE_FIELDS if is_shaped else _IDENTITY
    described = f"A part of a thing.{more}"
    yield "naftiko: 1.0.0-alpha3\ninfo: {label: Generated, description: Generated}\n"
    yield "capability:\n  consumes:\n  - type: http\n    namespace: things\n"
    yield "    baseUri: http://127.0.0.1:1\n    resources:\n"
    for number in range(operations):
        yield f"""\
    - name: part-{number}
      path: /v1/things/{{id}}/part-{number}
      operations:
      - name: get-part-{number}
        method: GET
        description: {described}
        inputParameters:
        - {{name: id, in: path, type: string, required: true, description: The thing.}}
"""
    yield "  exposes:\n  - type: rest\n    namespace: things-rest\n    port: 8080\n    resources:\n"
    for number in range(operations):
        yield f"""\
    - path: /things/{{id}}/part-{number}
      name: part-{number}
      operations:
      - method: GET
        name: get-part-{number}
        description: {described}
        call: things.get-part-{number}
        with: {{id: rest.id}}
        outputParameters:
{outputs}"""
    yield "  - type: mcp\n    namespace: things-mcp\n    port: 9090\n    tools:\n"
    for number in range(operations):
        yield f"""\
    - name: get-part-{number}
      description: {described}
      call: things.get-part-{number}
      with: {{id: tools.id}}
      outputParameters:
{outputs.replace("        - ", "      - ", 1).replace(chr(10) + "  ", chr(10))}"""
