"""The embedded local press: starts the outlets' servers, moves their clock, tells the truth about them."""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Iterable
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from . import ledger as ledgers
from . import sources
from .clock import DEFAULT_START, Clock, iso, parse_time
from .log import RequestLog
from .model import Change, Entry, Episode, Gone, Outlet, Piece, Trouble
from .outlets import OUTLETS
from .press import Press
from .script import episodes as planted_episodes
from .script import pieces as planted_pieces
from .server import ControlHandler, Desk, Handler, Route, Server
from .site import Answer

logger = logging.getLogger(__name__)
PORT_TRIES = 50
"""How often another port is tried when one is free on the first host and taken on a later one."""


def loopback_addresses() -> bool:
    """Tell whether the system answers on 127.0.0.2, as Linux does and macOS does not."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.2", 0))
        except OSError:
            return False
    return True


class Newsroom:
    """Run the press on loopback, in threads of this process.

    `outlets` limits the invented outlets to these ids (None: all; empty: none, for tests that add their own).
    `clock` is where the time stands first. `hosts` tells how outlets are kept apart: 'addresses' gives each its own
    127.0.0.x on one port, 'ports' each its own port on 127.0.0.1, 'auto' the first where the system has such
    addresses (Linux).
    `latency_s` delays every answer; `stall_s` is how long a time-out episode holds the line before it drops it.
    """

    def __init__(
        self,
        *,
        outlets: Iterable[str] | None = None,
        clock: datetime | str = DEFAULT_START,
        port: int = 0,
        control_port: int = 0,
        hosts: Literal["auto", "addresses", "ports"] = "auto",
        latency_s: float = 0.0,
        stall_s: float = 2.0,
        extra: Iterable[Outlet] = (),
    ) -> None:
        wanted = None if outlets is None else set(outlets)
        chosen = [outlet for outlet in OUTLETS if wanted is None or outlet.id in wanted]
        if wanted and (unknown := wanted - {outlet.id for outlet in chosen}):
            raise KeyError(f"no such outlet: {', '.join(sorted(unknown))}")
        everything = planted_pieces() if chosen else ()
        self.press = Press(chosen, everything, planted_episodes(everything) if chosen else ())
        self.clock = Clock(parse_time(clock) if isinstance(clock, str) else clock)
        self.log = RequestLog()
        self.control_url = ""
        self.port = port
        self._control_port = control_port
        self._by_address = hosts == "addresses" or (hosts == "auto" and loopback_addresses())
        self._desk = Desk(self.press, self.clock, self.log, latency=latency_s, stall=stall_s)
        self._servers: dict[str, Server] = {}
        self._threads: list[threading.Thread] = []
        self._running = False
        for outlet in extra:
            self.press.outlets[outlet.id] = outlet

    # Life

    def start(self) -> Self:
        """Bind every outlet and the control desk, begin to answer, return itself. Raise OSError without a free port."""
        self._desk.closing.clear()
        for attempt in range(PORT_TRIES):
            try:
                for outlet in self.press.outlets.values():
                    self._bind(outlet)
                break
            except OSError:
                self._close_servers()
                if self.port or attempt == PORT_TRIES - 1:
                    raise
        control = type("Control", (ControlHandler,), {"views": self._views(), "actions": self._actions()})
        server = Server(("127.0.0.1", self._control_port), control)
        self._servers["_control"] = server
        self.control_url = f"http://127.0.0.1:{server.server_address[1]}"
        self._running = True
        for name, bound in self._servers.items():
            self._serve(name, bound)
        return self

    def stop(self) -> None:
        """Stop answering, end open connections and wait for the servers' threads."""
        self._desk.closing.set()
        for server in self._servers.values():
            if self._running:
                server.shutdown()
        self._close_servers()
        for thread in self._threads:
            thread.join(timeout=10)
        self._threads.clear()
        self._running = False

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _bind(self, outlet: Outlet) -> Server:
        handler: type[BaseHTTPRequestHandler] = type(
            "OutletHandler", (Handler,), {"desk": self._desk, "outlet": outlet}
        )
        taken = [name for name in self._servers if name != "_control"]
        if self._by_address:
            shared = self._servers[taken[0]].server_address[1] if taken else self.port
            address = (f"127.0.0.{len(taken) + 1}", shared)
        else:
            address = ("127.0.0.1", self.port + len(taken) if self.port else 0)
        server = Server(address, handler)
        self._servers[outlet.id] = server
        self.press.bases[outlet.id] = f"http://{address[0]}:{server.server_address[1]}"
        return server

    def _serve(self, name: str, server: Server) -> None:
        # The poll interval bounds how long a stop takes.
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"newsroom-{name}", daemon=True
        )
        thread.start()
        self._threads.append(thread)

    def _close_servers(self) -> None:
        for server in self._servers.values():
            server.server_close()
        self._servers.clear()

    # Time and truth

    def advance(self, **by: float) -> datetime:
        """Move the clock forward by the keywords of timedelta (`hours=6`) and return the new time."""
        return self.clock.advance(**by)

    def ledger(self, since: datetime | None = None) -> dict[str, Any]:
        """Return the truth up to the clock; what happened to articles only after `since` (see `ledger.ledger`)."""
        return ledgers.ledger(self.press, self.clock.now(), since)

    def sources_toml(self, path: Path | None = None) -> str:
        """Return the sources file of the running outlets, written to `path` too when one is given."""
        text = sources.sources_toml(self.press)
        if path is not None:
            path.write_text(text, encoding="utf-8")
        return text

    def url(self, outlet_id: str, path: str = "/") -> str:
        """Return an outlet's address with `path`."""
        return self.press.bases[outlet_id] + path

    # What tests add

    def add_outlet(
        self,
        outlet_id: str,
        *,
        name: str | None = None,
        kind: Literal["state", "private", "foreign", "official", "party"] = "private",
        languages: tuple[str, ...] = ("ru",),
        design: str = "portal",
        timezone: str = "Asia/Almaty",
        entries: tuple[Entry, ...] = (
            Entry(kind="feed", path="/rss.xml", format="rss"),
            Entry(kind="section", path="/news/", format="section"),
        ),
        **more: Any,
    ) -> Outlet:
        """Add an outlet, by default with RSS at /rss.xml and a section at /news/; more keywords are those of Outlet.

        `design`: agency, board, broadsheet, caption, evening, gazette, magazine, official, portal, table, wire.
        """
        if outlet_id in self.press.outlets:
            raise ValueError(f"there is an outlet {outlet_id!r} already")
        settings: dict[str, Any] = {
            "path": "/news/{id}",
            "article_pattern": r"/news/[\w-]+$",
            "date_style": {"ru": "ru-long", "kk": "kk-gmt", "en": "iso"},
        }
        outlet = Outlet(
            id=outlet_id,
            name=name or outlet_id.title(),
            kind=kind,
            languages=languages,
            design=design,
            timezone=timezone,
            entries=entries,
            **settings | more,
        )
        self.press.outlets[outlet_id] = outlet
        if self._running:
            self._serve(outlet_id, self._bind(outlet))
        return outlet

    def add_article(
        self,
        outlet_id: str,
        *,
        title: str,
        text: str = "",
        published: datetime | str | None = None,
        language: str | None = None,
        path: str | None = None,
        on_topic: bool = True,
        html: str | None = None,
        date_style: str | None = None,
        authors: tuple[str, ...] = (),
        changes: tuple[Change, ...] = (),
        reprint_of: str | None = None,
    ) -> Piece:
        """Publish an article at an outlet and return it; `piece.id` names it in `change` and `episode`.

        `text` is paragraphs separated by newlines; `published` defaults to the clock; `html` replaces the whole page;
        `path` defaults to /news/<number>.
        """
        outlet = self.press.outlets[outlet_id]
        when = self.clock.now() if published is None else published
        when = parse_time(when) if isinstance(when, str) else when
        number = 90_000 + sum(piece.outlet == outlet_id for piece in self.press.pieces.values())
        piece = Piece(
            id=f"{outlet_id}-{number}",
            number=number,
            outlet=outlet_id,
            language=language or outlet.languages[0],
            title=title,
            paragraphs=tuple(line.strip() for line in re.split(r"\n+", text) if line.strip()),
            published=when,
            path=path or f"/news/{number}",
            on_topic=on_topic,
            html=html,
            date_style=date_style,
            authors=authors,
            changes=changes,
            reprint_of=reprint_of,
        )
        return self.press.add(piece)

    def change(
        self, piece_id: str, *, kind: str = "edit", at: datetime | None = None, text: str | None = None, **fields: Any
    ) -> Piece:
        """Change a piece at `at` (default: the clock): `title=`, `text=`, `gone='404'`, `moved_to=`, `back=True`, ...

        An edit of title or text is a version for the ledger unless `version=False`.
        """
        if text is not None:
            fields["paragraphs"] = tuple(line.strip() for line in text.splitlines() if line.strip())
        fields.setdefault("version", ("title" in fields or "paragraphs" in fields) and "gone" not in fields)
        return self.press.change(piece_id, Change(at=at or self.clock.now(), kind=kind, **fields))

    def vanish(self, piece_id: str, gone: Gone = "404", at: datetime | None = None) -> Piece:
        """Take a piece away at `at` (default: the clock)."""
        return self.change(piece_id, kind=f"gone-{gone}", at=at, gone=gone)

    def trouble(
        self, outlet_id: str, trouble: Trouble, start: datetime, until: datetime, piece_id: str | None = None
    ) -> Episode:
        """Give an outlet, or one piece, a spell of trouble that is no deletion."""
        episode = Episode(outlet=outlet_id, trouble=trouble, start=start, until=until, piece=piece_id)
        self.press.episodes.append(episode)
        return episode

    def route(self, outlet_id: str, path: str, found: Answer | Route | None) -> None:
        """Answer `path` (with its query) at an outlet by an Answer, a function of its time, or (None) as ever."""
        if found is None:
            self._desk.routes.pop((outlet_id, path), None)
            return
        self._desk.routes[outlet_id, path] = (lambda now: found) if isinstance(found, Answer) else found

    # The control desk

    def describe(self) -> dict[str, Any]:
        """Return the addresses and the time: what a parent process reads from the first line of output."""
        return {"control": self.control_url, "clock": iso(self.clock.now()), "outlets": dict(self.press.bases)}

    def _views(self) -> dict[str, Any]:
        def ledger_view(query: dict[str, str]) -> dict[str, Any]:
            return self.ledger(parse_time(query["since"]) if "since" in query else None)

        return {
            "/_newsroom/": lambda query: self.describe(),
            "/_newsroom/ledger": ledger_view,
            "/_newsroom/log": lambda query: self.log.as_json(int(query.get("since", 0))),
            "/_newsroom/summary": lambda query: (
                self.log.summary(int(query.get("since", 0))) | {"mark": self.log.mark(), "clock": iso(self.clock.now())}
            ),
            "/_newsroom/sources.toml": lambda query: self.sources_toml(),
        }

    def _actions(self) -> dict[str, Any]:
        def advance(body: dict[str, Any]) -> dict[str, str]:
            if "to" in body:
                return {"clock": iso(self.clock.set(parse_time(body["to"])))}
            return {"clock": iso(self.advance(**body))}

        return {"/_newsroom/advance": advance}
