"""Answers that are too long, too slow, torn, packed or no HTTP at all."""

from __future__ import annotations

import asyncio
import gzip

from tests.hostile.case import Cases
from tests.hostile.press import article
from tests.mockserver import MIB, Exchange

CASES = Cases()
page = CASES.page

# ---- bodies ----------------------------------------------------------------------------------------------------
page("gzip-bomb", "gzip, 300 KB that become 64 MB", "/bomb-gzip", reason="too large")
page("deflate-bomb", "deflate, the same", "/bomb-deflate", reason="too large")
page("brotli-bomb", "brotli, 64 MB in 64 bytes", "/bomb-br", reason="too large")
page("zstd-bomb", "zstd, 64 MB in 6 KB", "/bomb-zstd", reason="too large")
page("nested-bomb", "gzip in gzip", "/bomb-nested", reason="too large")
page("many-encodings", "twenty encodings one in another", "/many-encodings", reason="broken encoding")
page("huge-body", "200 MB, announced", "/huge", reason="too large")
page("endless-body", "chunks without end", "/endless", reason="too large")
page("slow-body", "a byte a second", "/slow-body", reason="time-out")
page("short-body", "1,000 bytes announced, 100 sent", "/short-body", reason="truncated")
page("reset-body", "a reset in the middle of the body", "/reset-body", reason="truncated")
page("torn-chunks", "an end before the last chunk", "/torn-chunks", reason="truncated")
page("bad-chunks", "a chunk size that is no number", "/bad-chunks", reason="broken answer")
page("torn-gzip", "half of a gzip stream", "/torn-gzip", reason="truncated")
page("bad-brotli", "no brotli under that name", "/bad-brotli", reason="broken encoding")
page("unknown-encoding", "an encoding that nobody knows", "/unknown-encoding", reason="broken encoding")
page("double-length", "two values of Content-Length", "/double-length", reason="broken answer")
page("bad-length", "a Content-Length in words", "/bad-length", reason="broken answer")
page("negative-length", "a Content-Length below zero", "/negative-length", reason="broken answer")


async def gzip_members(x: Exchange) -> None:
    """Send 200,000 empty gzip members in 4 MB."""
    await x.answer(gzip.compress(b"") * 200_000, headers={"Content-Encoding": "gzip"})


async def chunk_extension(x: Exchange) -> None:
    """Send a chunk whose extension has no end."""
    await x.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;")
    while True:
        await x.raw(b"x" * 65536)


async def trailers(x: Exchange) -> None:
    """Send trailers without end behind the last chunk."""
    await x.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n")
    while True:
        await x.raw(b"X-Trailer: " + b"y" * 1000 + b"\r\n")


async def tiny_chunks(x: Exchange) -> None:
    """Send an article's page in chunks of one byte."""
    body = article(100).encode()
    await x.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
    await x.raw(b"".join(b"1\r\n" + body[n : n + 1] + b"\r\n" for n in range(len(body))) + b"0\r\n\r\n")


page("gzip-members", "200,000 empty gzip members", gzip_members, reason="no article text")
page("chunk-extension", "a chunk extension without end", chunk_extension, reason="time-out")
page("trailers", "trailers without end", trailers, reason="truncated")
page("tiny-chunks", "a page in chunks of one byte", tiny_chunks, "stored")

# ---- heads -----------------------------------------------------------------------------------------------------
page("endless-headers", "headers without end", "/endless-headers", reason="broken answer")
page("many-headers", "200,000 headers", "/many-headers", reason="broken answer")
page("long-header", "one header of 50 MB", "/long-header", reason="broken answer")
page("slow-headers", "a header a second", "/slow-headers", reason="time-out")
page("no-colon", "a header without a colon", "/no-colon", reason="broken answer")
page("http09", "no status line", "/http09", reason="broken answer")
page("garbage", "bytes that are no HTTP", "/garbage", reason="broken answer")


async def cookies(x: Exchange) -> None:
    """Set a cookie with an article's page."""
    await x.answer(article(101).encode(), headers={"Set-Cookie": "spy=1; Max-Age=999999999"})


async def many_cookies(x: Exchange) -> None:
    """Set 5,000 cookies of 4 KB."""
    await x.raw(b"HTTP/1.1 200 OK\r\n")
    for n in range(5000):
        await x.raw(f"Set-Cookie: c{n}={'y' * 4000}\r\n".encode())
    await x.raw(b"Content-Length: 0\r\n\r\n")


async def endless_status(x: Exchange) -> None:
    """Send a status line without end."""
    await x.raw(b"HTTP/1.1 200 ")
    while True:
        await x.raw(b"O" * 65536)


async def endless_informational(x: Exchange) -> None:
    """Say 'continue' for ever."""
    while True:
        await x.raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        await asyncio.sleep(0.01)


async def early_upgrade(x: Exchange) -> None:
    """Switch to a protocol that nobody asked for."""
    await x.raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")
    await x.raw(bytes(range(256)) * 100)


async def split_headers(x: Exchange) -> None:
    """Send control characters and another line in headers that are kept."""
    await x.raw(
        b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: "a\x0bb\x1b[31m"\r\nLast-Modified: x\r\n\tX-More: y\r\n'
    )
    body = article(102).encode()
    await x.raw(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)


page("cookie", "a cookie for a thousand years", cookies, "stored")
page("many-cookies", "5,000 cookies of 4 KB", many_cookies, reason="broken answer")
page("endless-status", "a status line without end", endless_status, reason="broken answer")
page("endless-100", "'100 Continue' for ever", endless_informational, reason="time-out")
page("upgrade", "a protocol that nobody asked for", early_upgrade, reason="http 101")
page("split-headers", "control characters and folded lines in headers", split_headers, "stored")

# ---- no answer, odd answers ------------------------------------------------------------------------------------
page("silence", "a request that is never answered", "/never", reason="time-out")
page("drop", "a close without a word", "/drop", reason="broken answer")
page("reset", "a reset without a word", "/reset", reason="broken answer")
page("status-500", "error 500", "/status/500", reason="http 500")
page("status-999", "a status that does not exist", "/status/999", reason="http 999")
page("busy-for-ever", "429 with Retry-After: 999999999", "/retry-after/429/999999999", "new", "retry-after")


async def noise(x: Exchange) -> None:
    """Call two megabytes of noise a page."""
    await x.answer(bytes(range(256)) * (2 * MIB // 256))


async def gzip_inside(x: Exchange) -> None:
    """Send a bomb as a page's own bytes, without saying that it is packed."""
    await x.answer(gzip.compress(b" " * MIB, 6))


page("noise", "two megabytes of noise as text/html", noise, "off-topic", edge=True)
page("packed-page", "a gzip bomb as the page itself", gzip_inside, reason="not a page: application/gzip")
