"""Encoders for what the clients decode."""

from __future__ import annotations

import gzip
import importlib
import zlib
from collections.abc import Callable

import pytest

Encoder = Callable[[bytes], bytes]


def bare_deflate(body: bytes) -> bytes:
    """Compress without zlib's wrapping."""
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


def brotli(body: bytes) -> bytes:
    """Compress by brotli; skip the test where that is not installed."""
    compressed = pytest.importorskip("brotli").compress(body, quality=5)
    assert isinstance(compressed, bytes)
    return compressed


def zstd(body: bytes) -> bytes:
    """Compress by zstd; skip the test where that is not installed."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            compressed = importlib.import_module(name).compress(body)
        except ImportError:
            continue
        assert isinstance(compressed, bytes)
        return compressed
    pytest.skip("there is no zstd here")


ENCODERS: tuple[tuple[bytes, Encoder], ...] = (
    (b"gzip", gzip.compress),
    (b"x-gzip", gzip.compress),
    (b"deflate", zlib.compress),
    (b"deflate", bare_deflate),
    (b"br", brotli),
    (b"zstd", zstd),
)
ENCODER_IDS = ("gzip", "x-gzip", "deflate", "bare deflate", "br", "zstd")

BODIES = (
    b"",
    b"x",
    b'{"a": 1}' * 3000,
    bytes(range(256)) * 20_000,
)
