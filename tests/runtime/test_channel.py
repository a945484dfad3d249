"""What the first process and a worker say to one another."""

from __future__ import annotations

import socket

import pytest

from naftiko_runtime.runtime.channel import Channel, Message, channel


def test_messages_arrive_in_order_also_when_they_arrive_together() -> None:
    here, there = channel()
    here.send("free", "127.0.0.1", 80, "")
    here.send("reload", True)
    assert there.receive() == [Message("free", ("127.0.0.1", 80, "")), Message("reload", (True,))]
    here.close()
    there.close()


def test_a_message_that_arrives_in_pieces_is_put_together() -> None:
    one, other = socket.socketpair()
    there = Channel(other)
    one.sendall(b'["reloaded", fal')
    assert there.receive() == []
    one.sendall(b'se, "x"]\n')
    assert there.receive() == [Message("reloaded", ("x",))]
    one.close()
    there.close()


def test_sockets_are_passed_with_their_messages() -> None:
    here, there = channel()
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("", 0)) as other:
        names = [one.getsockname(), other.getsockname()]
        here.send("take", 1, passed=one)
        here.send("free")
        here.send("take", 2, passed=other)
    arrived: list[Message] = []
    while len(arrived) < 3:
        arrived += there.receive()
    passed = [message.passed for message in arrived if message.passed is not None]
    assert [message.word for message in arrived] == ["take", "free", "take"]
    assert [one.getsockname() for one in passed] == names
    for one in passed:
        one.close()
    here.close()
    there.close()


@pytest.mark.parametrize("unread", [b"", b"x"])
def test_the_end_of_the_other_process_is_noticed(unread: bytes) -> None:
    one, other = socket.socketpair()
    here = Channel(other)
    if unread:
        here.send("unread")  # a connection with unread bytes is reset
    one.close()
    with pytest.raises(EOFError):
        here.receive()
    here.close()
