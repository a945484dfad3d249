"""The protocol's revisions, as requests over HTTP name theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_MODERN_VERSION

if TYPE_CHECKING:
    from starlette.types import Scope

REVISION: Final = b"mcp-protocol-version"
"""The header that names the revision."""

NEWEST: Final = LATEST_MODERN_VERSION.encode()
"""The newest revision, which has no handshake."""

WITH_HANDSHAKE: Final = frozenset({*(one.encode() for one in HANDSHAKE_PROTOCOL_VERSIONS), None})
"""The revisions with a handshake; a request that names none is of one of them."""


def revision_of(scope: Scope) -> bytes | None:
    """Return the revision that a request names; None if it names none."""
    return next((value for name, value in scope["headers"] if name == REVISION), None)
