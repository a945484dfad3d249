"""`resources/read`: a URI in, contents out. Section 9."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from naftiko_runtime.expose.callers import RawHeaders
from naftiko_runtime.expose.mcp.contents import contents_of, contents_of_outcome
from naftiko_runtime.expose.mcp.executing import Executor, too_large
from naftiko_runtime.expose.mcp.resources import Dynamic, Meant, ResourceSet, Static
from naftiko_runtime.expose.mcp.results import UPSTREAM_STATUS
from naftiko_runtime.expose.mcp.static_files import read_file
from naftiko_runtime.load.folders import FileTooLarge
from naftiko_runtime.load.media_types import media_type_of
from naftiko_runtime.values import Deadline, Json

RESOURCE_NOT_FOUND: Final = -32002
"""What the revisions with a handshake say where there is no such resource."""

_METHOD: Final = "resources/read"
_GONE: Final = (404, 410)


def not_found(uri: str, revision: str) -> MCPError:
    """Return the error for a URI that means nothing, by the rules of a revision."""
    is_stateless = revision in MODERN_PROTOCOL_VERSIONS
    code = INVALID_PARAMS if is_stateless else RESOURCE_NOT_FOUND
    return MCPError(code, "Resource not found", {"uri": uri})


@dataclass(frozen=True, slots=True)
class ResourceReader:
    """Reads resources.

    Attributes:
        executor: Does what that takes.
    """

    executor: Executor

    async def read(
        self, resources: ResourceSet, uri: str, revision: str, headers: RawHeaders = ()
    ) -> list[Json]:
        """Return the contents of a resource.

        Raises:
            MCPError: There is none, or it can't be read.
        """
        missing = not_found(uri, revision)
        for meant in resources.find(uri):
            try:
                return [await self._contents(meant, uri, missing, headers)]
            except MCPError as error:
                if error is not missing:
                    raise
        raise missing

    async def _contents(
        self, meant: Meant, uri: str, missing: MCPError, headers: RawHeaders
    ) -> dict[str, Json]:
        if isinstance(meant, Static):
            address = meant.folder.address
            return await self.executor.do(
                _METHOD, address, headers, lambda until: _read_static(meant, uri, missing, until)
            )
        address = meant.resource.operation.address
        return await self.executor.do(
            _METHOD, address, headers, lambda until: self._read_dynamic(meant, uri, missing, until)
        )

    async def _read_dynamic(
        self, meant: Dynamic, uri: str, missing: MCPError, until: Deadline
    ) -> dict[str, Json]:
        resource = meant.resource
        try:
            outcome = await self.executor.execute(
                resource.operation, {**meant.values}, until, "resource", resource.largest
            )
        except MCPError as error:
            if _is_gone(error.data):
                raise missing from error
            raise
        return contents_of_outcome(uri, outcome, resource.mime_type, resource.binary)


async def _read_static(
    meant: Static, uri: str, missing: MCPError, until: Deadline
) -> dict[str, Json]:
    folder = meant.folder
    try:
        async with asyncio.timeout(until.remaining()):
            body = await asyncio.to_thread(read_file, folder, meant.parts)
    except FileTooLarge as error:
        raise too_large("resource", folder.largest) from error
    if body is None:
        raise missing
    name = meant.parts[-1] if meant.parts else folder.path.name
    return contents_of(uri, body, folder.mime_type or media_type_of(name), folder.binary)


def _is_gone(facts: Json) -> bool:
    """Return whether upstream itself says that there is no such thing."""
    if not isinstance(facts, dict) or facts.get("code") != UPSTREAM_STATUS:
        return False
    return facts.get("status") in _GONE
