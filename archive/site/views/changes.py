"""What outlets changed and what they removed after publishing it."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive.diff import word_diff
from archive.site import figures, history
from archive.site.criteria import MAX_PAGE, day, number
from archive.site.views.page import ask, filled, page


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
    for row in found["listing"].rows:
        row["headline"] = word_diff(row["title_before"] or "", row["title_after"] or "")
    return await filled(datasette, request, "edits", found | asked | {"kind": kind})


@page
async def deletions(datasette: Any, request: Any) -> Response:
    """List articles that were removed from their sites."""
    asked = _asked(request)
    back = request.args.get("back") == "1"

    def question(db: Database) -> dict[str, Any]:
        return {"listing": history.deletions(db, back=back, **asked), "names": figures.names(db)}

    return await filled(datasette, request, "deletions", await ask(datasette, question) | asked | {"back": back})


def _asked(request: Any) -> dict[str, Any]:
    return {
        "source": request.args.get("source") or None,
        "since": day(request.args.get("since")),
        "until": day(request.args.get("until")),
        "page": number(request.args.get("page"), 1, MAX_PAGE),
    }
