"""The map of reprints: which outlets were first and which copied them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Response

from archive import listings
from archive.database import Database
from archive.site import drawing, figures
from archive.site.criteria import day
from archive.site.language import Words
from archive.site.views.page import ask, filled, page, words_of

MAX_PAIRS = 400


@page
async def reprints(datasette: Any, request: Any) -> Response:
    """Show who copied whom."""
    since = day(request.args.get("since"))

    def question(db: Database) -> dict[str, Any]:
        return {"pairs": listings.network(db, since=since, limit=MAX_PAIRS), "names": figures.names(db)}

    found = await ask(datasette, question)
    pairs = [_shown(pair, found["names"], words_of(request)) for pair in found["pairs"]]
    shown = {"pairs": pairs, "names": found["names"], "map": drawing.map_of(pairs), "since": since}
    return await filled(datasette, request, "reprints", shown)


def _shown(pair: dict[str, Any], names: dict[str, str], w: Words) -> dict[str, Any]:
    """Return a pair with what the template says of it: a call from a template takes ten times as long as one here."""
    first, copier = pair["first_source"], pair["copied_by"]
    return pair | {
        "first_name": names.get(first) or first,
        "copier_name": names.get(copier) or copier,
        "count": w.number(pair["articles"]),
        "share": w.percent(pair["similarity"]),
        "delay": w.span(pair["median_delay_minutes"]),
        "query": urlencode({"first_source_id": first, "source_id": copier}),
    }
