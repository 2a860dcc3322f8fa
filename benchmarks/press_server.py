"""Serves the benchmarks' press from memory, in a process of its own: what serving costs is on no crawler's account.

Pages can be changed and taken away while it runs: a file that is gone is 404, an empty one 410.

usage: python -m benchmarks.press_server --folder DIR --hosts 10 [--pages 500] (Ctrl-D ends it)
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.page_press import PORT, Truth, host, is_made, make, read_truths

START_S = 1800
"""Seconds within which the pages must have been read."""
READY = "ready"
AGAIN = b"again\n"
"""What is written to the server for it to read its files again."""


@dataclass(frozen=True, slots=True)
class _Packed:
    body: bytes
    tag: str


class _Site(asyncio.Protocol):
    """Answers GET from the packed files, with a validator; nothing else is known."""

    def __init__(self, files: dict[tuple[str, str], _Packed]) -> None:
        self._files = files
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while b"\r\n\r\n" in self._unread:
            asked, _, self._unread = self._unread.partition(b"\r\n\r\n")
            self._answer(asked.decode("latin-1"))

    def _answer(self, asked: str) -> None:
        line, *headers = asked.split("\r\n")
        path = line.split(" ")[1]
        named = {name.lower(): value.strip() for name, _, value in (header.partition(":") for header in headers)}
        file = self._files.get((named.get("host", "").partition(":")[0], path))
        if path == "/robots.txt":
            self._send("200 OK", b"User-agent: *\nAllow: /\n", "text/plain")
        elif file is None:
            self._send("404 Not Found", b"<html><body>none</body></html>", "text/html")
        elif not file.body:
            self._send("410 Gone", b"<html><body>gone</body></html>", "text/html")
        elif named.get("if-none-match") == file.tag:
            self._send("304 Not Modified", b"", "text/html", f"ETag: {file.tag}\r\n")
        else:
            kind = "application/rss+xml" if path.endswith(".xml") else "text/html; charset=utf-8"
            packed = "gzip" in named.get("accept-encoding", "")
            body = file.body if packed else gzip.decompress(file.body)
            self._send("200 OK", body, kind, f"ETag: {file.tag}\r\n" + "Content-Encoding: gzip\r\n" * packed)
        if named.get("connection", "").lower() == "close" or line.endswith("HTTP/1.0"):
            self._transport.close()  # type: ignore[attr-defined]

    def _send(self, status: str, body: bytes, kind: str, more: str = "") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        self._transport.write(head.encode() + body)  # type: ignore[attr-defined]


def _packed(folder: Path) -> dict[tuple[str, str], _Packed]:
    """Return the files of a press: (host, path) -> packed bytes."""
    return {
        (place.name, f"/{file.relative_to(place).as_posix()}"): _Packed(
            body := file.read_bytes(), f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        )
        for place in folder.iterdir()
        if place.is_dir()
        for file in place.rglob("*")
        if file.is_file()
    }


async def serve(folder: Path, hosts: int) -> None:
    """Serve the files of a press until standard input ends; `ready` is made when it listens, and after each `again`.

    A benchmark that is killed leaves no press behind: the pipe ends with it.
    """
    files = _packed(folder)
    server = await asyncio.get_running_loop().create_server(
        lambda: _Site(files), [host(number) for number in range(hosts)], PORT
    )
    async with server:
        await server.start_serving()
        while True:
            await asyncio.to_thread((folder / READY).touch)
            if await asyncio.to_thread(sys.stdin.buffer.readline) != AGAIN:
                return
            files.clear()
            files.update(_packed(folder))


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A press that is being served: the folder of its pages, and what they say."""

    folder: Path
    truths: list[Truth]
    process: subprocess.Popen[bytes]

    def again(self) -> None:
        """Serve the pages as the folder has them now."""
        assert self.process.stdin is not None
        (self.folder / READY).unlink()
        self.process.stdin.write(AGAIN)
        self.process.stdin.flush()
        self.wait()

    def wait(self) -> None:
        """Wait until it has read its pages."""
        end = time.monotonic() + START_S
        while not (self.folder / READY).exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the press did not begin")
            time.sleep(0.1)


@contextmanager
def running(folder: Path, hosts: int, pages: int) -> Iterator[Served]:
    """Make a press in `folder`, unless it is there from an earlier time, and serve it from a process of its own."""
    truths = read_truths(folder) if is_made(folder) else make(folder, hosts, pages)
    truths = truths[: hosts * pages]  # of one that is larger, the first hosts
    (folder / READY).unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.press_server", "--folder", str(folder), "--hosts", str(hosts)]
    process = subprocess.Popen(command, cwd=Path(__file__).resolve().parents[1], stdin=subprocess.PIPE)
    try:
        served = Served(folder=folder, truths=truths, process=process)
        served.wait()
        yield served
    finally:
        process.communicate()


def main() -> None:
    """Make a press where pages are asked for, and serve it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--hosts", type=int, default=10)
    parser.add_argument("--pages", type=int, help="pages of a host; without it the folder has them already")
    options = parser.parse_args()
    if options.pages:
        make(options.folder, options.hosts, options.pages)
    asyncio.run(serve(options.folder, options.hosts))


if __name__ == "__main__":
    main()
