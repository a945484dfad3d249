"""Sending whole answers: by the server's short way, where it has one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Send


async def send_whole(
    status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes, send: Send
) -> None:
    """Send a whole answer.

    The runtime's own server takes it in one call, others as two messages.

    Args:
        status: 200 to 599.
        headers: All of them, the length of the body included.
        body: All of it.
        send: ASGI's.
    """
    whole = getattr(send, "whole", None)
    if whole is None or not whole(status, headers, body):
        await send_messages(status, headers, body, send)


async def send_messages(
    status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes, send: Send
) -> None:
    """Send an answer as ASGI's two messages; its headers need not say how long it is."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
