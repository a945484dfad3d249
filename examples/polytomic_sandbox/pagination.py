"""Opaque page tokens: they hold the place in the list, signed, and nothing is kept for them."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from polytomic_sandbox.errors import BadRequest

MAXIMUM_LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list of syncs: after the sync with this `updated_at` and `id`."""

    updated_at: str
    id: str


def page_size(limit: int | None) -> int:
    """Return how many items a page holds when the caller asks for `limit`."""
    return MAXIMUM_LIMIT if limit is None or limit <= 0 else min(limit, MAXIMUM_LIMIT)


class PageTokens:
    """Turns cursors into tokens and back.

    Tokens stay valid for as long as the secret stays the same.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def issue(self, cursor: Cursor) -> str:
        """Return the token for the page that begins after the cursor."""
        place = urlsafe_b64encode(f"{cursor.updated_at} {cursor.id}".encode())
        return f"{self._sign(place)}.{place.decode()}"

    def read(self, token: str) -> Cursor:
        """Return the cursor that the token was issued for.

        Raises:
            BadRequest: The token was not issued here, or somebody has changed it.
        """
        signature, _, text = token.partition(".")
        place = text.encode()
        if not hmac.compare_digest(signature.encode(), self._sign(place).encode()):
            raise BadRequest("page_token is not valid")
        updated_at, sync_id = urlsafe_b64decode(place).decode().split()
        return Cursor(updated_at, sync_id)

    def _sign(self, place: bytes) -> str:
        return hmac.digest(self._secret, place, "sha256").hex()
