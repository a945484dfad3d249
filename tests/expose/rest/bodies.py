"""Bodies that callers send, and inputs that they feed."""

from __future__ import annotations

from collections.abc import Sequence

from naftiko_runtime.values import Json
from tests.expose.rest.driving import Server

FIELDS = ("name: size, in: body, type: integer", "name: user-id, in: body, type: string")
WHOLE = ("name: body, in: body, type: object",)


def post(server: Server, body: bytes | Sequence[bytes], content_type: str | None) -> Json:
    """Send a body and return what upstream gets."""
    answered = server.ask("POST", "/things", body, content_type=content_type)
    assert answered.status == 200, answered.body
    return server.sent_json
