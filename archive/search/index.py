"""The full-text index: its tables, the triggers that keep it with the articles, and how it is made anew.

The index is a contentless FTS5 table over the bases of words. SQLite cannot take an entry out of such a table without
the words that went in, so the triggers analyse the old text again; the analyser's version is kept beside the index,
and a different one leaves the index alone until `reindex` has made it anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Final

from archive.database import Database
from archive.db import ArchiveError, write
from archive.search.current import live
from archive.search.functions import analyser
from archive.sql_script import run_script

BATCH: Final = 200
"""Articles that are indexed in one transaction, a third of a second: crawls may write between two."""

Progress = Callable[[int, int], None]
"""Told how many articles are done, of how many."""


_FTS = """
create virtual table {name} using fts5(text, title, content='', tokenize='ascii' /* content="articles" */);
create table {documents} (article_id integer primary key, digest integer not null) strict;
"""

TABLES: Final = (
    _FTS.format(name="articles_fts", documents="search_documents")
    + """
create table search_index (
    name text primary key check (name in ('live', 'next')),
    analyser text not null,
    through_id integer not null default 0
) strict;

create table search_pending (article_id integer primary key, title text, text text, language text) strict;
"""
)

_CURRENT: Final = "(select analyser from search_index where name = 'live') = search_analyser()"
_BUILT: Final = "exists (select 1 from search_index where name = 'next' and through_id >= {id})"
_CHANGED: Final = (
    "old.text is not new.text or old.title is not new.title or old.language is not new.language or old.id <> new.id"
)
_IN: Final = """insert into {name}(rowid, text, title)
        values (new.id, search_text(new.text, new.language), search_text(new.title, new.language));
    insert or replace into {documents} values (new.id, search_digest(new.title, new.text, new.language));
"""
_OUT: Final = """insert into {name}({name}, rowid, text, title)
        values ('delete', old.id, search_text(old.text, old.language), search_text(old.title, old.language));
    delete from {documents} where article_id = old.id;
"""
_PENDING: Final = "insert or ignore into search_pending values (old.id, old.title, old.text, old.language);"

TRIGGERS: Final = f"""
create trigger articles_fts_insert after insert on articles when {_CURRENT} begin
    {_IN.format(name="articles_fts", documents="search_documents")}
end;
create trigger articles_fts_delete after delete on articles when {_CURRENT} begin
    {_OUT.format(name="articles_fts", documents="search_documents")}
end;
create trigger articles_fts_update after update of title, text, language, id on articles
when ({_CHANGED}) and {_CURRENT} begin
    {_OUT.format(name="articles_fts", documents="search_documents")}
    {_IN.format(name="articles_fts", documents="search_documents")}
end;
create trigger search_pending_insert after insert on articles when {_BUILT.format(id="new.id")} begin
    insert or ignore into search_pending (article_id) values (new.id);
end;
create trigger search_pending_delete after delete on articles when {_BUILT.format(id="old.id")} begin
    {_PENDING}
end;
create trigger search_pending_update after update of title, text, language, id on articles
when ({_CHANGED}) and {_BUILT.format(id="min(old.id, new.id)")} begin
    {_PENDING}
