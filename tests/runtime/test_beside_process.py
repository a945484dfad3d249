"""The process beside, from within: it ends when its standard input does."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, cast

from naftiko_runtime.runtime import beside_process
from tests.runtime.lines import turns

if TYPE_CHECKING:
    from naftiko_runtime.runtime.server import Runtime


class Stopping:
    """A runtime whose calls take long."""

    asked = 0

    def stop(self) -> None:
        self.asked += 1


async def test_the_end_of_its_input_is_noticed_once() -> None:
    runtime = Stopping()
    given, giving = os.pipe()
    beside_process._stop_at_the_end_of(given, cast("Runtime", runtime))
    await turns()
    assert runtime.asked == 0
    os.close(giving)
    await turns()
    assert runtime.asked == 1
    assert not asyncio.get_running_loop().remove_reader(given), "nothing looks at it any more"
    os.close(given)
