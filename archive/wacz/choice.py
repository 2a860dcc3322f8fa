"""Chooses the articles of a package, by addresses or as an export does, and lists them in `temp.selected`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from archive.database import Database
from archive.export.selection import Selection, selected
from archive.listings import find_article


@contextmanager
def chosen(db: Database, selection: Selection, urls: Sequence[str] = ()) -> Iterator[int]:
    """List articles in `temp.selected`, inside one read transaction that the block goes on in.

    `urls` are addresses or numbers, and take the place of `selection`. Gives how many articles were left out because
    their site reserves them; an address asks for its article by name. Raises UnknownArticleError, and what an
    export's selection raises.
    """
    if not urls:
        with selected(db, selection) as found:
            yield found.reserved
        return
    db.execute("begin")
    try:
        db.execute("create temp table selected (id integer primary key)")
        ids = {find_article(db, url)["id"] for url in urls}
        db.conn.executemany("insert into temp.selected values (?)", [(article_id,) for article_id in sorted(ids)])
        yield 0
    finally:
        db.execute("rollback")
