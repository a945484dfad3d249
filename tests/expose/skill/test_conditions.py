"""Conditions of requests, RFC 9110 section 13."""

from __future__ import annotations

import pytest

from naftiko_runtime.expose.skill.conditions import is_known, tag_of, validators

_SECOND = 1_000_000_000
OWN = validators(1_700_000_000 * _SECOND + 5, b"one")
DATE = b"Tue, 14 Nov 2023 22:13:20 GMT"


def test_validators_are_a_tag_and_a_date() -> None:
    assert OWN == ((b"etag", b'"one"'), (b"last-modified", DATE))


def test_tags_differ_with_what_they_are_of() -> None:
    assert tag_of(b"a") != tag_of(b"b")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({b"if-none-match": b'"one"'}, True),
        ({b"if-none-match": b'W/"one"'}, True),
        ({b"if-none-match": b'"two", "one"'}, True),
        ({b"if-none-match": b" * "}, True),
        ({b"if-none-match": b"one"}, False),
        ({b"if-none-match": b""}, False),
        ({b"if-none-match": b'"two"', b"if-modified-since": DATE}, False),
        ({b"if-modified-since": DATE}, True),
        ({b"if-modified-since": b"Tue, 14 Nov 2023 22:13:19 GMT"}, False),
        ({b"if-modified-since": b"Wed, 15 Nov 2023 22:13:19 GMT"}, True),
        ({b"if-modified-since": b"Tue, 14 Nov 2023 22:13:20 -0000"}, False),
        ({b"if-modified-since": b"yesterday"}, False),
        ({b"if-modified-since": b"\xff"}, False),
    ],
)
def test_what_a_client_has(headers: dict[bytes, bytes], expected: bool) -> None:
    assert is_known(OWN, [*headers.items()]) == expected


def test_without_a_date_a_date_tells_nothing() -> None:
    assert not is_known(((b"etag", b'"one"'),), [(b"if-modified-since", DATE)])
