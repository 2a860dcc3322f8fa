"""One article: its text, its versions word by word, where everything about it was read, and how to cite it."""

from __future__ import annotations

import asyncio
from typing import Any

from datasette.utils.asgi import Response

from archive import citation
from archive.diff import Piece, changed_paragraphs, word_diff
from archive.site import history
from archive.site.criteria import number
from archive.site.views.page import MissingError, ask, filled, page

MAX_ID = 2**62
MAX_DIFF_CHARS = 80_000
"""Characters of two texts together that are compared for a page: their cost grows with the square at worst."""
DIFFS_SHOWN = 6
"""Changes shown on the article's page, the latest; older ones have a page each."""


@page
async def article(datasette: Any, request: Any) -> Response:
    """Show one article."""
    found = await ask(datasette, lambda db: history.article(db, number(request.url_vars["id"], 0, MAX_ID)))
    if found is None:
        raise MissingError("error.no_article")
    pairs = list(zip(found["history"], found["history"][1:], strict=False))
    changes = await asyncio.to_thread(lambda: [compared(*pair) for pair in pairs[-DIFFS_SHOWN:]])
    return await filled(
        datasette,
        request,
        "article",
        {
            "article": found,
            "changes": changes[::-1],
            "older": [new for _, new in pairs[:-DIFFS_SHOWN]][::-1],
            "paragraphs": found["text"].split("\n"),
            "citations": (
                ("plain", citation.plain(found)),
                ("bibtex", citation.bibtex(found)),
                ("csl", citation.csl_json(found)),
            ),
        },
    )


@page
async def comparison(datasette: Any, request: Any) -> Response:
    """Show what changed between any two versions of an article."""
    found = await ask(datasette, lambda db: history.article(db, number(request.url_vars["id"], 0, MAX_ID)))
    if found is None:
        raise MissingError("error.no_article")
    by_number = {version["n"]: version for version in found["history"]}
    last = max(by_number)
    old = by_number.get(number(request.args.get("old"), 1, last))
    new = by_number.get(number(request.args.get("new") or str(last), 1, last))
    if old is None or new is None:
        raise MissingError("error.no_version")
    change = await asyncio.to_thread(compared, old, new)
    return await filled(datasette, request, "comparison", {"article": found, "change": change})


def compared(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return how one version became another: the pieces of the headline and of each paragraph that differs."""
    before, after = old["text"] or "", new["text"] or ""
    too_long = len(before) + len(after) > MAX_DIFF_CHARS and before != after
    headline: list[Piece] = word_diff(old["title"] or "", new["title"] or "")
    paragraphs = [] if too_long else changed_paragraphs(before, after)
    return {
        "old": old,
        "new": new,
        "headline": headline if (old["title"] or "") != (new["title"] or "") else None,
        "paragraphs": paragraphs,
        "too_long": too_long,
    }
