"""What to say when no connection could be made."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

from naftiko_runtime.errors import UpstreamUnreachable


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
        if isinstance(cause, socket.gaierror) and _may_open_a_file():
            return UpstreamUnreachable("The upstream API's host name is not known.", unsent=True)
        if isinstance(cause, socket.gaierror) or _is_own(cause):
            detail = "This server may open no more files, connections to the upstream API included."
            return UpstreamUnreachable(detail, unsent=True, elsewhere=True)
    return UpstreamUnreachable("The upstream API could not be connected to.", unsent=True)


def _may_open_a_file() -> bool:
    """Return whether a name could be looked up: if not, it is said not to be known."""
    try:
        socket.socket().close()
    except OSError as error:
        return not _is_own(error)
    return True


def _is_own(cause: BaseException) -> bool:
    """Return whether an error says nothing of who was to be connected to."""
    return isinstance(cause, OSError) and cause.errno in (errno.EMFILE, errno.ENFILE)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
