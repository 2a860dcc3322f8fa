"""What outlets changed and what they removed after publishing it."""

from __future__ import annotations

import asyncio
from typing import Any

from datasette.utils.asgi import Response

from archive.database import Database
from archive.diff import Piece, changed_paragraphs, word_diff
from archive.site import figures, history
from archive.site.criteria import MAX_PAGE, day, number
from archive.site.views.page import ask, filled, page

NEARBY_CHARS = 80
"""Unchanged characters shown on each side of a change in the list."""
PREVIEW_PIECES = 12


@page
async def edits(datasette: Any, request: Any) -> Response:
    """List changes of stored articles, each headline word by word."""
    asked = _asked(request)
    kind = request.args.get("kind")
    kind = kind if kind in ("headlines", "silent") else ""

    def question(db: Database) -> dict[str, Any]:
        listing = history.edits(db, headlines=kind == "headlines", silent=kind == "silent", **asked)
        return {"listing": listing, "names": figures.names(db)}

    found = await ask(datasette, question)
    await asyncio.to_thread(_compare, found["listing"].rows)
    return await filled(datasette, request, "edits", found | asked | {"kind": kind})


@page
async def deletions(datasette: Any, request: Any) -> Response:
    """List articles that were removed from their sites."""
    asked = _asked(request)
    back = request.args.get("back") == "1"

    def question(db: Database) -> dict[str, Any]:
        return {"listing": history.deletions(db, back=back, **asked), "names": figures.names(db)}

    return await filled(datasette, request, "deletions", await ask(datasette, question) | asked | {"back": back})


def _compare(rows: list[dict[str, Any]]) -> None:
    """Put the pieces of each headline, and of the first change of each text, into its row."""
    for row in rows:
        row["headline"] = word_diff(row["title_before"] or "", row["title_after"] or "")
        changed = changed_paragraphs(row["before"] or "", row["after"] or "")
        row["preview"] = around_changes(changed[0]) if changed else []


def around_changes(pieces: list[Piece]) -> list[Piece]:
    """Return a paragraph's pieces with what stayed the same, or changed at length, cut to what stands nearby."""
    cut = []
    for at, piece in enumerate(pieces):
        text = piece.text
        if piece.kind != "same":
            text = text if len(text) <= 4 * NEARBY_CHARS else text[: 4 * NEARBY_CHARS] + "…"
        elif len(text) > 2 * NEARBY_CHARS:
            before = text[:NEARBY_CHARS] + " …" if at else "…"
            text = before + (" " + text[-NEARBY_CHARS:] if at < len(pieces) - 1 else "")
        cut.append(Piece(kind=piece.kind, text=text))
    return cut[:PREVIEW_PIECES]


def _asked(request: Any) -> dict[str, Any]:
    return {
        "source": request.args.get("source") or None,
        "since": day(request.args.get("since")),
        "until": day(request.args.get("until")),
        "page": number(request.args.get("page"), 1, MAX_PAGE),
    }
