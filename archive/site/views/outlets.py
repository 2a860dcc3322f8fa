"""Outlets: how each does, what was discovered of it and what of that was stored."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from archive import times
from archive.database import Database
from archive.site import chart, figures
from archive.site.views.page import MissingError, ask, filled, page, words_of


@page
async def outlets(datasette: Any, request: Any) -> Response:
    """List the outlets with their health."""

    def question(db: Database) -> dict[str, Any]:
        return {
            "figures": figures.figures(db),
            "health": {one.source_id: one for one in figures.health(db, times.now())},
        }

    return await filled(datasette, request, "outlets", await ask(datasette, question))


@page
async def outlet(datasette: Any, request: Any) -> Response:
    """Show one outlet."""

    def question(db: Database) -> dict[str, Any]:
        found = figures.outlet(db, request.url_vars["id"], times.now())
        if found is None:
            raise MissingError("error.no_outlet")
        return {"outlet": found, "names": figures.names(db)}

    found = await ask(datasette, question)
    coverage = chart.coverage(found["outlet"]["days"], words_of(request))
    return await filled(datasette, request, "outlet", found | {"coverage": coverage})
