"""Which certificate authorities are trusted, and which certificate is shown."""

from __future__ import annotations

import ssl
from pathlib import Path

import certifi

from naftiko_runtime.errors import UpstreamUnreachable
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.plan.tls_identity import TlsIdentity, TlsUnusable


class Trust:
    """Makes the TLS contexts of origins.

    Args:
        default: How TLS is done where an origin has no identity of its own; None trusts the
            system's authorities.
    """

    def __init__(self, default: ssl.SSLContext | None) -> None:
        self._default = default

    def context(self, origin: Origin) -> ssl.SSLContext:
        """Return how TLS to an origin is done.

        Raises:
            UpstreamUnreachable: Its certificate or key can't be used.
        """
        if origin.tls is not None:
            return _own_context(origin.tls)
        if self._default is None:
            self._default = default_trust()
        return self._default


def server_name(origin: Origin) -> str:
    """Return whose certificate is asked for and expected, RFC 6066 section 3."""
    return origin.host if origin.tls is None else origin.tls.server_name or origin.host


def _own_context(identity: TlsIdentity) -> ssl.SSLContext:
    context = default_trust() if identity.ca is None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return identity.apply(context)
    except TlsUnusable as error:
        raise UpstreamUnreachable(f"TLS with the upstream API is not possible: {error}.") from None


def default_trust() -> ssl.SSLContext:
    """Return a client's TLS context with the system's authorities, or certifi's if it has none.

    `SSL_CERT_FILE` and `SSL_CERT_DIR` stand for the system's where they are set.
    """
    context = ssl.create_default_context()
    if not _system_has_authorities(context):
        context.load_verify_locations(certifi.where())
    return context


def _system_has_authorities(context: ssl.SSLContext) -> bool:
    """Tell whether there are any: a file's are loaded by now, a folder's only on demand."""
    folder = ssl.get_default_verify_paths().capath
    in_folder = folder is not None and any(Path(folder).iterdir())
    return in_folder or bool(context.get_ca_certs())
