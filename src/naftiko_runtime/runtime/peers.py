"""The processes of one runtime that serve: each tells the others what it has counted and traced.

They meet in a folder that nobody else may enter, where each has a socket of its name. Who asks one
that is gone, or too busy, goes without.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Final, TypeAlias

MAIN: Final = "main"
"""The name of the only process, but for the one beside it; what it has measured needs none."""

PATIENCE_SECONDS: Final = 2.0
"""How long all others together may take to tell."""

Tell: TypeAlias = Callable[[str], Awaitable[bytes]]
"""Takes what is asked about, a word."""

_LENGTH: Final = 8
_log: Final = logging.getLogger("naftiko.metrics")


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a process is found by the others.

    Attributes:
        folder: Where all of them meet.
        name: The process's own.
    """

    folder: Path
    name: str

    @property
    def path(self) -> Path:
        """Its socket."""
        return self.folder / self.name

    @property
    def beside(self) -> Seat:
        """The seat of the process beside this one."""
        return Seat(self.folder, "beside" if self.name == MAIN else f"{self.name}-beside")

    @property
    def label(self) -> str | None:
        """What tells its measurements from those of others."""
        return None if self.name == MAIN else self.name


def open_folder() -> Path | None:
    """Return a new folder that nobody else may enter; None where there can be none."""
    try:
        return Path(mkdtemp(prefix="naftiko-"))
    except OSError:
        return None


def close_folder(folder: Path | None) -> None:
    """Remove a folder, if there is one."""
    if folder is not None:
        rmtree(folder, ignore_errors=True)


class Peers:
    """A process among those that meet in a folder.

    Args:
        seat: Where it is found.
        tell: Returns what it has to say about something; nothing if it knows nothing of that.
    """

    def __init__(self, seat: Seat, tell: Tell) -> None:
        self._seat = seat
        self._tell = tell
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Answer the others from now on, in place of who had the seat before.

        Raises:
            OSError: The system has no such socket to give.
        """
        _leave(self._seat)
        self._server = await asyncio.start_unix_server(self._answer, self._seat.path)

    async def ask(self, about: str) -> list[tuple[str | None, bytes]]:
        """Return what the others have to say about something, each with its label.

        Args:
            about: One word.
        """
        seats = _others(self._seat)
        told = await asyncio.gather(*(_ask(one, about) for one in seats))
        return [(one.label, said) for one, said in zip(seats, told, strict=True) if said]

    async def aclose(self) -> None:
        """Answer nobody any more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                told = await self._tell((await reader.readline()).decode().strip())
                writer.write(len(told).to_bytes(_LENGTH) + told)
                await writer.drain()
        except OSError:  # who asked is gone, or does not read, which is a `TimeoutError`
            writer.transport.abort()
        finally:
            writer.close()


def _leave(seat: Seat) -> None:
    seat.path.unlink(missing_ok=True)


def _others(own: Seat) -> list[Seat]:
    with suppress(OSError):
        names = sorted(one.name for one in own.folder.iterdir() if one.name != own.name)
        return [Seat(own.folder, name) for name in names]
    return []


async def _ask(seat: Seat, about: str) -> bytes | None:
    """Return what a process tells; None where it does not."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await _read(seat, about)
    except (ConnectionError, FileNotFoundError):
        return None  # the process is gone
    except (OSError, EOFError) as error:
        _log.warning("process %s says nothing: %r", seat.name, error)
        return None


async def _read(seat: Seat, about: str) -> bytes:
    reader, writer = await asyncio.open_unix_connection(seat.path)
    try:
        writer.write(about.encode() + b"\n")
        return await reader.readexactly(int.from_bytes(await reader.readexactly(_LENGTH)))
    finally:
        writer.close()
