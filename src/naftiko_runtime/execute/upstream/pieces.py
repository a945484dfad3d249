"""The pieces of a request's body on their way upstream."""

from __future__ import annotations

from naftiko_runtime.execute.upstream.message import StreamedBody
from naftiko_runtime.execute.upstream.patience import Patience


class OutgoingPieces:
    """A body's pieces, which are together exactly as long as was said.

    A length that is exceeded would let the rest pass for another request (RFC 9112 section 11.2).
    Nothing is asked for past the length.

    Args:
        body: Where they come from.
        patience: Suspended while a piece is waited for.
    """

    def __init__(self, body: StreamedBody, patience: Patience) -> None:
        self._pieces = body.pieces
        self._left = body.length
        self._patience = patience

    def __aiter__(self) -> OutgoingPieces:
        return self

    async def __anext__(self) -> bytes:
        if self._left == 0:
            raise StopAsyncIteration
        with self._patience.suspended():
            piece = await anext(self._pieces, None)
        if self._left is not None:
            if piece is None or len(piece) > self._left:
                raise ValueError("the body is not as long as it was said to be")
            self._left -= len(piece)
        if piece is None:
            raise StopAsyncIteration
        return piece
