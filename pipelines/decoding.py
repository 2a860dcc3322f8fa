"""Undoes Content-Encoding within a size: no bomb gets through, no torn body is taken for a whole one."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import brotli  # type: ignore[import-untyped]

from archive.errors import DauysError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_STEP = 64 * 1024
"""Bytes fed to and taken from a decoder at a time."""

_MOST_LAYERS = 2
"""Encodings of one body. Honest servers use one; a proxy that compresses again makes two."""

_MOST_MEMBERS = 1000
"""Gzip members or zstd frames of one body: each costs a decoder, and empty ones cost nothing to send."""

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class TooLarge(DauysError):
    """Raised when a body would be longer than the limit."""


class Torn(DauysError):
    """Raised when a body ends before its compressed stream does."""


class Broken(DauysError):
    """Raised when a body is not what its Content-Encoding says."""


class _Decoder(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def ended(self) -> bool: ...


class _Zlib:
    """gzip (several members, padding after them ignored) and deflate (with or without its zlib header)."""

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._inner = zlib.decompressobj(wbits=bits)
        self._members = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inner.eof:
                if self._bits != _GZIP or not _GZIP_MAGIC.startswith(data[:2]) or self._members >= _MOST_MEMBERS:
                    return
                self._members += 1
                self._inner = zlib.decompressobj(wbits=self._bits)
            yield self._inner.decompress(data, _STEP)
            data = self._inner.unused_data if self._inner.eof else self._inner.unconsumed_tail

    def ended(self) -> bool:
        return self._inner.eof


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._inner.is_finished():
            return
        # can_accept_more_data() is true while output is still held back, so ask until nothing comes.
        while piece := self._inner.process(data, output_buffer_limit=_STEP):
            yield piece
            data = b""
            if self._inner.is_finished():
                return

    def ended(self) -> bool:
        return bool(self._inner.is_finished())


class _Zstd:
    """zstd, with at most 8 MiB of window as RFC 9659 asks of HTTP; several frames."""

    def __init__(self) -> None:
        self._inner = self._fresh()
        self._members = 0

    @staticmethod
    def _fresh() -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 23})

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inner.eof:
                if not _ZSTD_MAGIC.startswith(data[:4]) or self._members >= _MOST_MEMBERS:
                    return
                self._members += 1
                self._inner = self._fresh()
            yield self._inner.decompress(data, max_length=_STEP)
            while not self._inner.eof and not self._inner.needs_input:
                yield self._inner.decompress(b"", max_length=_STEP)
            data = self._inner.unused_data if self._inner.eof else b""

    def ended(self) -> bool:
        return bool(self._inner.eof)


_GZIP = zlib.MAX_WBITS | 16
_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "gzip": lambda: _Zlib(_GZIP),
    "x-gzip": lambda: _Zlib(_GZIP),
    "deflate": lambda: _Zlib(zlib.MAX_WBITS),
    "br": _Brotli,
    "zstd": _Zstd,
}
ACCEPTED = "gzip, deflate, br, zstd"
"""What to put into Accept-Encoding."""


def decode(body: bytes, encodings: Sequence[str], *, limit: int, cut: bool = False) -> bytes:
    """Return the body without its encodings (in the order in which they were applied).

    `limit` is the most bytes to return; with `cut` what goes beyond it, or is missing, is left away
    instead of an error. A body that is plain although a header calls it gzip is returned as it is:
    servers do that. Raises TooLarge, Torn or Broken.
    """
    layers = [name.strip().lower() for name in encodings if name.strip().lower() not in ("", "identity")]
    if len(layers) > _MOST_LAYERS:
        raise Broken(f"{len(layers)} encodings one in another")
    for name in reversed(layers):
        maker = _DECODERS.get(name)
        if maker is None:
            raise Broken(f"unknown encoding {name[:40]!r}")
        body = _decode_one(body, name, maker, limit, cut)
    return body


def _decode_one(body: bytes, name: str, maker: Callable[[], _Decoder], limit: int, cut: bool) -> bytes:
    if not body:
        return body
    if name in ("gzip", "x-gzip") and not _GZIP_MAGIC.startswith(body[:2]):
        if len(body) > limit and not cut:
            raise TooLarge(f"more than {limit} bytes")
        return body[:limit]
    out: list[bytes] = []
    try:
        complete = _run(maker(), body, limit, out)
    except (zlib.error, brotli.error, zstd.ZstdError) as error:
        if name != "deflate" or out:
            raise Broken(f"{name}: {error}"[:200]) from error
        return _decode_one(body, "raw deflate", lambda: _Zlib(-zlib.MAX_WBITS), limit, cut)
    whole = b"".join(out)
    if len(whole) > limit:
        if not cut:
            raise TooLarge(f"more than {limit} bytes")
        return whole[:limit]
    if not complete and not cut:
        raise Torn(f"{name} ends after {len(whole)} bytes")
    return whole


def _run(decoder: _Decoder, body: bytes, limit: int, out: list[bytes]) -> bool:
    """Decode into `out` until past the limit; tell whether the stream was complete."""
    size = 0
    for start in range(0, len(body), _STEP):
        for piece in decoder.feed(body[start : start + _STEP]):
            out.append(piece)
            size += len(piece)
            if size > limit:
                return False
    return decoder.ended()