end;
"""
"""search_pending holds, of what changed while another index was being made, what that index holds of it: null where
it holds nothing."""

SCHEMA: Final = TABLES + TRIGGERS
TRIGGER_NAMES: Final = tuple(line.split()[2] for line in TRIGGERS.splitlines() if line.startswith("create trigger"))


def begin(db: Database) -> None:
    """Make the tables and triggers of an empty index."""
    run_script(db, SCHEMA)
    db.execute("insert into search_index (name, analyser) values ('live', ?)", [analyser()])


def begin_again(db: Database) -> None:
    """Put an empty index in the place of one that is broken or partly gone, for `reindex` to fill.

    Runs inside the caller's transaction.
    """
    for name in TRIGGER_NAMES:
        db.execute(f"drop trigger if exists {name}")
    for table in ("articles_fts", "articles_fts_next"):
        _drop_fts(db, table)
    for table in ("search_documents", "search_documents_next", "search_index", "search_pending"):
        db.execute(f"drop table if exists {table}")
    begin(db)


def _drop_fts(db: Database, table: str) -> None:
    """Drop a full-text table, also one that FTS5 refuses to open since a part of it is gone."""
    try:
        db.execute(f"drop table if exists {table}")
    except sqlite3.DatabaseError as error:
        if "vtable constructor failed" not in str(error):
            raise
        db.execute("pragma writable_schema = on")
        db.execute("delete from sqlite_master where name = ?", [table])
        db.execute("pragma writable_schema = reset")
    for rest in ("data", "idx", "docsize", "config"):
        db.execute(f"drop table if exists {table}_{rest}")


def reindex(db: Database, *, fresh: bool = False, progress: Progress = lambda done, of: None) -> int:
    """Make the index anew beside the one in use and then put it in its place; return the number of articles.

    Readers go on with the old one and writers with their work. When it is stopped the next call goes on where it
    was, unless `fresh` is asked.
    """
    (of,) = db.execute("select count(*) from articles").fetchone()
    with write(db):
        through = _resumed(db, fresh=fresh)
    (done,) = db.execute("select count(*) from articles where id <= ?", [through]).fetchone()
    progress(done, of)
    while True:
        with write(db):
            ids = _ids_after(db, _through(db), BATCH)
            _add(db, ids)
        if not ids:
            break
        done += len(ids)
        progress(min(done, of), of)
    with write(db):
        for ids in iter(lambda: _ids_after(db, _through(db), BATCH), []):
            _add(db, ids)
        _catch_up(db)
        _swap(db)
    (count,) = db.execute("select count(*) from search_documents").fetchone()
    return int(count)


def _resumed(db: Database, *, fresh: bool) -> int:
    """Return the last article that the index in the making holds; begin one where there is none to go on with."""
    row = db.execute("select analyser, through_id from search_index where name = 'next'").fetchone()
    if row and row[0] == analyser() and not fresh:
        return int(row[1])
    _forget_next(db)
    run_script(db, _FTS.format(name="articles_fts_next", documents="search_documents_next"))
    db.execute("insert into search_index (name, analyser) values ('next', ?)", [analyser()])
    return 0


def _forget_next(db: Database) -> None:
    db.execute("drop table if exists articles_fts_next")
    db.execute("drop table if exists search_documents_next")
    db.execute("delete from search_index where name = 'next'")
    db.execute("delete from search_pending")


def _through(db: Database) -> int:
    row = db.execute("select through_id from search_index where name = 'next'").fetchone()
    if row is None:
        raise ArchiveError("another process has made the index anew meanwhile; there is nothing left to do")
    return int(row[0])


def _ids_after(db: Database, through: int, limit: int) -> list[int]:
    rows = db.execute("select id from articles where id > ? order by id limit ?", [through, limit])
    return [int(row[0]) for row in rows]


_ADD: Final = (
    """insert into articles_fts_next(rowid, text, title)
    select id, search_text(text, language), search_text(title, language) from articles where id between ? and ?""",
    """insert into search_documents_next select id, search_digest(title, text, language) from articles
    where id between ? and ?""",
)


def _add(db: Database, ids: list[int]) -> None:
    if ids:
        for sql in _ADD:
            db.execute(sql, [ids[0], ids[-1]])
        db.execute("update search_index set through_id = ? where name = 'next'", [ids[-1]])


def _catch_up(db: Database) -> None:
    """Bring the new index up to what changed in articles it already holds."""
    db.execute(
        """insert into articles_fts_next(articles_fts_next, rowid, text, title)
        select 'delete', article_id, search_text(text, language), search_text(title, language)
        from search_pending where text is not null"""
    )
    db.execute("delete from search_documents_next where article_id in (select article_id from search_pending)")
    for (article_id,) in db.execute("select p.article_id from search_pending p join articles a on a.id = p.article_id"):
        for sql in _ADD:
            db.execute(sql, [article_id, article_id])


def _swap(db: Database) -> None:
    """Put the new index in the place of the old one; the triggers are made anew, since they name both."""
    for name in TRIGGER_NAMES:
        db.execute(f"drop trigger if exists {name}")
    db.execute("drop table if exists articles_fts")
    db.execute("drop table if exists search_documents")
    db.execute("alter table articles_fts_next rename to articles_fts")
    db.execute("alter table search_documents_next rename to search_documents")
    db.execute("delete from search_pending")
    db.execute("delete from search_index where name = 'live'")
    db.execute("update search_index set name = 'live', through_id = 0 where name = 'next'")
    run_script(db, TRIGGERS)


def faults(db: Database) -> Iterator[str]:
    """Yield what is wrong with the index of `db`, which must be open for writing: SQLite's own check is a command."""
    if live(db) != analyser():
        yield "was made by another version of this program"
        return
    try:
        db.execute("insert into articles_fts(articles_fts) values ('integrity-check')")
    except sqlite3.DatabaseError as error:
        yield f"is damaged ({error})"
        return
    for sql, what in _FAULTS:
        (count, example) = db.execute(sql).fetchone()
        if count:
            yield what.format(count=count, example=example)


_FAULTS: Final = (
    (
        """select count(*), min(a.id) from articles a left join search_documents d on d.article_id = a.id
        where d.digest is not search_digest(a.title, a.text, a.language)""",
        "does not agree with the articles ({count} differ, article {example} is one)",
    ),
    (
        "select count(*), min(article_id) from search_documents where article_id not in (select id from articles)",
        "does not agree with the articles (it holds {count} that are gone, number {example} is one)",
    ),
    (
        """select count(*), min(id) from (
            select id from articles_fts_docsize where id not in (select article_id from search_documents)
            union all select article_id from search_documents where article_id not in
                (select id from articles_fts_docsize))""",
        "does not agree with its own list ({count} differ, article {example} is one)",
    ),
)
