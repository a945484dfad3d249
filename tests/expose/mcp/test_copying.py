"""What a socket brings, by way of a pipe."""

from __future__ import annotations

import os
import socket

from naftiko_runtime.expose.mcp.copying import copied


def test_what_comes_is_copied_to_its_end() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, copied(theirs.fileno()) as file, os.fdopen(file, "rb") as copy:
        ours.sendall(b"one\ntwo\n")
        assert copy.readline() == b"one\n"
        assert copy.readline() == b"two\n"
        assert os.get_blocking(theirs.fileno())
        ours.close()
        assert copy.read() == b""


def test_the_copying_ends_with_its_block_also_where_nobody_reads() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with copied(theirs.fileno()) as file:
            ours.sendall(b"x" * 100_000)  # more than a pipe takes
        with os.fdopen(file, "rb") as copy:
            assert set(copy.read()) <= {ord("x")}


def test_the_copying_ends_where_the_copy_is_closed() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, copied(theirs.fileno()) as file:
        os.close(file)
        ours.sendall(b"one")
