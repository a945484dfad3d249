"""What to say when no connection could be made."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Final

from naftiko_runtime.errors import UpstreamUnreachable

_OWN: Final = frozenset({errno.EMFILE, errno.ENFILE})
"""What says nothing of who was to be connected to."""


def connect_failure(error: BaseException) -> UpstreamUnreachable:
    """Return the error for a connection that could not be made, without what may be secret.

    Args:
        error: What was raised, perhaps because of something more telling.
    """
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            detail = f"The upstream API's certificate is not accepted: {cause.verify_message}."
            return UpstreamUnreachable(detail, unsent=True, lasting=True)
        if isinstance(cause, ssl.SSLError):
            return UpstreamUnreachable(
                "The TLS handshake with the upstream API failed.", unsent=True
            )
        if isinstance(cause, socket.gaierror):
            return UpstreamUnreachable("The upstream API's host name is not known.", unsent=True)
        if isinstance(cause, OSError) and cause.errno in _OWN:
            detail = "This server may open no more files, connections to the upstream API included."
            return UpstreamUnreachable(detail, unsent=True, elsewhere=True)
    return UpstreamUnreachable("The upstream API could not be connected to.", unsent=True)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
