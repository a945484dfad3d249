"""Origins: where requests go."""

from __future__ import annotations

from typing import Final, NamedTuple

from naftiko_runtime.plan.tls_identity import TlsIdentity

DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Where requests go: RFC 6454's triple, and by which certificates both sides are known.

    Connections are kept for each origin, so that they never carry requests of another identity.
    Each call looks for them twice: hashing a tuple takes a fifth of what hashing a record does.

    Attributes:
        scheme: `http` or `https`.
        host: A name or an address; IPv6 without brackets.
        port: 1 to 65535.
        tls: What TLS needs besides the default; None for the default.
    """

    scheme: str
    host: str
    port: int
    tls: TlsIdentity | None = None

    def __str__(self) -> str:
        """Return the origin as text, RFC 6454 section 6.2."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"
