"""The first of several processes: it binds, checks documents, and keeps workers running.

It answers nobody. Workers are its forks: they begin with the documents that it has checked and
with its sockets, and nothing is loaded twice. It has no event loop and no threads, so that it can
fork again, at any time, when a worker has to be replaced.
"""

from __future__ import annotations

import logging
import os
import secrets
import selectors
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

from naftiko_runtime.load.stamps import digest
from naftiko_runtime.runtime.channel import Channel, Message, channel
from naftiko_runtime.runtime.connection import GRACE_SECONDS
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.glances import Glances
from naftiko_runtime.runtime.peers import Seat, close_folder, open_folder
from naftiko_runtime.runtime.renewal import Ports, log_findings, log_reloaded, take_ports
from naftiko_runtime.runtime.signals import HEARD, Signals, held_back
from naftiko_runtime.runtime.sockets import Bound, bind_all
from naftiko_runtime.runtime.worker import RELOAD, Worker
from naftiko_runtime.secrecy import Secrecy
from naftiko_runtime.values import Json

REPLACE_SECONDS: Final = 1.0
"""How long there is between replacements: workers that crash at once are not to wear it out."""

REPLY_SECONDS: Final = 120.0
"""How long a worker may take to reload; one that takes longer is replaced."""

_MOST_TRIES: Final = 5
"""How often documents are checked again that not all workers could serve in the same state."""

_END: Final = frozenset({signal.SIGTERM, signal.SIGINT})
_log: Final = logging.getLogger("naftiko.workers")


@dataclass(slots=True)
class _Forked:
    """A worker, as the first process knows it.

    Attributes:
        number: Which one, from 1; one that replaces another has its number.
        pid: Its process id.
        channel: The line to it.
        accepts: Whether it has said that it serves.
        reply: What it said last since it was asked.
    """

    number: int
    pid: int
    channel: Channel
    accepts: bool = False
    reply: Message | None = None


