"""Binary bodies: JSON has no bytes, so what shaping sees of them is base64."""

from __future__ import annotations

import base64

from naftiko_runtime.values import Json


def decode_binary(body: bytes, _: str | None) -> Json:
    """Return the body in base64, RFC 4648 section 4."""
    return base64.b64encode(body).decode()
