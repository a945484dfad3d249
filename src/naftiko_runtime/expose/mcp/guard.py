"""Who may reach a loopback listener: `Host` and `Origin`, against DNS rebinding. Section 9."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from starlette.responses import PlainTextResponse, Response

if TYPE_CHECKING:
    from starlette.types import Scope

_AUTHORITY: Final = re.compile(r"(\[[^\[\]]*\]|[^\[\]:@/?#\s]+)(?::[0-9]*)?")
_ORIGIN: Final = re.compile(r"https?://([^/?#]*)")
_LOCALHOST: Final = "localhost"


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets requests that arrive over loopback pass, or not.

    A page on the web can make a browser send requests to the machine that it runs on; what gives
    such requests away is the name in `Host` or the page's `Origin`. Elsewhere nothing is checked.

    Attributes:
        hosts: Names that are let through besides those of loopback, as `Host` has them.
        origins: Origins that are let through besides those of loopback, as `Origin` has them.
    """

    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()

    def refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that may not pass; None if it may."""
        server = scope.get("server")
        if server is None or not _is_loopback_address(server[0]):
            return None
        has_host = False
        for name, value in scope["headers"]:
            if name == b"host":
                has_host = True
                if not self._is_known_host(value):
                    return PlainTextResponse("Invalid Host header", 421)
            elif name == b"origin" and not self._is_known_origin(value.decode("latin-1")):
                return PlainTextResponse("Invalid Origin header", 403)
        return None if has_host else PlainTextResponse("Invalid Host header", 421)

    def _is_known_host(self, value: bytes) -> bool:
        host = value.decode("latin-1").lower()
        return host in self.hosts or _is_loopback_authority(host)

    def _is_known_origin(self, origin: str) -> bool:
        match = _ORIGIN.fullmatch(origin)
        return origin in self.origins or (match is not None and _is_loopback_authority(match[1]))


@lru_cache(maxsize=256)  # a client names the same host with every request
def _is_loopback_authority(authority: str) -> bool:
    match = _AUTHORITY.fullmatch(authority)
    return match is not None and _is_loopback_name(match[1].lower().strip("[]"))


def _is_loopback_name(name: str) -> bool:
    return name == _LOCALHOST or name.endswith(f".{_LOCALHOST}") or _is_loopback_address(name)


def _is_loopback_address(text: str) -> bool:
    if text == "127.0.0.1":
        return True
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
