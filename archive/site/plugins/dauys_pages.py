"""Datasette plugin: the addresses of the site's own pages, all of them for reading."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl

from archive.site.views.article import article, comparison
from archive.site.views.changes import deletions, edits
from archive.site.views.home import home
from archive.site.views.outlets import outlet, outlets
from archive.site.views.reprints import reprints
from archive.site.views.search import search, search_atom, search_csv, search_json
from archive.site.views.stories import stories, story


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """Return the pages; a database that is called like one of them is shown under another name."""
    return [
        (r"^/$", home),
        (r"^/search$", search),
        (r"^/search\.csv$", search_csv),
        (r"^/search\.json$", search_json),
        (r"^/search\.atom$", search_atom),
        (r"^/article/(?P<id>\d{1,18})$", article),
        (r"^/article/(?P<id>\d{1,18})/changes$", comparison),
        (r"^/stories$", stories),
        (r"^/story/(?P<id>\d{1,18})$", story),
        (r"^/outlets$", outlets),
        (r"^/outlet/(?P<id>[\w.-]{1,100})$", outlet),
        (r"^/edits$", edits),
        (r"^/deletions$", deletions),
        (r"^/reprints$", reprints),
    ]
