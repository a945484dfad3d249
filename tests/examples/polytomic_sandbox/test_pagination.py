from __future__ import annotations

import pytest

from polytomic_sandbox.errors import BadRequest
from polytomic_sandbox.pagination import Cursor, PageTokens

CURSOR = Cursor("2026-03-04T12:00:00.000000Z", "11111111-2222-4333-8444-555555555555")


def test_a_token_leads_back_to_its_cursor() -> None:
    tokens = PageTokens("secret")
    assert tokens.read(tokens.issue(CURSOR)) == CURSOR


def test_a_token_outlives_the_process_that_issued_it() -> None:
    assert PageTokens("secret").read(PageTokens("secret").issue(CURSOR)) == CURSOR


def test_a_token_does_not_show_what_it_holds() -> None:
    token = PageTokens("secret").issue(CURSOR)
    assert CURSOR.id not in token
    assert CURSOR.updated_at not in token


def test_a_token_with_any_character_changed_is_refused() -> None:
    tokens = PageTokens("secret")
    token = tokens.issue(CURSOR)
    for index, character in enumerate(token):
        changed = token[:index] + ("B" if character != "B" else "C") + token[index + 1 :]
        with pytest.raises(BadRequest):
            tokens.read(changed)


@pytest.mark.parametrize("token", ["", ".", "abc", "é.é", "a.b.c"])
def test_what_was_never_a_token_is_refused(token: str) -> None:
    with pytest.raises(BadRequest):
        PageTokens("secret").read(token)


def test_a_token_from_elsewhere_is_refused() -> None:
    with pytest.raises(BadRequest):
        PageTokens("secret").read(PageTokens("another").issue(CURSOR))
