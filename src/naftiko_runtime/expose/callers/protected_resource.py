"""What is protected by an authorization server, described as RFC 9728 has it."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit, urlunsplit

from naftiko_runtime.plan.proofs import OAuth2Check
from naftiko_runtime.plan.web_addresses import is_web_address
from naftiko_runtime.values import Json

WELL_KNOWN: Final = "/.well-known/oauth-protected-resource"


def metadata_url(check: OAuth2Check) -> str | None:
    """Return where the description of a resource is, RFC 9728 section 3.1; None without a URL."""
    if check.resource is None or not check.server or not is_web_address(check.resource):
        return None
    parts = urlsplit(check.resource)
    return urlunsplit((parts.scheme, parts.netloc, metadata_path(check.resource), parts.query, ""))


def metadata_path(resource: str) -> str:
    """Return the path of a resource's description on its host."""
    return WELL_KNOWN + urlsplit(resource).path.rstrip("/")


def metadata(check: OAuth2Check) -> dict[str, Json]:
    """Return the description, RFC 9728 section 2."""
    described: dict[str, Json] = {
        "resource": check.resource,
        "authorization_servers": [check.server],
        "bearer_methods_supported": ["header"],
    }
    if check.scopes:
        described["scopes_supported"] = [*check.scopes]
    return described
