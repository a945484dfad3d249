"""Plain requests: those of which it is certain how the SDK would take them.

What is not plain is not judged here; the SDK sees it as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from mcp_types import (
    CLIENT_CAPABILITIES_META_KEY,
    CLIENT_INFO_META_KEY,
    PROTOCOL_VERSION_META_KEY,
    methods,
)
from mcp_types.version import LATEST_MODERN_VERSION
from pydantic import ValidationError
from pydantic_core import from_json

from naftiko_runtime.expose.mcp.heads import PlainHead
from naftiko_runtime.plan.expressions import to_json
from naftiko_runtime.values import Json, record

_MESSAGE: Final = frozenset({"jsonrpc", "id", "method", "params"})
_PARAMS: Final = {
    "tools/call": frozenset({"name", "arguments", "_meta"}),
    "tools/list": frozenset({"cursor", "_meta"}),
}
_ENVELOPE: Final = frozenset(
    {PROTOCOL_VERSION_META_KEY, CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY}
)
_PROGRESS: Final = "progressToken"
_MOST_ENVELOPES: Final = 1024
_LARGEST_ENVELOPE: Final = 2048
"""How many bytes an envelope may have that is kept in mind; those of clients have a few hundred."""

_LARGEST_ID: Final = 2**53


@record
class PlainRequest:
    """A plain `tools/call` or `tools/list`.

    Attributes:
        identity: The JSON-RPC id.
        method: Which of the two it is.
        params: As JSON; valid by the revision.
    """

    identity: str | int
    method: str
    params: dict[str, Any]


class PlainReader:
    """Reads plain requests, and keeps in mind which clients it has met."""

    def __init__(self) -> None:
        self._envelopes: set[bytes] = set()

    def read(self, head: PlainHead, body: bytes) -> PlainRequest | None:
        """Return a request; None if it is not plain."""
        if not body.startswith(b"{"):
            return None
        try:
            message = from_json(body)
        except ValueError:
            return None
        if type(message) is not dict or not message.keys() <= _MESSAGE:
            return None
        identity, method = message.get("id"), message.get("method")
        params = message.get("params", {})
        if (
            message.get("jsonrpc") != "2.0"
            or not _is_identity(identity)
            or not _is_method(method)
            or not _are_params(params, method)
        ):
            return None
        meta = params.get("_meta", {})
        takes = self._is_enveloped(head, method, params) if head.is_stateless else _is_meta(meta)
        return PlainRequest(identity, method, params) if takes else None

    def _is_enveloped(self, head: PlainHead, method: str, params: dict[str, Any]) -> bool:
        """Return whether a request is what its headers say, and its envelope is valid."""
        named = head.name == params["name"].encode() if method == "tools/call" else True
        if not (named and head.method == method.encode() and type(params.get("_meta")) is dict):
            return False
        meta = params["_meta"]
        envelope = {name: value for name, value in meta.items() if name != _PROGRESS}
        if not (_is_token(meta) and envelope.keys() <= _ENVELOPE):
            return False
        key = to_json(envelope)
        return key in self._envelopes or self._learn(key, envelope)

    def _learn(self, key: bytes, envelope: Mapping[str, Json]) -> bool:
        """Return whether the SDK finds an envelope valid; keep in mind those that are."""
        if envelope.get(PROTOCOL_VERSION_META_KEY) != LATEST_MODERN_VERSION:
            return False
        try:
            methods.validate_client_request(
                "tools/list", LATEST_MODERN_VERSION, {"_meta": envelope}
            )
        except ValidationError:
            return False
        if len(key) <= _LARGEST_ENVELOPE and len(self._envelopes) < _MOST_ENVELOPES:
            self._envelopes.add(key)
        return True


def _is_identity(identity: object) -> TypeGuard[str | int]:
    if type(identity) is int:
        return -_LARGEST_ID < identity < _LARGEST_ID
    return type(identity) is str


def _is_method(method: object) -> TypeGuard[str]:
    return type(method) is str and method in _PARAMS


def _are_params(params: object, method: str) -> TypeGuard[dict[str, Any]]:
    if type(params) is not dict or not params.keys() <= _PARAMS[method]:
        return False
    if method == "tools/list":
        return type(params.get("cursor")) in (str, type(None))
    return type(params.get("name")) is str and type(params.get("arguments")) in (dict, type(None))


def _is_meta(meta: Any) -> bool:
    return type(meta) is dict and meta.keys() <= {_PROGRESS} and _is_token(meta)


def _is_token(meta: dict[str, Any]) -> bool:
    return _PROGRESS not in meta or type(meta[_PROGRESS]) in (str, int)
