"""Signals that wait to be read."""

from __future__ import annotations

import os
import select
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

from naftiko_runtime.runtime.signals import Signals, hangups_ignored, held_back


def test_signals_are_heard_once() -> None:
    signals = Signals()
    with signals.heard():
        assert signals.new() == set()
        os.kill(os.getpid(), signal.SIGHUP)
        select.select([signals], [], [], 10)
        assert signals.new() == {signal.SIGHUP}
        assert signals.new() == set()


def test_handlers_are_as_they_were_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Signals().heard():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_hangup_is_ignored_until_somebody_hears_it() -> None:
    before = signal.getsignal(signal.SIGHUP)
    with hangups_ignored():
        os.kill(os.getpid(), signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) == before


def test_another_thread_than_the_first_leaves_hangups_alone() -> None:
    before = signal.getsignal(signal.SIGHUP)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_ignoring).result()
    assert signal.getsignal(signal.SIGHUP) == before


def _ignoring() -> None:
    with hangups_ignored():
        pass


def test_signals_that_are_held_back_are_heard_later() -> None:
    signals = Signals()
    with signals.heard():
        with held_back():
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGHUP)
            assert signals.new() == set()
        select.select([signals], [], [], 10)
        assert signals.new() == {signal.SIGHUP}
