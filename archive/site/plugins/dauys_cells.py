"""Datasette plugin: numbers of articles, stories and outlets in any table lead to their pages."""

from __future__ import annotations

import re
from typing import Any

from datasette import hookimpl
from markupsafe import Markup

_PLAIN = re.compile(r"[\w.-]{1,100}")

PAGES = {
    "article_id": "/article/{}",
    "first_article_id": "/article/{}",
    "whole_article_id": "/article/{}",
    "story_id": "/story/{}",
    "source_id": "/outlet/{}",
    "first_source_id": "/outlet/{}",
    "whole_source_id": "/outlet/{}",
}


@hookimpl
def render_cell(row: Any, value: Any, column: str, table: str | None, datasette: Any) -> Markup | None:
    """Return a link for a cell that names something which has a page, or None for Datasette's own way."""
    if table == "articles" and column == "title" and "id" in row.keys():  # noqa: SIM118 - a sqlite3.Row contains its values
        return _link(datasette, f"/article/{row['id']}", str(value or "–"))
    pattern = PAGES.get(column)
    if pattern is None or not isinstance(value, str | int) or not _PLAIN.fullmatch(str(value)):
        return None
    return _link(datasette, pattern.format(value), str(value))


def _link(datasette: Any, path: str, text: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(datasette.urls.path(path), text)
