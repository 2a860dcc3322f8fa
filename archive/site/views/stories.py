"""Stories: which texts many outlets carried, and of each who was first, who copied and how fast."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from archive import listings
from archive.database import Database
from archive.site import drawing, figures, history
from archive.site.criteria import day, number
from archive.site.views.article import MAX_ID
from archive.site.views.page import MissingError, ask, filled, page

LIST_SIZE = 50


@page
async def stories(datasette: Any, request: Any) -> Response:
    """List the stories that several articles tell."""
    asked = request.args.get("by")
    order: listings.StoryOrder = "speed" if asked == "speed" else "languages" if asked == "languages" else "size"
    since, until = day(request.args.get("since")), day(request.args.get("until"))
    source = request.args.get("source") or None

    def question(db: Database) -> dict[str, Any]:
        return {
            "stories": listings.stories(db, order=order, since=since, until=until, source=source, limit=LIST_SIZE),
            "names": figures.names(db),
        }

    found = await ask(datasette, question)
    return await filled(
        datasette,
        request,
        "stories",
        found | {"order": order, "since": since, "until": until, "source": source, "limit": LIST_SIZE},
    )


@page
async def story(datasette: Any, request: Any) -> Response:
    """Show one story on its timeline."""
    found = await ask(datasette, lambda db: history.story(db, number(request.url_vars["id"], 0, MAX_ID)))
    if found is None:
        raise MissingError("error.no_story")
    return await filled(
        datasette,
        request,
        "story",
        {"story": found, "members": found["members"], "timeline": drawing.timeline(found["members"])},
    )
