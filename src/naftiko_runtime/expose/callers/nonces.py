"""Nonces of digest authentication: signed instead of remembered, and each count good once."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import struct
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

LIFETIME_SECONDS: Final = 300.0
MOST_USED: Final = 4096
_SPREAD: Final = 64
_EVERY_BIT: Final = (1 << _SPREAD) - 1
_HEAD: Final = struct.Struct(">d8s")
_SIGNATURE_BYTES: Final = 16


class NonceUse(Enum):
    """What using a nonce came to."""

    FRESH = "fresh"
    STALE = "stale"
    REPLAYED = "replayed"


@dataclass(slots=True)
class _Used:
    """Which counts of a nonce were used: the highest, and as bits those shortly below it."""

    issued: float
    highest: int = 0
    below: int = 0

    def take(self, count: int) -> bool:
        """Note a count; return whether it was new. Requests may overtake one another a little."""
        if count > self.highest:
            self._raise_to(count)
            return True
        behind = self.highest - count
        bit = 1 << (behind - 1) if 0 < behind <= _SPREAD else 0
        if count < 1 or not bit or self.below & bit:
            return False
        self.below |= bit
        return True

    def _raise_to(self, count: int) -> None:
        ahead = count - self.highest
        if ahead > _SPREAD:
            self.below = 0
        else:
            self.below = ((self.below << ahead) | (1 << (ahead - 1))) & _EVERY_BIT
        self.highest = count


class Nonces:
    """Issues nonces and tells which may be used.

    A nonce carries the moment of its issue, signed with a key of the runtime's, so nothing is kept
    of those that nobody uses. Of the used ones so many are kept; those issued before one that had
    to make room are stale from then on, so that no forgotten count is taken twice.

    Args:
        lifetime_seconds: How long a nonce is good.
        most_used: How many used nonces are remembered.
        clock: Seconds that never run back, the same for all processes of the machine.
        key: What nonces are signed with; processes that share it take each other's. Random without.
    """

    def __init__(
        self,
        lifetime_seconds: float = LIFETIME_SECONDS,
        most_used: int = MOST_USED,
        clock: Callable[[], float] = time.monotonic,
        key: bytes | None = None,
    ) -> None:
        self._lifetime_seconds = lifetime_seconds
        self._most_used = most_used
        self._clock = clock
        self._key = secrets.token_bytes(32) if key is None else key
        self._used: OrderedDict[str, _Used] = OrderedDict()
        self._forgotten_until = float("-inf")

    def issue(self) -> str:
        """Return a fresh nonce."""
        head = _HEAD.pack(self._clock(), secrets.token_bytes(8))
        return base64.urlsafe_b64encode(head + self._signature(head)).decode().rstrip("=")

    def use(self, nonce: str, count: int) -> NonceUse:
        """Use a nonce, for a response that is right.

        Args:
            nonce: As it was sent.
            count: How often the client says it has used it, from 1.
        """
        issued = self._issued(nonce)
        if issued is None or self._clock() >= issued + self._lifetime_seconds:
            return NonceUse.STALE
        used = self._used.get(nonce)
        if used is None:
            if issued <= self._forgotten_until:
                return NonceUse.STALE
            used = self._remember(nonce, issued)
        return NonceUse.FRESH if used.take(count) else NonceUse.REPLAYED

    def _issued(self, nonce: str) -> float | None:
        """Return when a nonce was issued; None where it was not with this key."""
        try:
            raw = base64.b64decode(nonce + "=", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        head, signature = raw[: _HEAD.size], raw[_HEAD.size :]
        if not hmac.compare_digest(signature, self._signature(head)):
            return None
        issued: float = _HEAD.unpack(head)[0]
        return issued

    def _remember(self, nonce: str, issued: float) -> _Used:
        while len(self._used) >= self._most_used:
            _, gone = self._used.popitem(last=False)
            self._forgotten_until = max(self._forgotten_until, gone.issued)
        used = self._used[nonce] = _Used(issued)
        return used

    def _signature(self, head: bytes) -> bytes:
        return hmac.digest(self._key, head, "sha256")[:_SIGNATURE_BYTES]
