"""All that the outlets publish and what befalls it, with the questions the server asks: what stands where, when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from urllib.parse import unquote

from .model import Change, Entry, Episode, Outlet, Piece, stable_number


class Press:
    """Outlets, pieces and episodes. Pure but for the `add` methods; every answer is a function of the time asked for.

    `bases` maps an outlet's id to its address (`http://127.0.0.2:8001`); the server fills it when it starts.
    """

    def __init__(
        self, outlets: Iterable[Outlet] = (), pieces: Iterable[Piece] = (), episodes: Iterable[Episode] = ()
    ) -> None:
        self.outlets = {outlet.id: outlet for outlet in outlets}
        self.pieces: dict[str, Piece] = {}
        self.episodes = [episode for episode in episodes if episode.outlet in self.outlets]
        self.bases: dict[str, str] = {}
        self._by_outlet: dict[str, list[Piece]] = defaultdict(list)
        self._by_path: dict[tuple[str, str], str] = {}
        for piece in pieces:
            if piece.outlet in self.outlets:
                self.add(piece)

    def add(self, piece: Piece) -> Piece:
        """Publish `piece`, or put a changed one in its place, and return it."""
        if piece.outlet not in self.outlets:
            raise KeyError(f"no outlet {piece.outlet!r}")
        self.pieces[piece.id] = piece
        others = [other for other in self._by_outlet[piece.outlet] if other.id != piece.id]
        self._by_outlet[piece.outlet] = sorted([*others, piece], key=lambda p: (p.published, p.number), reverse=True)
        for path in (piece.path, *(change.moved_to for change in piece.changes if change.moved_to)):
            self._by_path[piece.outlet, unquote(path)] = piece.id
        return piece

    def change(self, piece_id: str, change: Change) -> Piece:
        """Add `change` to a piece and return the piece as it is planned now."""
        piece = self.pieces[piece_id]
        changes = tuple(sorted((*piece.changes, change), key=lambda c: c.at))
        return self.add(replace(piece, changes=changes))

    def published(self, outlet: str, now: datetime, edition: str | None = None) -> list[Piece]:
        """Return what an outlet has published by `now`, newest first, gone or not."""
        return [
            piece
            for piece in self._by_outlet[outlet]
            if piece.published <= now and (edition is None or piece.edition == edition)
        ]

    def standing(self, outlet: str, now: datetime, edition: str | None = None) -> list[Piece]:
        """Return what is still listed at `now`: published and not gone, newest first."""
        return [piece for piece in self.published(outlet, now, edition) if piece.at(now).gone is None]

    def listed(self, outlet: Outlet, entry: Entry, now: datetime) -> list[Piece]:
        """Return the pieces that an entry leads to at `now`, through all its pages or files."""
        if entry.format == "dead" or (outlet.closes_at and outlet.closes_at <= now):
            return []
        standing = self.standing(outlet.id, now, entry.edition)
        if entry.kind == "feed":
            return standing[: outlet.feed_depth]
        if entry.kind == "news-sitemap":
            return [piece for piece in standing if (now - piece.published).total_seconds() < 2 * 86_400]
        return standing

    def find(self, outlet: str, target: str, now: datetime) -> Piece | None:
        """Return the piece whose address, present, past or future, is `target`, if it is published by `now`."""
        piece = self.pieces.get(self._by_path.get((outlet, unquote(target)), ""))
        return piece if piece is not None and piece.published <= now else None

    def trouble(self, outlet: str, piece: str | None, now: datetime) -> str | None:
        """Return the trouble that an outlet, or one of its pieces, is in at `now`."""
        for episode in self.episodes:
            if episode.outlet == outlet and episode.start <= now < episode.until and episode.piece in (None, piece):
                return episode.trouble
        return None

    def latest_event(self, outlet: str, now: datetime) -> datetime:
        """Return when anything last happened at an outlet: the Last-Modified of its listings."""
        times = [piece.at(now).touched for piece in self.published(outlet, now)]
        return max(times, default=datetime(2026, 1, 1, tzinfo=now.tzinfo))

    def url(self, piece: Piece, now: datetime | None = None) -> str:
        """Return a piece's address, as it is at `now` or as it was first."""
        path = piece.path if now is None else piece.at(now).path
        return self.bases[piece.outlet] + path

    def related(self, piece: Piece, now: datetime) -> list[Piece]:
        """Return what the related box shows: older pieces for good, or the newest where the outlet's noise says so."""
        outlet = self.outlets[piece.outlet]
        if "related" in outlet.noise:
            return [other for other in self.published(piece.outlet, now, piece.edition) if other.id != piece.id][:5]
        older = self.published(piece.outlet, piece.published, piece.edition)[1:30]
        return older[stable_number("related", piece.id) % 3 :][:4]
