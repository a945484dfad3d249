"""How many requests of one consumed API go out in a time, and who waits for their turn."""

from __future__ import annotations

import asyncio
from typing import Final

from naftiko_runtime.errors import UpstreamRateLimited
from naftiko_runtime.execute.resilience.rate import TokenBucket
from naftiko_runtime.execute.resilience.timing import Timing
from naftiko_runtime.execute.resilience.waiting import Waiting

LATE_SECONDS: Final = 0.01
"""How late the event loop may be, without fewer requests going out than may."""


class Throttle:
    """Tokens for requests; who finds none waits in line, where callers take turns.

    Nobody waits whose turn does not come in time.

    Args:
        per_second: How many requests may go out.
        burst: How many at once after a pause.
        timing: Waits for the next token.
    """

    __slots__ = ("_handing_out", "_timing", "_tokens", "_waiting")

    def __init__(self, per_second: float, burst: int, timing: Timing) -> None:
        self._tokens = TokenBucket(per_second, burst, timing.clock, LATE_SECONDS)
        self._timing = timing
        self._waiting = Waiting(self._hand_on)
        self._handing_out: asyncio.Task[None] | None = None

    async def pass_through(self, seconds: float) -> None:
        """Take a token.

        Args:
            seconds: How long to wait for one.

        Raises:
            UpstreamRateLimited: There is none in time.
        """
        if not self._waiting and self._tokens.take():
            return
        if self._until_turn() > seconds:
            raise self._limited()
        if self._handing_out is None or self._handing_out.done():
            self._handing_out = asyncio.create_task(self._hand_out())
        try:
            await self._waiting.wait(seconds)
        except TimeoutError as error:
            raise self._limited() from error
        finally:
            if not self._waiting and self._handing_out is not None:
                self._handing_out.cancel()
                self._handing_out = None

    async def _hand_out(self) -> None:
        """Let one after the other in who waits, as tokens come."""
        while self._waiting:
            await self._timing.sleep(self._tokens.wait())
            self._tokens.use()
            self._hand_on()

    def _hand_on(self) -> None:
        """Give a token to the next who waits, or back."""
        if not self._waiting.let_in():
            self._tokens.give_back()

    def _until_turn(self) -> float:
        return self._tokens.wait(self._waiting.turn)

    def _limited(self) -> UpstreamRateLimited:
        return UpstreamRateLimited(
            "The rate at which the upstream API may be asked is used up.",
            unsent=True,
            retry_after_seconds=self._until_turn(),
        )
