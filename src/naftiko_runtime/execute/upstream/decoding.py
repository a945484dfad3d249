"""Content codings (RFC 9110 8.4): undone within a bound, so that no small answer grows large."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Final, Protocol, TypeAlias

from naftiko_runtime.errors import UpstreamProtocolError, UpstreamTooLarge
from naftiko_runtime.values import record

Decoder: TypeAlias = Callable[[bytes, int], bytes]
"""Undoes one coding, up to a number of bytes; raises what `decode` raises."""

_FIRST_PIECE: Final = 1024
_STEP: Final = 1024 * 1024
_MOST_CODINGS: Final = 4
"""How many codings may lie over one another; each costs a pass over all of the body."""

_MOST_STREAMS: Final = 10_000
"""How many streams a body may consist of; an empty one takes twenty bytes, and as long as others.

Files that are compressed in blocks, so that parts of them can be read, have some thousands.
"""

_BROKEN: Final = "The upstream API's answer is badly compressed, or breaks off."


def decode(body: bytes, codings: Sequence[bytes], limit: int) -> bytes:
    """Undo content codings, the last applied first.

    Args:
        body: The body as it came.
        codings: Names in lower case, in the order in which they were applied; all in `DECODERS`.
        limit: How many bytes any coding may yield.

    Raises:
        UpstreamTooLarge: A coding yields more, and nothing past the limit is decoded; or there are
            too many codings, or too many streams in one.
        UpstreamProtocolError: The body is not what its coding promises, or breaks off.
    """
    if len(codings) > _MOST_CODINGS:
        raise UpstreamTooLarge(
            f"The upstream API's answer is compressed more than {_MOST_CODINGS} times over."
        )
    for coding in reversed(codings):
        body = DECODERS[coding](body, limit)
    return body


def _bound(size: int, limit: int) -> None:
    if size > limit:
        raise UpstreamTooLarge(f"The upstream API's answer is over {limit} bytes when unpacked.")


class _Stream(Protocol):
    """One compressed stream, as zlib and zstd offer it."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


@record
class _Streams:
    """A coding whose body is one stream, or several end to end.

    Attributes:
        open: Starts a stream.
        error: What a stream raises when its data is bad.
        magic: How a further stream begins, empty where there is only one; whatever else follows a
            stream is left alone.
    """

    open: Callable[[], _Stream]
    error: type[Exception]
    magic: bytes

    def __call__(self, body: bytes, limit: int) -> bytes:
        decoded, end = self._stream(body, 0, limit)
        parts, size = [decoded], len(decoded)
        while self.magic and body.startswith(self.magic, end):
            if len(parts) >= _MOST_STREAMS:
                raise UpstreamTooLarge(
                    f"The upstream API's answer is compressed in over {_MOST_STREAMS} pieces."
                )
            decoded, end = self._stream(body, end, limit - size)
            parts.append(decoded)
            size += len(decoded)
        return b"".join(parts)

    def _stream(self, body: bytes, start: int, limit: int) -> tuple[bytes, int]:
        """Decode the stream that starts here; return it and where it ends.

        The pieces grow, because what a stream leaves of its last piece is copied.
        """
        stream, parts, size, step = self.open(), list[bytes](), 0, _FIRST_PIECE
        while not stream.eof:
            piece = body[start : start + step]
            parts.append(self._decompress(stream, piece, limit + 1 - size))
            size += len(parts[-1])
            _bound(size, limit)
            start += len(piece)
            step *= 2
        return b"".join(parts), start - len(stream.unused_data)

    def _decompress(self, stream: _Stream, piece: bytes, room: int) -> bytes:
        if not piece:
            raise UpstreamProtocolError(_BROKEN)
        try:
            return stream.decompress(piece, room)
        except self.error as error:
            raise UpstreamProtocolError(_BROKEN) from error


def _zlib(window_bits: int, magic: bytes = b"") -> _Streams:
    return _Streams(lambda: zlib.decompressobj(window_bits), zlib.error, magic)


_WRAPPED_DEFLATE: Final = _zlib(zlib.MAX_WBITS)
_BARE_DEFLATE: Final = _zlib(-zlib.MAX_WBITS)


def _deflate(body: bytes, limit: int) -> bytes:
    """Decode deflate: wrapped by zlib as RFC 9110 8.4.1.2 says, or bare as some servers send it."""
    wrapped = body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2]) % 31 == 0
    return (_WRAPPED_DEFLATE if wrapped else _BARE_DEFLATE)(body, limit)


def _brotli(module: ModuleType) -> Decoder:
    """Return a decoder for brotli (RFC 7932): it takes its input whole and yields in steps."""

    def decode_brotli(body: bytes, limit: int) -> bytes:
        stream, parts, size = module.Decompressor(), list[bytes](), 0
        try:
            while not stream.is_finished():
                parts.append(stream.process(body, output_buffer_limit=_STEP))
                body = b""
                size += len(parts[-1])
                _bound(size, limit)
                if not parts[-1] and not stream.is_finished():
                    raise UpstreamProtocolError(_BROKEN)
        except module.error as error:
            raise UpstreamProtocolError(_BROKEN) from error
        return b"".join(parts)

    return decode_brotli


def _zstd(module: ModuleType) -> Decoder:
    """Return a decoder for zstd (RFC 8878) with the window of 8 MB that RFC 9659 grants."""
    options = {module.DecompressionParameter.window_log_max: 23}
    return _Streams(
        lambda: module.ZstdDecompressor(options=options), module.ZstdError, b"\x28\xb5\x2f\xfd"
    )


def _module(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _decoders() -> Mapping[bytes, Decoder]:
    """Return the decoders there are: brotli from 1.2 on, which can be bounded; zstd as in 3.14."""
    gzip = _zlib(16 + zlib.MAX_WBITS, b"\x1f\x8b")
    decoders: dict[bytes, Decoder] = {b"gzip": gzip, b"x-gzip": gzip, b"deflate": _deflate}
    brotli = _module("brotli")
    if brotli and hasattr(brotli.Decompressor, "can_accept_more_data"):
        decoders[b"br"] = _brotli(brotli)
    zstd = _module("compression.zstd") or _module("backports.zstd")
    if zstd:
        decoders[b"zstd"] = _zstd(zstd)
    return decoders


DECODERS: Final = _decoders()
"""What can be decoded, by the coding's name."""

ACCEPT_ENCODING: Final = b", ".join(name for name in DECODERS if name != b"x-gzip")
"""The value of `accept-encoding` that promises no more than can be decoded."""
