"""The press on the wire: one threaded HTTP/1.1 server an outlet, and one for the control desk."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from .clock import Clock
from .log import Request, RequestLog
from .model import Outlet
from .press import Press
from .site import Answer, answer, etag

logger = logging.getLogger(__name__)
Route = Callable[[datetime], Answer]


class Desk:
    """What the handlers share: the press, its clock, the log, added routes and how slow to be."""

    def __init__(self, press: Press, clock: Clock, log: RequestLog, *, latency: float, stall: float) -> None:
        self.press, self.clock, self.log = press, clock, log
        self.latency, self.stall = latency, stall
        self.routes: dict[tuple[str, str], Route] = {}
        self.closing = threading.Event()


class Server(ThreadingHTTPServer):
    """A threaded server that ends its open keep-alive connections when it is closed."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients that leave in the middle are part of the tests.
        logger.debug("connection from %s ended in an error", client_address, exc_info=True)

    def server_close(self) -> None:
        with self._open_lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError as error:
                    logger.debug("connection was closed already: %s", error)
        super().server_close()


class Handler(BaseHTTPRequestHandler):
    """Answers for one outlet: logs, asks the site, looks at conditions, writes."""

    protocol_version = "HTTP/1.1"
    server_version = "newsroom"
    sys_version = ""
    wbufsize = 65_536
    disable_nagle_algorithm = True
    timeout = 120
    desk: Desk
    outlet: Outlet

    def log_message(self, format: str, *args: object) -> None:
        logger.debug(format, *args)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.desk.clock.now(), usegmt=True)

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def _serve(self) -> None:
        desk, outlet = self.desk, self.outlet
        now = desk.clock.now()
        headers = {name.lower(): value for name, value in self.headers.items()}
        forbidden = bool(outlet.disallow) and self.path.startswith(outlet.disallow)
        host = urlsplit(desk.press.bases[outlet.id]).netloc
        with desk.log.watch(
            outlet=outlet.id,
            host=host,
            method=self.command,
            path=self.path,
            headers=headers,
            clock=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            forbidden=forbidden,
        ) as entry:
            if desk.latency:
                desk.closing.wait(desk.latency)
            route = desk.routes.get((outlet.id, self.path))
            found = route(now) if route else answer(desk.press, outlet, self.path, now)
            if found.stall:
                desk.closing.wait(desk.stall)
                self.close_connection = True
                return
            self._write(found, entry)
        # The answer leaves after the request has stopped counting as in flight: a client that waits for it before
        # it asks again is never seen with two.
        self.wfile.flush()

    def _write(self, found: Answer, entry: Request) -> None:
        validators: list[tuple[str, str]] = []
        kind = self.outlet.validators
        if found.status == 200 and found.body and kind != "none":
            if kind != "last-modified":
                validators.append(("ETag", etag(found.body, weak=kind == "weak")))
            if found.last_modified is not None and kind != "weak":
                stamp = format_datetime(found.last_modified.astimezone(UTC), usegmt=True)
                validators.append(("Last-Modified", stamp))
        if validators and self._unchanged(dict(validators)):
            entry.status = 304
            self.send_response(304)
            for name, value in validators:
                self.send_header(name, value)
            self.end_headers()
            return
        entry.status, entry.bytes = found.status, len(found.body)
        self.send_response(found.status)
        for name, value in (*found.headers, *validators):
            self.send_header(name, value)
        self.send_header("Content-Type", found.content_type)
        self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(found.body)

    def _unchanged(self, validators: dict[str, str]) -> bool:
        """Tell whether the client's copy is current: If-None-Match first, as RFC 9110 section 13.2.2 has it."""
        wanted = self.headers.get("If-None-Match")
        if wanted is not None:
            mine = validators.get("ETag", "").removeprefix("W/")
            theirs = [tag.strip().removeprefix("W/") for tag in wanted.split(",")]
            return bool(mine) and (mine in theirs or "*" in theirs)
        since, changed = self.headers.get("If-Modified-Since"), validators.get("Last-Modified")
        if since is None or changed is None:
            return False
        try:
            return parsedate_to_datetime(changed) <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False


class ControlHandler(BaseHTTPRequestHandler):
    """The control desk's JSON: GET a view, POST an advance of the clock."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65_536
    disable_nagle_algorithm = True
    timeout = 120
    views: dict[str, Callable[[dict[str, str]], object]]
    actions: dict[str, Callable[[dict[str, Any]], object]]

    def log_message(self, format: str, *args: object) -> None:
        logger.debug(format, *args)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
        self._reply(self.views.get(parts.path), query)

    def do_POST(self) -> None:
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        except ValueError:
            self._send(400, {"error": "the body is not JSON"})
            return
        self._reply(self.actions.get(urlsplit(self.path).path), body)

    def _reply(self, view: Callable[[Any], object] | None, argument: object) -> None:
        if view is None:
            self._send(404, {"error": f"no {self.path}", "views": sorted(self.views), "actions": sorted(self.actions)})
            return
        try:
            self._send(200, view(argument))
        except (KeyError, TypeError, ValueError) as error:
            self._send(400, {"error": str(error)})

    def _send(self, status: int, document: object) -> None:
        if isinstance(document, str):
            body, content_type = document.encode(), "text/plain; charset=utf-8"
        else:
            body, content_type = json.dumps(document, ensure_ascii=False).encode(), "application/json"
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