class Workers:
    """Several processes behind the same sockets.

    Args:
        fleet: The capabilities, loaded and checked.
        bound: The sockets.
        secrecy: Learns the secrets of new documents.
        number: How many workers there are.
        work: Serves in a worker until it is told to stop.
        watch: Whether files that change are loaded.
    """

    def __init__(
        self,
        fleet: Fleet,
        bound: Sequence[Bound],
        secrecy: Secrecy,
        number: int,
        work: Callable[[Worker, Sequence[Bound]], None],
        *,
        watch: bool,
    ) -> None:
        self._fleet = fleet
        self._bound = list(bound)
        self._secrecy = secrecy
        self._missing = list(range(1, number + 1))
        self._work = work
        self._watch = watch
        self._nonce_key = secrets.token_bytes(32)
        self._signals = Signals()
        self._selector = selectors.DefaultSelector()
        self._workers: list[_Forked] = []
        self._signalled: set[int] = set()
        self._folder: Path | None = None

    def serve(self, announce: Callable[[], None]) -> bool:
        """Serve until the process is told to stop.

        Args:
            announce: Called once, when all workers accept.

        Returns:
            Whether all workers could start.
        """
        self._folder = open_folder()
        with self._signals.heard(), self._selector:
            self._selector.register(self._signals, selectors.EVENT_READ)
            try:
                if not self._start():
                    return False
                if not self._is_ending:
                    announce()
                self._keep()
            finally:
                self._end()
                close_folder(self._folder)
        _log.info("stopped")
        return True

    @property
    def _is_ending(self) -> bool:
        return bool(self._signalled & _END)

    def _start(self) -> bool:
        """Start all workers; return whether all accept. If one can't, there is to be none."""
        self._fork_missing()
        while not self._is_ending:
            if self._missing:
                _log.error("worker %d could not start", self._missing[0])
                return False
            if all(one.accepts for one in self._workers):
                break
            self._turn(None)
        return True

    def _keep(self) -> None:
        """Replace workers that crash, and reload, until told to stop."""
        glances = Glances(self._fleet)
        next_fork = monotonic()
        while not self._is_ending:
            pauses = [glances.pause] if self._watch else []
            pauses += [max(0.0, next_fork - monotonic())] if self._missing else []
            pauses += [0.0] if signal.SIGHUP in self._signalled else []
            self._turn(min(pauses, default=None))
            if self._is_ending:
                return
            if self._missing and monotonic() >= next_fork:
                self._fork_missing()
                next_fork = monotonic() + REPLACE_SECONDS
            anew = signal.SIGHUP in self._signalled
            self._signalled.discard(signal.SIGHUP)
            if anew or (self._watch and glances.are_due()):
                self._reload(anew=anew)
                glances = Glances(self._fleet)

    def _fork_missing(self) -> None:
        """Fork all workers that are missing, or as many as the system allows now."""
        sys.stdout.flush()
        sys.stderr.flush()
        while self._missing:
            try:
                forked = self._fork(self._missing[0])
            except OSError as error:
                _log.error("worker %d could not be forked: %s", self._missing[0], error.strerror)
                return
            self._missing.pop(0)
            self._workers.append(forked)
            self._selector.register(forked.channel, selectors.EVENT_READ, forked)

    def _fork(self, number: int) -> _Forked:
        here, there = channel()
        try:
            with held_back():
                pid = os.fork()
                if pid == 0:
                    seat = Seat(self._folder, str(number)) if self._folder else None
                    self._be_worker(Worker(number, there, self._nonce_key, seat), here)
        except OSError:
            here.close()
            raise
        finally:
            there.close()
        return _Forked(number, pid, here)

    def _be_worker(self, worker: Worker, here: Channel) -> None:
        """In the fork: let go of what is the first process's own, serve, and end."""
        status = 1
        try:
            self._selector.close()
            for one in (here, *(other.channel for other in self._workers)):
                one.close()
            self._signals.forget()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
            self._work(worker, self._bound)
            status = 0
        except Exception:  # noqa: BLE001 - the end of the process: its reason is logged
            _log.exception("worker %d failed", worker.number)
        finally:
            sys.stderr.flush()
            os._exit(status)

    def _turn(self, seconds: float | None) -> None:
        """Wait until something happens, for so long, and take note of it."""
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                self._signalled |= self._signals.new()
                self._have_tell()
            else:
                self._hear(key.data)
        for one in list(self._workers):
            pid, status = os.waitpid(one.pid, os.WNOHANG)
            if pid:
                self._lose(one, os.waitstatus_to_exitcode(status))

    def _have_tell(self) -> None:
        """Pass on to all workers that they are asked what runs."""
        if signal.SIGUSR1 in self._signalled:
            self._signalled.discard(signal.SIGUSR1)
            for one in self._workers:
                with suppress(ProcessLookupError):
                    os.kill(one.pid, signal.SIGUSR1)

    def _hear(self, one: _Forked) -> None:
        try:
            messages = one.channel.receive()
        except EOFError:  # it ends; waiting for it tells how
            self._selector.unregister(one.channel)
            return
        for message in messages:
            if message.word == "accepts":
                one.accepts = True
                _log.info("worker %d accepts", one.number, extra={"fields": {"pid": one.pid}})
            elif message.word == RELOAD:
                self._signalled.add(signal.SIGHUP)
            else:
                one.reply = message

    def _lose(self, one: _Forked, status: int) -> None:
        self._workers.remove(one)
        self._missing.append(one.number)
        with suppress(KeyError):
            self._selector.unregister(one.channel)
        one.channel.close()
        if not self._is_ending:
            how = f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
            _log.error("worker %d ended %s", one.number, how, extra={"fields": {"pid": one.pid}})

    def _reload(self, *, anew: bool) -> None:
        try:
            self._check_and_reload(anew=anew)
        except Exception:  # noqa: BLE001 - logged; it must not end what is being served
            _log.exception("reloading failed")

    def _check_and_reload(self, *, anew: bool) -> None:
        """Check documents, and have workers load them; again if they changed in between."""
        for _ in range(_MOST_TRIES):
            found = self._fleet.look(anew=anew)
            self._secrecy.add(self._fleet.secrets)
            log_findings(found)
            ports = take_ports(self._fleet, lambda: list(self._bound), self._free, bind_all)
            ports.log()
            for bound in (*self._bound, *ports.started):
                self._tell("take", *bound.plan.key, passed=bound)  # who has it needs it not
            replies = self._ask("reload", anew)
            self._hold(ports)
            checked = digest(self._fleet.stamps)
            if self._is_ending or all(one.values == (checked,) for one in replies):
                break
        else:
            has_failed = any(one.word == "failed" for one in replies)
            why = "a worker could not swap files in" if has_failed else "files go on changing"
            _log.warning("%s: workers may serve them in different states", why)
        log_reloaded(self._fleet)

    def _hold(self, ports: Ports) -> None:
        """Keep the sockets that are served, with what is served there now; close the others."""
        plans = {plan.key: plan for plan in ports.plans}
        for bound in ports.started:
            _log.info("listening on %s", bound.url)
        for bound in self._bound:
            if bound.plan.key not in plans:
                _log.info("listening on %s no more", bound.url)
                bound.socket.close()
        kept = [one.serving(plans[one.plan.key]) for one in self._bound if one.plan.key in plans]
        self._bound = [*kept, *ports.started]

    def _free(self, bound: Bound) -> None:
        """Have a port free: no process may hold it."""
        self._ask("free", *bound.plan.key)
        bound.socket.close()
        self._bound.remove(bound)

    def _ask(self, word: str, *values: Json) -> list[Message]:
        """Tell all workers something; return what they reply. Who does not is ended."""
        asked = list(self._workers)
        for one in asked:
            one.reply = None
        self._tell(word, *values)
        until = monotonic() + REPLY_SECONDS
        while any(one.reply is None and one in self._workers for one in asked):
            if monotonic() >= until or self._is_ending:
                break
            self._turn(max(0.0, until - monotonic()))
        for one in asked:
            if one.reply is None and one in self._workers and not self._is_ending:
                _log.error("worker %d does not reply", one.number)
                os.kill(one.pid, signal.SIGKILL)
        return [one.reply for one in asked if one.reply is not None]

    def _tell(self, word: str, *values: Json, passed: Bound | None = None) -> None:
        for one in self._workers:
            with suppress(OSError):  # it ends, and is replaced
                one.channel.send(word, *values, passed=passed.socket if passed else None)

    def _end(self) -> None:
        """Stop accepting, let workers finish what runs, and wait for them."""
        self._signalled.add(signal.SIGTERM)
        for bound in self._bound:
            bound.socket.close()
        for number in (signal.SIGTERM, signal.SIGKILL):
            for one in self._workers:
                os.kill(one.pid, number)
            until = monotonic() + GRACE_SECONDS + REPLACE_SECONDS
            while self._workers and monotonic() < until:
                self._turn(max(0.0, until - monotonic()))
