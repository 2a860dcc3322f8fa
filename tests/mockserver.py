"""A web of misbehaving sites on loopback: one resource for each misbehaviour, served from a thread over raw sockets.

    with MockServer() as web:
        site = web.site({"/robots.txt": text(b"User-agent: *\\nDisallow: /")})
        ... crawl site.url("/page/1") ...
        assert site.seen("/page/") == []

A new misbehaviour is a function decorated with `@resource("/its-name")`; `Exchange` has what it needs to send
anything, well-formed or not. A path ends at the first resource whose name is its longest beginning.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import brotli  # type: ignore[import-untyped]
from backports import zstd

PAGE = "<!doctype html><html lang=ru><title>Новость {n}</title><p>Текст новости {n}.</p></html>"
MIB = 1024 * 1024


@dataclass(slots=True)
class Asked:
    """One request as a site saw it. Header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    at: float


@dataclass(slots=True)
class Exchange:
    """One request and the means to answer it."""

    site: Site
    asked: Asked
    writer: asyncio.StreamWriter

    @property
    def rest(self) -> str:
        """What follows the resource's name in the address: `/hops/3` -> `3`."""
        return self.asked.target.split("?")[0].strip("/").partition("/")[2]

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self, status: str = "200 OK", headers: Mapping[str, str] | None = None) -> None:
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
        await self.raw("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def answer(
        self,
        body: bytes = b"",
        status: str = "200 OK",
        headers: Mapping[str, str] | None = None,
        kind: str = "text/html",
    ) -> None:
        with_length = {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}
        await self.head(status, with_length)
        await self.raw(body)

    def reset(self) -> None:
        """End the connection with a reset instead of an orderly close."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Resource = Callable[[Exchange], Awaitable[None]]
RESOURCES: dict[str, Resource] = {}


def resource(name: str) -> Callable[[Resource], Resource]:
    """Register what answers for addresses that begin with `name`."""

    def register(function: Resource) -> Resource:
        RESOURCES[name] = function
        return function

    return register


def text(body: bytes | str, status: str = "200 OK", kind: str = "text/plain", **headers: str) -> Resource:
    """Make a resource that always gives one answer; header names with `_` for `-`."""
    data = body.encode() if isinstance(body, str) else body

    async def give(exchange: Exchange) -> None:
        await exchange.answer(data, status, {k.replace("_", "-"): v for k, v in headers.items()}, kind)

    return give


def in_turn(*resources: Resource) -> Resource:
    """Make a resource that answers with each in turn, and goes on with the last."""
    left = list(resources)

    async def give(exchange: Exchange) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(exchange)

    return give


@dataclass(slots=True)
class Site:
    """One address of the web: its own resources before the common ones, and what it was asked."""

    resources: dict[str, Resource]
    delay_s: float = 0.0
    scheme: str = "http"
    netloc: str = ""
    asked: list[Asked] = field(default_factory=list)
    active: int = 0
    most_at_once: int = 0

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://{self.netloc}{path}"

    def seen(self, beginning: str = "/") -> list[str]:
        """Return the addresses asked for that begin so, in order."""
        return [asked.target for asked in self.asked if asked.target.startswith(beginning)]

    def find(self, target: str) -> Resource:
        path = target.split("?")[0]
        for table in (self.resources, RESOURCES):
            names = [name for name in table if path == name or path.startswith(f"{name.rstrip('/')}/")]
            if names:
                return table[max(names, key=len)]
        return text("not here", "404 Not Found")


class MockServer:
    """The server: a loop in a thread, sites on ports of their own, closed with the context."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mockserver", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def site(
        self,
        resources: Mapping[str, Resource] | None = None,
        *,
        host: str = "127.0.0.1",
        delay_s: float = 0.0,
        tls: ssl.SSLContext | None = None,
    ) -> Site:
        """Open a site on a free port of a loopback address; each answer takes `delay_s` at least."""
        site = Site(resources=dict(resources or {}), delay_s=delay_s, scheme="https" if tls else "http")
        asyncio.run_coroutine_threadsafe(self._open(site, host, tls), self._loop).result(10)
        return site

    def dead_netloc(self) -> str:
        """Return a loopback address and port that nothing listens on."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return f"127.0.0.1:{probe.getsockname()[1]}"

    async def _open(self, site: Site, host: str, tls: ssl.SSLContext | None) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            try:
                await self._serve(site, reader, writer)
            except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass  # the crawler went away, which is what many resources want it to do
            finally:
                self._tasks.discard(task)
                writer.transport.abort()

        server = await asyncio.start_server(serve, host, 0, ssl=tls)
        self._servers.append(server)
        site.netloc = f"{host}:{server.sockets[0].getsockname()[1]}"

    async def _serve(self, site: Site, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            method, target, _ = line.decode("latin-1").split(" ", 2)
            headers: dict[str, str] = {}
            while (header := (await reader.readline()).decode("latin-1").strip()) != "":
                name, _, value = header.partition(":")
                headers[name.lower()] = value.strip()
            asked = Asked(method, target, headers, self._loop.time())
            site.asked.append(asked)
            site.active += 1
            site.most_at_once = max(site.most_at_once, site.active)
            try:
                await asyncio.sleep(site.delay_s)
                await site.find(target)(Exchange(site, asked, writer))
                await writer.drain()
            finally:
                site.active -= 1
            if writer.transport.is_closing():
                return

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for server in self._servers:
            with contextlib.suppress(OSError):
                await server.wait_closed()


# ---- what works ------------------------------------------------------------------------------------------------


@resource("/robots.txt")
async def no_rules(x: Exchange) -> None:
    await x.answer(b"", "404 Not Found", kind="text/plain")


@resource("/page")
async def page(x: Exchange) -> None:
    await x.answer(PAGE.format(n=x.rest).encode())


# ---- time ------------------------------------------------------------------------------------------------------


@resource("/never")
async def never(x: Exchange) -> None:
    """Take the request and say nothing."""
    await asyncio.sleep(3600)


@resource("/slow-body")
async def slow_body(x: Exchange) -> None:
    """Promise a page and send a byte a second."""
    await x.head(headers={"Content-Length": "100000"})
    while True:
        await x.raw(b"x")
        await asyncio.sleep(1)


@resource("/slow-headers")
async def slow_headers(x: Exchange) -> None:
    await x.raw(b"HTTP/1.1 200 OK\r\n")
    for n in range(100_000):
        await x.raw(f"X-{n}: y\r\n".encode())
        await asyncio.sleep(1)


# ---- torn answers ----------------------------------------------------------------------------------------------


@resource("/drop")
async def drop(x: Exchange) -> None:
    """Close without a word."""
    x.writer.close()


@resource("/reset")
async def reset(x: Exchange) -> None:
    x.reset()


@resource("/short-body")
async def short_body(x: Exchange) -> None:
    """Announce 1,000 bytes, send 100."""
    await x.head(headers={"Content-Type": "text/html", "Content-Length": "1000"})
    await x.raw(b"x" * 100)
    x.writer.close()


@resource("/reset-body")
async def reset_body(x: Exchange) -> None:
    await x.head(headers={"Content-Type": "text/html", "Content-Length": "1000"})
    await x.raw(b"x" * 100)
    await asyncio.sleep(0.05)
    x.reset()


@resource("/torn-chunks")
async def torn_chunks(x: Exchange) -> None:
    """End before the last chunk."""
    await x.head(headers={"Content-Type": "text/html", "Transfer-Encoding": "chunked"})
    await x.raw(b"5\r\nhello\r\n")
    x.writer.close()


@resource("/bad-chunks")
async def bad_chunks(x: Exchange) -> None:
    await x.head(headers={"Content-Type": "text/html", "Transfer-Encoding": "chunked"})
    await x.raw(b"5\r\nhello\r\nzz\r\nworld\r\n0\r\n\r\n")
    x.writer.close()


@resource("/torn-gzip")
async def torn_gzip(x: Exchange) -> None:
    """Send half of a gzip stream with a Content-Length that fits the half."""
    data = gzip.compress(bytes(range(256)) * 40)
    await x.answer(data[: len(data) // 2], headers={"Content-Encoding": "gzip"})


@resource("/not-gzip")
async def not_gzip(x: Exchange) -> None:
    """Call a plain page gzip."""
    await x.answer(PAGE.format(n="plain").encode(), headers={"Content-Encoding": "gzip"})


@resource("/bad-brotli")
async def bad_brotli(x: Exchange) -> None:
    await x.answer(b"\xff\x00this is no brotli", headers={"Content-Encoding": "br"})


@resource("/unknown-encoding")
async def unknown_encoding(x: Exchange) -> None:
    await x.answer(b"?" * 100, headers={"Content-Encoding": "compress"})


# ---- size ------------------------------------------------------------------------------------------------------


@resource("/huge")
async def huge(x: Exchange) -> None:
    """Announce 200 MB and mean it."""
    await x.head(headers={"Content-Type": "text/html", "Content-Length": str(200 * MIB)})
    for _ in range(200):
        await x.raw(b"x" * MIB)


@resource("/endless")
async def endless(x: Exchange) -> None:
    """Send chunks for ever."""
    await x.head(headers={"Content-Type": "text/html", "Transfer-Encoding": "chunked"})
    while True:
        await x.raw(b"10000\r\n" + b"x" * 65536 + b"\r\n")


@resource("/endless-headers")
async def endless_headers(x: Exchange) -> None:
    await x.raw(b"HTTP/1.1 200 OK\r\n")
    while True:
        await x.raw(b"X-Padding: " + b"y" * 1000 + b"\r\n")


@resource("/long-header")
async def long_header(x: Exchange) -> None:
    """Send a header of 50 MB on one line."""
    await x.raw(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(50):
        await x.raw(b"y" * MIB)
    await x.raw(b"\r\nContent-Length: 0\r\n\r\n")


@resource("/many-headers")
async def many_headers(x: Exchange) -> None:
    lines = "".join(f"X-{n}: y\r\n" for n in range(200_000))
    await x.raw(f"HTTP/1.1 200 OK\r\n{lines}Content-Length: 0\r\n\r\n".encode())


def _bomb(encoding: str, compress: Callable[[bytes], bytes]) -> None:
    packed: list[bytes] = []

    async def explode(x: Exchange) -> None:
        if not packed:
            # not on the loop: other sites would be slow meanwhile
            packed.append(await asyncio.to_thread(compress, b" " * (64 * MIB)))
        await x.answer(packed[0], headers={"Content-Encoding": encoding})

    RESOURCES[f"/bomb-{encoding}"] = explode


_bomb("gzip", lambda data: gzip.compress(data, 1))
_bomb("deflate", lambda data: zlib.compress(data, 1))
_bomb("br", lambda data: brotli.compress(data, quality=2))
_bomb("zstd", zstd.compress)


@resource("/bomb-nested")
async def bomb_nested(x: Exchange) -> None:
    data = await asyncio.to_thread(lambda: gzip.compress(gzip.compress(b" " * (64 * MIB), 1), 1))
    await x.answer(data, headers={"Content-Encoding": "gzip, gzip"})


@resource("/many-encodings")
async def many_encodings(x: Exchange) -> None:
    data = b"hello"
    for _ in range(20):
        data = gzip.compress(data)
    await x.answer(data, headers={"Content-Encoding": ", ".join(["gzip"] * 20)})


# ---- no HTTP ---------------------------------------------------------------------------------------------------


@resource("/http09")
async def http09(x: Exchange) -> None:
    await x.raw(b"<html>no status line at all</html>")
    x.writer.close()


@resource("/garbage")
async def garbage(x: Exchange) -> None:
    await x.raw(bytes(range(256)) * 20)
    x.writer.close()


@resource("/double-length")
async def double_length(x: Exchange) -> None:
    await x.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nhello")
    x.writer.close()


@resource("/bad-length")
async def bad_length(x: Exchange) -> None:
    await x.raw(b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello")
    x.writer.close()


@resource("/negative-length")
async def negative_length(x: Exchange) -> None:
    await x.raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello")
    x.writer.close()


@resource("/no-colon")
async def no_colon(x: Exchange) -> None:
    """Send a header line without a colon, as some servers do."""
    await x.raw(b"HTTP/1.1 200 OK\r\nthis is no header\r\nContent-Length: 5\r\n\r\nhello")


@resource("/until-close")
async def until_close(x: Exchange) -> None:
    """Send a page without saying how long it is; the close ends it."""
    await x.raw(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE.format(n="closed").encode())
    x.writer.close()


@resource("/bare-newlines")
async def bare_newlines(x: Exchange) -> None:
    await x.raw(b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello")


# ---- status ----------------------------------------------------------------------------------------------------


@resource("/status")
async def status(x: Exchange) -> None:
    """Answer `/status/503` with that status."""
    await x.answer(b"", f"{x.rest} Whatever")


@resource("/retry-after")
async def retry_after(x: Exchange) -> None:
    """Answer `/retry-after/429/120` with that status and Retry-After."""
    code, _, wait = x.rest.partition("/")
    await x.answer(b"", f"{code} Whatever", {"Retry-After": wait.replace("_", " ")})


@resource("/etag")
async def etag(x: Exchange) -> None:
    """Answer 304 to the right validator, the page to any other."""
    if x.asked.headers.get("if-none-match") == '"one"':
        await x.head("304 Not Modified", {"ETag": '"one"'})
    else:
        await x.answer(PAGE.format(n="etag").encode(), headers={"ETag": '"one"'})


# ---- redirects -------------------------------------------------------------------------------------------------


@resource("/hops")
async def hops(x: Exchange) -> None:
    """Lead from `/hops/3` over three redirects to a page."""
    left = int(x.rest)
    await x.head("302 Found", {"Location": f"/hops/{left - 1}" if left > 1 else "/page/hopped", "Content-Length": "0"})


@resource("/round")
async def round_and_round(x: Exchange) -> None:
    await x.head("302 Found", {"Location": "/round", "Content-Length": "0"})


@resource("/to")
async def to(x: Exchange) -> None:
    """Redirect to the address that follows the `?`."""
    await x.head("302 Found", {"Location": x.asked.target.partition("?")[2], "Content-Length": "0"})
