"""Content codings by themselves."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from types import ModuleType

import pytest

from naftiko_runtime.errors import UpstreamProtocolError, UpstreamTooLarge
from naftiko_runtime.execute.upstream import decoding
from naftiko_runtime.execute.upstream.decoding import ACCEPT_ENCODING, DECODERS, decode
from tests.execute.upstream.codings import BODIES, ENCODER_IDS, ENCODERS, Encoder

every_coding = pytest.mark.parametrize(("name", "encode"), ENCODERS, ids=ENCODER_IDS)


@every_coding
@pytest.mark.parametrize("body", BODIES, ids=len)
def test_every_body_comes_back(name: bytes, encode: Encoder, body: bytes) -> None:
    assert decode(encode(body), [name], len(body)) == body


@every_coding
def test_one_byte_over_the_limit_is_too_much(name: bytes, encode: Encoder) -> None:
    with pytest.raises(UpstreamTooLarge):
        decode(encode(bytes(5000)), [name], 4999)


@every_coding
def test_a_bomb_takes_no_more_memory_than_the_limit(name: bytes, encode: Encoder) -> None:
    bomb = encode(bytes(64 * 1024 * 1024))
    tracemalloc.start()
    try:
        with pytest.raises(UpstreamTooLarge):
            decode(bomb, [name], 1024 * 1024)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


def test_members_of_gzip_are_joined_and_what_follows_them_is_left() -> None:
    members = b"".join(gzip.compress(b"%d;" % number) for number in range(300))
    assert decode(members + b"\0\0", [b"gzip"], 5000) == b"".join(b"%d;" % n for n in range(300))


def test_members_of_gzip_are_bounded_together() -> None:
    with pytest.raises(UpstreamTooLarge):
        decode(gzip.compress(bytes(600)) * 2, [b"gzip"], 1000)


def test_no_more_members_of_gzip_are_read_than_take_a_short_time() -> None:
    empty = gzip.compress(b"")
    assert decode(empty * 10_000, [b"gzip"], 1000) == b""
    with pytest.raises(UpstreamTooLarge, match="in over 10000 pieces"):
        decode(empty * 10_001, [b"gzip"], 1000)


def test_only_a_few_codings_may_lie_over_one_another() -> None:
    body = b"a"
    for _ in range(5):
        body = gzip.compress(body)
    assert decode(body, [b"gzip"] * 4, 1000) == gzip.compress(b"a")
    with pytest.raises(UpstreamTooLarge, match="more than 4 times over"):
        decode(body, [b"gzip"] * 5, 1000)


def test_a_further_member_may_not_break_off() -> None:
    with pytest.raises(UpstreamProtocolError):
        decode(gzip.compress(b"a") + gzip.compress(b"b")[:-1], [b"gzip"], 1000)


def test_what_follows_deflate_is_left() -> None:
    assert decode(zlib.compress(b"a") + zlib.compress(b"b"), [b"deflate"], 10) == b"a"


def test_no_more_is_promised_than_can_be_decoded() -> None:
    promised = ACCEPT_ENCODING.split(b", ")
    assert promised[:2] == [b"gzip", b"deflate"]
    assert set(promised) == set(DECODERS) - {b"x-gzip"}


def test_codings_without_their_module_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_module", lambda name: None)
    assert set(decoding._decoders()) == {b"gzip", b"x-gzip", b"deflate"}


def test_a_brotli_that_can_not_be_bounded_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    old = ModuleType("brotli")
    old.Decompressor = object  # type: ignore[attr-defined]  # a module is filled at run time
    monkeypatch.setattr(decoding, "_module", {"brotli": old}.get)
    assert b"br" not in decoding._decoders()
