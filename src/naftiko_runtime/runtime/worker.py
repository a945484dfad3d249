"""One of several processes behind the same ports: it does what the first process says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from naftiko_runtime.expose.listener_plan import Key, ListenerPlan
from naftiko_runtime.load.stamps import digest
from naftiko_runtime.runtime.channel import Channel, Message
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.peers import Seat, close_folder
from naftiko_runtime.runtime.reload import Reloader
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.runtime.sockets import Bound, PortInUse

RELOAD: Final = "asks for a reload"
"""What a worker says to the first process when somebody wants files to be loaded again."""

_log: Final = logging.getLogger("naftiko.worker")


@dataclass(slots=True)
class Worker:
    """A process among several.

    Attributes:
        number: Which one, from 1.
        channel: The line to the first process.
        nonce_key: What all of them sign nonces with.
        seat: Where the others find it; None where they can't.
    """

    number: int
    channel: Channel
    nonce_key: bytes = field(repr=False)
    seat: Seat | None = None
    _passed: dict[Key, Bound] = field(default_factory=dict)

    def bind(self, plans: Sequence[ListenerPlan]) -> list[Bound]:
        """Take the sockets that the first process has passed on: `bind_all` for a worker.

        Raises:
            PortInUse: It has passed none on for one of them.
        """
        missing = [plan for plan in plans if plan.key not in self._passed]
        if missing:
            raise PortInUse(missing[0], "the first process does not have it")
        return [self._passed.pop(plan.key).serving(plan) for plan in plans]

    async def ask_for_reload(self) -> None:
        """Have the first process reload; what comes of it is in the log: `Process.reload`."""
        self.channel.send(RELOAD)

    async def obey(self, fleet: Fleet, reloader: Reloader, runtime: Runtime) -> None:
        """Say when this worker accepts; do what the first process says until cancelled.

        Without the first process the runtime is told to stop.
        """
        await runtime.ready.wait()
        if not runtime.has_started:
            return
        loop = asyncio.get_running_loop()
        arrived: asyncio.Queue[Message | None] = asyncio.Queue()
        loop.add_reader(self.channel.fileno(), self._read, arrived)
        try:
            with suppress(OSError):  # from a send
                self.channel.send("accepts")
                while (message := await arrived.get()) is not None:
                    await self._do(message, fleet, reloader, runtime)
            _log.error("the first process is gone; worker %d ends", self.number)
            if self.seat is not None:  # the first process would have done so
                await asyncio.to_thread(close_folder, self.seat.folder)
            runtime.stop()
        finally:
            loop.remove_reader(self.channel.fileno())

    def _read(self, arrived: asyncio.Queue[Message | None]) -> None:
        try:
            for message in self.channel.receive():
                arrived.put_nowait(message)
        except EOFError:
            asyncio.get_running_loop().remove_reader(self.channel.fileno())
            arrived.put_nowait(None)

    async def _do(
        self, message: Message, fleet: Fleet, reloader: Reloader, runtime: Runtime
    ) -> None:
        if message.word == "take" and message.passed is not None:
            self._take(message)
        elif message.word == "free":
            for bound, _ in runtime.listeners:
                if list(bound.plan.key) == list(message.values):
                    runtime.remove(bound)
            await asyncio.sleep(0)  # the loop closes sockets at its next turn
            self.channel.send("freed")
        elif message.word == "reload":
            if await self._reload(reloader, anew=bool(message.values[0])):
                self.channel.send("reloaded", digest(fleet.stamps))
            else:
                self.channel.send("failed")

    def _take(self, message: Message) -> None:
        assert message.passed is not None
        message.passed.setblocking(False)
        host, port, kind = message.values
        key = (str(host), int(str(port)), str(kind))
        self._passed[key] = Bound(ListenerPlan(key[0], key[1]), message.passed)

    async def _reload(self, reloader: Reloader, *, anew: bool) -> bool:
        """Serve files as they are now; return whether that was possible."""
        try:
            await reloader.reload(anew=anew)
        except Exception:  # noqa: BLE001 - logged; what is being served goes on
            _log.exception("reloading failed; what is served stays as it was")
            return False
        finally:
            for bound in self._passed.values():
                bound.socket.close()
            self._passed.clear()
        return True
