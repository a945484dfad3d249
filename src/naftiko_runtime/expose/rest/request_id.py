"""What one request is called, in answers and in logs."""

from __future__ import annotations

import re
from random import getrandbits
from typing import Final

from naftiko_runtime.expose.callers import RawHeaders
from naftiko_runtime.observe import REQUEST_IN_PROGRESS

HEADER: Final = b"x-request-id"
_SANE: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")


def request_id(headers: RawHeaders) -> str:
    """Return the caller's `X-Request-Id` where it is harmless, else a new one.

    From here on, it is in the log lines of the task.

    Args:
        headers: The request's.
    """
    called = _called(headers)
    REQUEST_IN_PROGRESS.set(called)
    return called


def _called(headers: RawHeaders) -> str:
    for name, value in headers:
        if name == HEADER and _SANE.fullmatch(value):
            return value.decode()
    return f"{getrandbits(128):032x}"
