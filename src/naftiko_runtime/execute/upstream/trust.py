"""Which certificate authorities are trusted when nobody says otherwise."""

from __future__ import annotations

import ssl
from pathlib import Path

import certifi


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
