"""Datasette plugin: `_search=` and every query that calls `escape_fts` find words in all their forms."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import hookimpl

from archive.search.query import QueryError, forgiving_expression, snippet, understood


@hookimpl(trylast=True)
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Any) -> None:
    """Put our reading of a search in the place of Datasette's, and give SQL the snippets of a search."""
    conn.create_function("escape_fts", 1, _expression, deterministic=True)
    conn.create_function("search_snippet", 3, _snippet, deterministic=True)


def _expression(query: str | None) -> str:
    return forgiving_expression(query or "")


def _snippet(text: str | None, language: str | None, query: str | None) -> str:
    """Return the piece of a text that a search matched; its hits stand between U+E000 and U+E001."""
    try:
        return snippet(text or "", language, understood(query or ""))
    except QueryError:
        return ""
