"""A web archive on loopback that speaks the real protocol: a CDX index with resume keys, raw replay, 429, robots."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, quote_plus, urlsplit

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """One capture: `timestamp` is fourteen digits; `moved_to` answers its replay by a redirect to another timestamp."""

    timestamp: str
    original: str
    body: bytes = b""
    statuscode: str = "200"
    mimetype: str = "text/html"
    headers: tuple[tuple[str, str], ...] = ()
    moved_to: str | None = None

    def row(self) -> dict[str, str]:
        """Return the fields of the index."""
        return {
            "urlkey": urlkey(self.original),
            "timestamp": self.timestamp,
            "original": self.original,
            "mimetype": self.mimetype,
            "statuscode": self.statuscode,
            "digest": "A" * 32,
            "length": str(len(self.body)),
        }


@dataclass(slots=True)
class Asked:
    """One request as it was answered."""

    path: str
    query: dict[str, list[str]]
    status: int
    in_flight: int


@dataclass(slots=True)
class WebArchive:
    """The server; a context manager. `busy` maps the number of a request (from 1) to a Retry-After that it gets."""

    captures: list[Captured] = field(default_factory=list)
    robots: str = "User-agent: *\nDisallow: /save/\n"
    busy: dict[int, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _in_flight: int = 0

    @property
    def base(self) -> str:
        """Return the server's address."""
        assert self._server is not None
        return f"http://127.0.0.77:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"archive": self})
        self._server = ThreadingHTTPServer(("127.0.0.77", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def index(self, query: dict[str, list[str]]) -> bytes:
        """Return the answer of the CDX server to a query."""
        one = {name: values[0] for name, values in query.items()}
        limit = int(one.get("limit", "150000"))
        start, end = one.get("from", "").ljust(14, "0"), one.get("to", "9" * 14).ljust(14, "9")
        rows = sorted((capture.row() for capture in self.captures), key=lambda r: (r["urlkey"], r["timestamp"]))
        rows = [row for row in rows if _matches(row, one["url"], one.get("matchType", "exact"))]
        rows = [row for row in rows if start <= row["timestamp"] <= end]
        rows = [row for row in rows if all(_passes(row, rule) for rule in query.get("filter", ()))]
        if "resumeKey" in one:
            after = tuple(one["resumeKey"].rsplit(" ", 1))
            rows = [row for row in rows if (row["urlkey"], row["timestamp"]) > after]
        shown, last, rest = [], None, False
        for row in rows:
            if "collapse" in one and last is not None and row[one["collapse"]] == last[one["collapse"]]:
                continue
            if len(shown) == limit:
                rest = True
                break
            shown.append(row)
            last = row
        fields = one.get("fl", ",".join(FIELDS)).split(",")
        lines = [" ".join(row[name] for name in fields) for row in shown]
        if rest and one.get("showResumeKey") == "true":
            lines += ["", quote_plus(f"{shown[-1]['urlkey']} {shown[-1]['timestamp']}")]
        return ("\n".join(lines) + "\n").encode() if lines else b""

    def replay(self, timestamp: str, original: str) -> Captured | None:
        """Return the capture at a time, or None where there is none at all."""
        found = [one for one in self.captures if one.original == original]
        return next((one for one in found if one.timestamp == timestamp), found[0] if found else None)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    archive: WebArchive

    def log_message(self, format: str, *args: object) -> None:
        return

    def do_GET(self) -> None:
        archive, parts = self.archive, urlsplit(self.path)
        asked = Asked(path=self.path, query=parse_qs(parts.query), status=0, in_flight=0)
        with archive._lock:
            archive._in_flight += 1
            asked.in_flight = archive._in_flight
            archive.asked.append(asked)
            wait = archive.busy.get(len(archive.asked))
        try:
            self._answer(asked, parts.path, wait)
        finally:
            with archive._lock:
                archive._in_flight -= 1

    def _answer(self, asked: Asked, path: str, wait: str | None) -> None:
        if wait is not None:
            self._send(asked, 429, b"Too Many Requests", {"Retry-After": wait})
        elif path == "/robots.txt":
            self._send(asked, 200, self.archive.robots.encode(), {"Content-Type": "text/plain"})
        elif path == "/cdx/search/cdx":
            self._send(asked, 200, self.archive.index(asked.query), {"Content-Type": "text/plain"})
        elif (wanted := re.fullmatch(r"/web/(\d{14})id_/(.+)", self.path)) is not None:
            self._replay(asked, wanted[1], wanted[2])
        else:
            self._send(asked, 404, b"", {})

    def _replay(self, asked: Asked, timestamp: str, original: str) -> None:
        found = self.archive.replay(timestamp, original)
        if found is None:
            self._send(asked, 404, b"not in the archive", {"Content-Type": "text/html"})
            return
        if found.moved_to:
            self._send(asked, 302, b"", {"Location": f"/web/{found.moved_to}id_/{original}"})
            return
        at = datetime.strptime(found.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        headers = {f"x-archive-orig-{name}": value for name, value in found.headers}
        headers |= {"Content-Type": found.mimetype, "Memento-Datetime": f"{at:%a, %d %b %Y %H:%M:%S} GMT"}
        self._send(asked, int(found.statuscode), found.body, headers)

    def _send(self, asked: Asked, status: int, body: bytes, headers: dict[str, Any]) -> None:
        asked.status = status
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def urlkey(url: str) -> str:
    """Return the key the index is sorted by: the host's labels turned round, then the path."""
    parts = urlsplit(url)
    host = parts.netloc.removeprefix("www.")
    labels = host if re.match(r"\d", host) else ",".join(reversed(host.split(".")))
    return f"{labels}){parts.path.lower()}" + (f"?{parts.query.lower()}" if parts.query else "")


def _matches(row: dict[str, str], url: str, kind: str) -> bool:
    wanted = urlkey(url if "://" in url else f"http://{url}")
    if kind == "domain":
        own, asked = row["urlkey"].partition(")")[0], wanted.partition(")")[0]
        return own == asked or own.startswith(asked + ",")
    if kind == "host":
        return row["urlkey"].partition(")")[0] == wanted.partition(")")[0]
    return row["urlkey"].startswith(wanted) if kind == "prefix" else row["urlkey"] == wanted


def _passes(row: dict[str, str], rule: str) -> bool:
    name, _, pattern = rule.lstrip("!").partition(":")
    return bool(re.fullmatch(pattern, row[name])) != rule.startswith("!")


def as_json(asked: Iterable[Asked]) -> str:
    """Return what was asked for, for a failing test to show."""
    return json.dumps([(one.path, one.status) for one in asked], indent=1)
