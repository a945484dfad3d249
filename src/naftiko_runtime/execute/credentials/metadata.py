"""Where authorization servers describe themselves: RFC 8414, and OpenID Connect Discovery 1.0."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from naftiko_runtime.plan.web_addresses import is_web_address
from naftiko_runtime.values import Json

_OAUTH: Final = "/.well-known/oauth-authorization-server"
_OPENID: Final = "/.well-known/openid-configuration"


def metadata_urls(server: str) -> tuple[str, ...]:
    """Return where a server's metadata may be, the likeliest place first.

    Args:
        server: The issuer, without a slash at its end.
    """
    parts = urlsplit(server)
    host = f"{parts.scheme}://{parts.netloc}"
    inserted = (host + _OAUTH + parts.path, host + _OPENID + parts.path)
    appended = (server + _OPENID, server + _OAUTH)
    return tuple(dict.fromkeys((*inserted, *appended)))


def is_own(metadata: dict[str, Json], server: str) -> bool:
    """Return whether metadata is the server's own; other must not be used, RFC 8414 section 3.3."""
    issuer = metadata.get("issuer")
    return isinstance(issuer, str) and issuer.rstrip("/") == server


def is_trusted(url: str, server: str) -> bool:
    """Return whether a URL in a server's metadata is no step back from TLS."""
    return is_web_address(url) and (
        urlsplit(url).scheme == "https" or urlsplit(server).scheme == "http"
    )
