"""The search: as a page, as a table to take away, as JSON and as a feed to follow."""

from __future__ import annotations

import json
from typing import Any

from datasette.utils.asgi import Response

from archive.database import Database
from archive.search.current import StaleIndex
from archive.search.query import QueryError
from archive.site import chart, feed, figures, finding, table
from archive.site.criteria import MAX_PAGE, PAGE_SIZE, Criteria, read
from archive.site.days import filled as filled_days
from archive.site.selection import select
from archive.site.views.page import ask, filled, page, whole, words_of

FACETS_SHOWN = 8
"""Values of a facet before 'more'; those that are chosen are always shown."""


@page
async def search(datasette: Any, request: Any) -> Response:
    """Show the articles of a search with its facets and its coverage by day."""
    criteria = read(request.args)
    w = words_of(request)

    def question(db: Database) -> dict[str, Any]:
        chosen = None if criteria.everything else select(db, criteria)
        return {
            "overview": finding.overview(db, criteria, chosen),
            "articles": finding.articles(db, criteria, chosen),
            "names": figures.names(db),
        }

    try:
        found = await ask(datasette, question)
    except (QueryError, StaleIndex) as error:
        return await filled(
            datasette, request, "search",
            {"criteria": criteria, "problem": str(error), "overview": None, "articles": [], "names": {}}, 400,
        )  # fmt: skip
    overview = found["overview"]
    pages = min(-(-overview.total // PAGE_SIZE), MAX_PAGE)
    return await filled(
        datasette,
        request,
        "search",
        found
        | {
            "criteria": criteria,
            "problem": None,
            "pages": pages,
            "coverage": chart.coverage(filled_days(overview.days), w),
            "facets": [
                _facet(name, overview.facets[name], criteria, found["names"], w)
                for name in ("language", "source", "topic", "role")
            ],
        },
    )


@page
async def search_csv(datasette: Any, request: Any) -> Response:
    """Send what a search finds as CSV, in the order of the page."""
    rows = await _rows(datasette, request)
    if isinstance(rows, Response):
        return rows
    return Response(
        table.to_csv(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="dauys-search.csv"'},
    )


@page
async def search_json(datasette: Any, request: Any) -> Response:
    """Send what a search finds as JSON: the search as it was understood, and its articles."""
    rows = await _rows(datasette, request)
    if isinstance(rows, Response):
        return rows
    body = {"search": read(request.args).pairs, "limit": finding.CSV_LIMIT, "articles": rows}
    return Response(json.dumps(body, ensure_ascii=False), content_type="application/json; charset=utf-8")


@page
async def search_atom(datasette: Any, request: Any) -> Response:
    """Send the latest articles of a search as an Atom feed."""
    criteria = read(request.args)
    w = words_of(request)
    try:
        rows = await ask(datasette, lambda db: finding.newest(db, criteria))
    except (QueryError, StaleIndex) as error:
        return Response.text(str(error), status=400)
    urls = datasette.urls
    told = ", ".join(value for _, value in criteria.on(sort="best").pairs)
    body = feed.atom(
        rows,
        title=f"{w('site.name')}: {told}" if told else w("site.name"),
        page=whole(request, urls.path("/search") + criteria.on().address),
        itself=whole(request, urls.path("/search.atom") + criteria.on(sort="best").address),
        home=whole(request, urls.path("/")),
    )
    return Response(body, content_type="application/atom+xml; charset=utf-8")


async def _rows(datasette: Any, request: Any) -> list[dict[str, Any]] | Response:
    criteria = read(request.args)
    try:
        return await ask(datasette, lambda db: list(finding.rows(db, criteria)))
    except (QueryError, StaleIndex) as error:
        return Response.text(str(error), status=400)


def _facet(
    name: str, counts: tuple[tuple[str, int], ...], criteria: Criteria, names: dict[str, str], w: Any
) -> dict[str, Any]:
    """Return a facet for its template: each value with its name, count and the address that toggles it."""
    chosen = criteria.chosen(name)
    known = dict(counts)
    values = [
        {
            "value": value,
            "label": _label(name, value, names, w),
            "count": n,
            "on": value in chosen,
            "address": criteria.toggled(name, value).address,
        }
        for value, n in [*counts, *((value, 0) for value in chosen if value not in known)]
    ]
    shown = [one for at, one in enumerate(values) if at < FACETS_SHOWN or one["on"]]
    return {"name": name, "shown": shown, "more": [one for one in values if one not in shown]}


def _label(facet: str, value: str, names: dict[str, str], w: Any) -> str:
    if facet == "source":
        return names.get(value, value)
    if facet == "topic":
        return value.replace("-", " ").replace("_", " ")
    return str(w.maybe(f"{facet}.{value}", value))
