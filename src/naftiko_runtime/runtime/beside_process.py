"""The process that answers requests which are handed over to it.

What it is to serve comes on its standard input, which is closed when it is to end. It writes the
state of the files that it has loaded when it serves.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from naftiko_runtime.load.stamps import digest
from naftiko_runtime.load.uncollected import uncollected
from naftiko_runtime.runtime.beside import Order
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.handing import Taker
from naftiko_runtime.runtime.loops import new_event_loop
from naftiko_runtime.runtime.process import begin_log, serving_process
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.runtime.sockets import Bound
from naftiko_runtime.secrecy import Secrecy

_NICENESS: Final = 15
_EXPENDABILITY: Final = "500"
"""What the system ends first where memory lacks; 0 for other processes, 1000 for most of all."""


@uncollected()  # until the runtime settles
def main() -> None:
    """Serve until standard input ends."""
    order = _order()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # another takes its place after a reload
    secrecy = Secrecy()
    begin_log(order.settings, secrecy)
    fleet = Fleet.asked_for(order.paths, order.settings)
    fleet.look()
    secrecy.add(fleet.secrets)
    bound = _bound(fleet, order)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(fleet, bound, order, secrecy))


def _stand_back() -> None:
    """Leave processors and memory to the process that has all other requests."""
    os.nice(_NICENESS)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_EXPENDABILITY)


def _order() -> Order:
    given = sys.stdin.buffer
    packed = given.read(int.from_bytes(given.read(8)))
    order = pickle.loads(packed)  # noqa: S301 - from the process that has started this one
    assert isinstance(order, Order)
    return order


def _bound(fleet: Fleet, order: Order) -> list[Bound]:
    """Return the listeners, with the lines on which their connections come."""
    ends = {key: socket.socket(fileno=end) for key, end in order.ends.items()}
    plans = [plan for plan in fleet.listeners()[0] if plan.key in ends]
    bound = [Bound(plan, ends.pop(plan.key)) for plan in plans]
    for one in bound:
        one.socket.setblocking(False)
    for end in ends.values():  # what would come there has nobody to answer it
        end.close()
    return bound


async def _serve(fleet: Fleet, bound: list[Bound], order: Order, secrecy: Secrecy) -> None:
    made_of = serving_process(fleet, order.settings, secrecy, order.nonce_key, order.seat)
    async with made_of as own:
        if order.seat is not None:
            await own.showing.follow()
        runtime = own.runtime(bound, Taker)
        serving = asyncio.create_task(runtime.serve())
        await runtime.ready.wait()
        if runtime.has_started:
            _stand_back()
            sys.stdout.write(digest(fleet.stamps) + "\n")
            sys.stdout.flush()
            _stop_at_the_end_of(sys.stdin.fileno(), runtime)
        await serving


def _stop_at_the_end_of(file: int, runtime: Runtime) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.remove_reader(file)  # it stays at its end, for as long as what runs takes
        runtime.stop()

    loop.add_reader(file, stop)
