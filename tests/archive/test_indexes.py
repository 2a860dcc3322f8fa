"""What is asked for every page and at every tick is looked up in the index made for it, partial and by expression."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import articles
from archive.database import Database
from archive.db import open_archive
from archive.frontier import EntryRow, Frontier, SourceRow
from archive.records import Link
from archive.site.figures import outlet

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
SOURCE = SourceRow(
    id="a", name="Тасарык", homepage="https://tasaryk.example/", languages=("ru",), country="KZ", kind="private"
)


def _take(frontier: Frontier) -> None:
    (entry,) = frontier.entries("a")
    frontier.take(entry, {"tasaryk.example/1": Link(url="https://tasaryk.example/1", found_in=entry.url)}, at=NOW)


ASKED: dict[str, tuple[str, Callable[[Database], object]]] = {
    "links to fetch": ("links_due", lambda db: Frontier(db).due_links("a", NOW, 10)),
    "links to look at again": ("links_due", lambda db: Frontier(db).due_rechecks("a", NOW, 10)),
    "sources that are due": ("links_due", lambda db: Frontier(db).due_sources(NOW)),
    "links that wait": ("links_due", lambda db: _take(Frontier(db))),
    "failures of an outlet": ("links_due", lambda db: outlet(db, "a", NOW)),
    "the same text": ("articles_by_text", lambda db: articles.twin(db, source_id="a", title="t", text="x")),
}


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    opened = open_archive(tmp_path / "archive.db")
    Frontier(opened).register(SOURCE, [EntryRow(url="https://tasaryk.example/rss", kind="feed")])
    yield opened
    opened.close()


@pytest.mark.parametrize("what", ASKED)
def test_the_index_is_taken(db: Database, what: str) -> None:
    """And the table is not gone through: every statement that names it says so in SQLite's own plan."""
    index, ask = ASKED[what]
    statements: list[str] = []
    db.conn.set_trace_callback(statements.append)
    ask(db)
    db.conn.set_trace_callback(None)
    plans = [
        row[3]
        for statement in statements
        if statement.lstrip().lower().startswith(("select", "with"))
        for row in db.execute(f"explain query plan {statement}")
    ]
    assert any(index in plan for plan in plans)
    table = {"links_due": "links", "articles_by_text": "articles"}[index]
    assert not [plan for plan in plans if plan == f"SCAN {table}"]
