"""The map of reprints: which outlets were first and which copied them."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive import listings
from archive.site import drawing, figures
from archive.site.criteria import day
from archive.site.views.page import ask, filled, page

MAX_PAIRS = 400


@page
async def reprints(datasette: Any, request: Any) -> Response:
    """Show who copied whom."""
    since = day(request.args.get("since"))

    def question(db: Database) -> dict[str, Any]:
        return {"pairs": listings.network(db, since=since, limit=MAX_PAIRS), "names": figures.names(db)}

    found = await ask(datasette, question)
    return await filled(datasette, request, "reprints", found | {"map": drawing.map_of(found["pairs"]), "since": since})
