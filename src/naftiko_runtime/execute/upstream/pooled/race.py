"""Several addresses of one name, tried at short intervals: happy eyeballs (RFC 8305)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from typing import Any, Final, TypeAlias

Address: TypeAlias = tuple[socket.AddressFamily, tuple[Any, ...]]
"""An address family and what a socket of that family connects to."""

_HEAD_START: Final = 0.25
"""Seconds that an address has before the next one is tried too (RFC 8305 section 8)."""


async def connected_socket(host: str, port: int) -> socket.socket:
    """Return a non-blocking socket, connected to whichever address of the host is quickest.

    Raises:
        OSError: The name is not known, or no address can be connected to: the first one's reason.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return await first_connected(interleaved([(family, at) for family, _, _, _, at in found]))


def interleaved(addresses: Sequence[Address]) -> Iterator[Address]:
    """Yield addresses family by turns, the system's favourite first (RFC 8305 section 4)."""
    favourite = [address for address in addresses if address[0] == addresses[0][0]]
    other = [address for address in addresses if address[0] != addresses[0][0]]
    return (address for address in chain(*zip_longest(favourite, other)) if address)


async def first_connected(
    addresses: Iterable[Address], head_start: float = _HEAD_START
) -> socket.socket:
    """Return the first socket that is connected; the other attempts are ended.

    Args:
        addresses: At least one, the best first.
        head_start: Seconds after which the next address is tried too.

    Raises:
        OSError: None could be connected: the first one's reason.
    """
    attempts: list[asyncio.Task[socket.socket]] = []
    winner: asyncio.Task[socket.socket] | None = None
    try:
        for address in addresses:
            attempts.append(asyncio.create_task(_connect(address)))
            winner = await _winner(attempts, head_start)
            if winner is not None:
                break
        winner = winner or await _winner(attempts, None) or attempts[0]
        return winner.result()
    finally:
        await _end(attempt for attempt in attempts if attempt is not winner)


async def _connect(address: Address) -> socket.socket:
    connecting = socket.socket(address[0], socket.SOCK_STREAM)
    try:
        connecting.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connecting, address[1])
    except BaseException:
        connecting.close()
        raise
    return connecting


async def _winner(
    attempts: Iterable[asyncio.Task[socket.socket]], seconds: float | None
) -> asyncio.Task[socket.socket] | None:
    """Wait for an attempt to succeed; None when all that run have failed, or the time is over."""
    running = {attempt for attempt in attempts if not attempt.done()}
    while running:
        done, running = await asyncio.wait(
            running, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        for attempt in done:
            if attempt.exception() is None:
                return attempt
        if not done:
            return None
    return None


async def _end(attempts: Iterable[asyncio.Task[socket.socket]]) -> None:
    """Cancel what runs, close what was connected too late."""
    ending = list(attempts)
    for attempt in ending:
        attempt.cancel()
    for ended in await asyncio.gather(*ending, return_exceptions=True):
        if isinstance(ended, socket.socket):
            ended.close()
