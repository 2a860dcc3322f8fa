"""The truth about everything planted up to a time: what an archive of this press must hold, as plain objects."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from . import dates
from .clock import iso
from .model import Change, Piece
from .press import Press

SHOWS_MODIFIED = frozenset({"agency", "portal", "magazine", "wire"})
"""Designs that print a modification date; on the others every edit is a silent one."""

NOISE = {
    "counter": "view counter",
    "clock": "page clock",
    "related": "related-links box",
    "ads": "advertisement",
    "day": "relative date",
}


def ledger(press: Press, now: datetime, since: datetime | None = None) -> dict[str, Any]:
    """Return what happened by `now`; edits, non-edits, moves, deletions and episodes only after `since`.

    An archive that began at `since` cannot know of an earlier edit: it met the edited text. Times are UTC ISO 8601.
    """
    pieces = [piece for outlet in press.outlets for piece in press.published(outlet, now)]
    pieces.sort(key=lambda piece: (piece.published, piece.id))
    happened = [
        (piece, change)
        for piece in pieces
        for change in piece.changes
        if change.at <= now and (since is None or change.at > since)
    ]
    return {
        "clock": iso(now),
        "since": iso(since) if since else None,
        "outlets": [_outlet(press, outlet_id, now) for outlet_id in press.outlets],
        "articles": [_article(press, piece, now) for piece in pieces],
        "reprints": _reprints(press, pieces),
        "excerpts": [
            {"id": piece.id, "url": press.url(piece), "of": [press.url(press.pieces[other]) for other in known]}
            for piece in pieces
            if (known := [other for other in piece.excerpt_of if other in press.pieces])
        ],
        "families": _groups(press, pieces, "family"),
        "events": _groups(press, pieces, "event"),
        "translations": [
            {"urls": [press.url(press.pieces[piece.translation_of]), press.url(piece)]}
            for piece in pieces
            if piece.translation_of in press.pieces
        ],
        "edits": [_change(press, piece, change) for piece, change in happened if change.version],
        "non_edits": [
            _change(press, piece, change)
            for piece, change in happened
            if not (change.version or change.gone or change.back or change.moved_to)
        ]
        + [
            {"outlet": outlet.id, "kind": NOISE[noise], "at": None, "id": None, "url": None}
            for outlet in press.outlets.values()
            for noise in sorted(outlet.noise)
        ],
        "moves": [
            _change(press, piece, change) | {"to": press.bases[piece.outlet] + change.moved_to}
            for piece, change in happened
            if change.moved_to
        ],
        "deletions": [
            _change(press, piece, change) | {"gone": change.gone} for piece, change in happened if change.gone
        ]
        + _closed(press, pieces, now),
        "returns": [_change(press, piece, change) for piece, change in happened if change.back],
        "episodes": [
            {
                "outlet": episode.outlet,
                "url": press.url(press.pieces[episode.piece]) if episode.piece else None,
                "trouble": episode.trouble,
                "start": iso(episode.start),
                "until": iso(episode.until),
            }
            for episode in press.episodes
            if episode.start <= now and (since is None or episode.until > since)
        ],
    }


def _outlet(press: Press, outlet_id: str, now: datetime) -> dict[str, Any]:
    outlet = press.outlets[outlet_id]
    return {
        "id": outlet.id,
        "name": outlet.name,
        "kind": outlet.kind,
        "languages": list(outlet.languages),
        "timezone": outlet.timezone,
        "base": press.bases[outlet.id],
        "robots_disallow": outlet.disallow,
        "closed_at": iso(outlet.closes_at) if outlet.closes_at and outlet.closes_at <= now else None,
        "entries": [
            {
                "kind": entry.kind,
                "url": press.bases[outlet.id] + entry.path,
                "format": entry.format,
                "lists": [press.url(piece, now) for piece in press.listed(outlet, entry, now)],
            }
            for entry in outlet.entries
        ],
    }


def precision(press: Press, piece: Piece) -> str:
    """Return how exactly the article's page tells its date: 'second', 'minute' or 'day'."""
    outlet = press.outlets[piece.outlet]
    if outlet.design in ("agency", "portal", "magazine", "wire"):
        return "second"
    style = piece.date_style or outlet.date_style.get(piece.language, "iso")
    return "day" if style in dates.DAY_ONLY else "minute"


def _article(press: Press, piece: Piece, now: datetime) -> dict[str, Any]:
    outlet, state = press.outlets[piece.outlet], piece.at(now)
    gone = state.gone or ("parked" if outlet.closes_at and outlet.closes_at <= now else None)
    exact = precision(press, piece)
    local = piece.published.astimezone(outlet.zone)
    return {
        "id": piece.id,
        "outlet": piece.outlet,
        "url": press.url(piece),
        "url_now": press.url(piece, now),
        "language": piece.language,
        "script": piece.script,
        "on_topic": piece.on_topic,
        "theme": piece.theme,
        "title": state.title,
        "paragraphs": list(state.paragraphs),
        "published_at": iso(piece.published),
        "published_day": local.date().isoformat(),
        "published_precision": exact,
        "date_style": piece.date_style or outlet.date_style.get(piece.language),
        "gone": gone,
        "reprint_of": piece.reprint_of,
        "versions": 1 + sum(change.version for change in piece.changes if change.at <= now),
    }


def _change(press: Press, piece: Piece, change: Change) -> dict[str, Any]:
    return {
        "id": piece.id,
        "outlet": piece.outlet,
        "url": press.url(piece),
        "on_topic": piece.on_topic,
        "kind": change.kind,
        "at": iso(change.at),
        "silent": not (change.stamp_modified and press.outlets[piece.outlet].design in SHOWS_MODIFIED),
        "title_changed": change.title is not None,
        "text_changed": change.paragraphs is not None,
    }


def _reprints(press: Press, pieces: list[Piece]) -> list[dict[str, Any]]:
    groups: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        if piece.reprint_of in press.pieces:
            groups[piece.reprint_of].append(piece)
    return [
        {
            "first": press.url(press.pieces[first]),
            "first_outlet": press.pieces[first].outlet,
            "language": press.pieces[first].language,
            "on_topic": press.pieces[first].on_topic,
            "published_at": iso(press.pieces[first].published),
            "copies": [
                {
                    "url": press.url(copy),
                    "outlet": copy.outlet,
                    "kind": copy.reprint_kind,
                    "delay_minutes": (copy.published - press.pieces[first].published) // timedelta(minutes=1),
                }
                for copy in copies
            ],
        }
        for first, copies in sorted(groups.items())
    ]


def _groups(press: Press, pieces: list[Piece], attribute: str) -> list[dict[str, Any]]:
    groups: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        if name := getattr(piece, attribute):
            groups[name].append(piece)
    return [
        {"name": name, "urls": [press.url(piece) for piece in members]}
        for name, members in sorted(groups.items())
        if len(members) > 1
    ]


def _closed(press: Press, pieces: list[Piece], now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": piece.id,
            "outlet": outlet.id,
            "url": press.url(piece),
            "on_topic": piece.on_topic,
            "kind": "domain-ended",
            "at": iso(outlet.closes_at),
            "gone": "parked",
        }
        for piece in pieces
        if (outlet := press.outlets[piece.outlet]).closes_at and outlet.closes_at <= now and piece.at(now).gone is None
    ]
