"""Chooses the articles of a package, by addresses or by what a search asks for, and lists them in `temp.selected`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from sqlite_utils import Database

from archive.listings import find_article
from archive.search.index import require_current
from archive.search.query import filters, understood


@contextmanager
def chosen(
    db: Database,
    *,
    urls: Sequence[str] = (),
    query: str | None = None,
    languages: Sequence[str] = (),
    sources: Sequence[str] = (),
    topics: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    include_reserved: bool = False,
) -> Iterator[int]:
    """List articles in `temp.selected`, inside one read transaction that the block goes on in.

    `urls` are addresses or numbers, and take the place of all else. Gives how many articles were left out because
    their site reserves them, unless `include_reserved`; an address asks for its article by name. Raises
    UnknownArticleError, QueryError and StaleIndex.
    """
    db.execute("begin")
    try:
        db.execute("create temp table selected (id integer primary key)")
        if urls:
            ids = {find_article(db, url)["id"] for url in urls}
            db.conn.executemany("insert into temp.selected values (?)", [(article_id,) for article_id in sorted(ids)])
            yield 0
            return
        conditions, values = filters(languages=languages, sources=sources, topics=topics, since=since, until=until)
        if query:
            require_current(db)
            conditions.append("a.id in (select rowid from articles_fts where articles_fts match :match)")
            values["match"] = understood(query).expression
        where = " and ".join(["true", *conditions])
        db.execute(f"insert into temp.selected select a.id from articles a where {where} order by a.id", values)
        reserved = 0
        if not include_reserved:
            reserved = db.execute(
                "delete from temp.selected where id in (select id from articles where reserved is not null)"
            ).rowcount
        yield reserved
    finally:
        db.execute("rollback")
