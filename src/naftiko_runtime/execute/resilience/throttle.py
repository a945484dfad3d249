"""How many requests of one consumed API go out in a time, and who waits for their turn."""

from __future__ import annotations

import asyncio

from naftiko_runtime.errors import UpstreamRateLimited
from naftiko_runtime.execute.resilience.line import Line
from naftiko_runtime.execute.resilience.rate import TokenBucket
from naftiko_runtime.execute.resilience.timing import Timing
from naftiko_runtime.execute.resilience.waiting import Waiting


class Throttle:
    """Tokens for requests; who finds none waits in line, where callers take turns.

    The line is as long as there are tokens to come in the time that the last has to wait. Where it
    is full, who has most of it gives way to others.

    Args:
        tokens: The tokens.
        everyone: All who wait for anything.
        timing: Waits for the next token.
    """

    __slots__ = ("_handing_out", "_timing", "_tokens", "_waiting")

    def __init__(self, tokens: TokenBucket, everyone: Line, timing: Timing) -> None:
        self._tokens = tokens
        self._timing = timing
        self._waiting = Waiting(everyone, tokens.give_back)
        self._handing_out: asyncio.Task[None] | None = None

    async def pass_through(self, seconds: float) -> None:
        """Take a token.

        Args:
            seconds: How long to wait for one.

        Raises:
            UpstreamRateLimited: There is none in time.
            TooManyCalls: Others needed the room.
        """
        if not self._waiting and self._tokens.take():
            return
        until_all_have_one = self._tokens.wait(len(self._waiting) + 1)
        limited = UpstreamRateLimited(
            "The rate at which the upstream API may be asked is used up.",
            unsent=True,
            retry_after_seconds=until_all_have_one,
        )
        if self._tokens.wait() > seconds:
            raise limited
        if until_all_have_one > seconds:
            self._waiting.make_room(limited)
        await self._wait(seconds, limited)

    async def _wait(self, seconds: float, limited: UpstreamRateLimited) -> None:
        if self._handing_out is None or self._handing_out.done():
            self._handing_out = asyncio.create_task(self._hand_out())
        try:
            await self._waiting.wait(seconds)
        except TimeoutError as error:
            raise limited from error
        finally:
            if not self._waiting and self._handing_out is not None:
                self._handing_out.cancel()
                self._handing_out = None

    async def _hand_out(self) -> None:
        """Let one after the other in who waits, as tokens come."""
        while self._waiting:
            await self._timing.sleep(self._tokens.wait())
            if self._tokens.take() and not self._waiting.let_in():
                self._tokens.give_back()
