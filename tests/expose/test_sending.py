"""Handing requests over: where the server can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from naftiko_runtime.expose.sending import LARGE_BODY, is_handed_over, is_large
from tests.expose.handing import Handing

if TYPE_CHECKING:
    from starlette.types import Message


@pytest.mark.parametrize(("length", "expected"), [(LARGE_BODY, False), (LARGE_BODY + 1, True)])
def test_pieces_are_large_together(length: int, *, expected: bool) -> None:
    assert is_large([b"x", b"y" * (length - 1)]) is expected
    assert not is_large([])


@pytest.mark.parametrize("is_over", [True, False])
async def test_a_large_body_is_handed_over_where_somebody_takes_it(*, is_over: bool) -> None:
    send, body = Handing(is_over=is_over), b"x" * (LARGE_BODY + 1)
    assert await is_handed_over([body[:9], body[9:]], send) is is_over
    assert send.asked == [body]


async def test_another_server_answers_all_itself() -> None:
    async def send(message: Message) -> None:
        raise AssertionError(message)

    assert not await is_handed_over([b"x" * (LARGE_BODY + 1)], send)
