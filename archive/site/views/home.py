"""The first page: what the archive holds, day by day, and what has lately been copied, changed and removed."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from archive import listings, times
from archive.database import Database
from archive.site import chart, figures, history
from archive.site.views.page import ask, filled, page, words_of

SHOWN = 5


@page
async def home(datasette: Any, request: Any) -> Response:
    """Show the archive as a whole."""

    def question(db: Database) -> dict[str, Any]:
        lately: dict[str, Any] = {"source": None, "since": None, "until": None, "page": 1}
        return {
            "figures": figures.figures(db),
            "health": {one.source_id: one for one in figures.health(db, times.now())},
            "stories": listings.stories(db, limit=SHOWN),
            "edits": history.edits(db, headlines=True, silent=False, **lately).rows[:SHOWN],
            "deletions": history.deletions(db, back=False, **lately).rows[:SHOWN],
            "names": figures.names(db),
        }

    found = await ask(datasette, question)
    coverage = chart.coverage(found["figures"].days, words_of(request))
    return await filled(datasette, request, "home", found | {"coverage": coverage})
