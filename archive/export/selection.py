"""Chooses the articles of an export and lists them in a temporary table that every other query joins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from hashlib import sha256
from typing import Any, Literal

from archive.citation import key_of
from archive.database import Database
from archive.export.errors import ExportError
from archive.search.current import require_current
from archive.search.query import filters, understood

Stories = Literal["all", "first"]
BATCH = 10_000
"""Rows that are hashed at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which articles to export. Days are those of publication, both included; nothing named means all.

    `stories` 'first' keeps one article of each story, the one published first among those selected. Without `text`
    the package is of the form that can be shared, and holds reserved articles as well.
    """

    since: date | None = None
    until: date | None = None
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    query: str | None = None
    stories: Stories = "all"
    text: bool = True
    include_reserved: bool = False

    def options(self) -> dict[str, Any]:
        """Return what was asked for as plain data, without what was not."""
        options: dict[str, Any] = {
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "lang": list(self.languages),
            "source": list(self.sources),
            "topic": list(self.topics),
            "query": self.query,
            "stories": self.stories if self.stories != "all" else None,
            "no_text": not self.text,
            "include_reserved": self.include_reserved,
        }
        return {name: value for name, value in options.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What a selection came to. `reserved` counts the articles left out because their site reserves them.

    `fingerprint` is of the whole archive, `as_of` the day of its last change; neither knows the wall clock.
    """

    articles: int
    reserved: int
    fingerprint: str
    as_of: str


@contextmanager
def selected(db: Database, selection: Selection) -> Iterator[Selected]:
    """List the selected articles in `temp.selected`, inside one read transaction that the block goes on in.

    Raises ExportError for an outlet or a topic that the archive does not have, and QueryError and StaleIndex as
    search does.
    """
    _check_named(db, "source", selection.sources, "select id from sources order by id")
    _check_named(db, "topic", selection.topics, "select distinct topic_id from topic_hits order by topic_id")
    db.conn.create_function("citation_key", 3, key_of, deterministic=True)
    db.execute("begin")  # the first read fixes the state that all others see, whoever writes meanwhile
    try:
        reserved = _choose(db, selection)
        (articles,) = db.execute("select count(*) from temp.selected").fetchone()
        fingerprint, as_of = _fingerprint(db)
        yield Selected(articles=articles, reserved=reserved, fingerprint=fingerprint, as_of=as_of)
    finally:
        db.execute("rollback")


def _choose(db: Database, selection: Selection) -> int:
    """Fill the temporary tables; return how many articles were left out as reserved."""
    conditions, values = filters(
        languages=selection.languages,
        sources=selection.sources,
        topics=selection.topics,
        since=selection.since,
        until=selection.until,
    )
    if selection.query:
        require_current(db)
        conditions.append("a.id in (select rowid from articles_fts where articles_fts match :match)")
        values["match"] = understood(selection.query).expression
    db.execute("create temp table selected (id integer primary key)")
    db.execute(
        # with the + an index that has the numbers is read and sorted, not the articles with their texts
        f"insert into temp.selected select a.id from articles a where {' and '.join(['true', *conditions])}"
        " order by +a.id",
        values,
    )
    reserved = 0
    if selection.text and not selection.include_reserved:
        reserved = db.execute(
            "delete from temp.selected where id in (select id from articles where reserved is not null)"
        ).rowcount
    if selection.stories == "first":
        db.execute(
            """delete from temp.selected where id not in (select id from (
                select s.id, row_number() over (partition by coalesce(a.story_id, -a.id)
                    order by a.story_role is not 'first', coalesce(a.published_at, a.first_seen_at), a.id) as place
                from temp.selected s join articles a on a.id = s.id) where place = 1)"""
        )
    db.execute("create temp table selected_runs (id integer primary key)")
    return reserved


def name_runs(db: Database, runs: Iterable[int]) -> None:
    """Note crawls that rows of the package name, for the tables of crawls and outlets, which are written last."""
    db.conn.executemany("insert or ignore into temp.selected_runs values (?)", [(run,) for run in sorted(runs)])


def _fingerprint(db: Database) -> tuple[str, str]:
    """Return a digest of all texts of the archive, version by version, and the day of its last change.

    It is the SHA-256 of a line `article number sha256-of-text` for each version, in this order.
    """
    digest = sha256()
    cursor = db.conn.cursor()
    cursor.row_factory = None
    cursor.execute(
        "select article_id || ' ' || n || ' ' || text_sha256 || char(10) from article_versions order by article_id, n"
    )
    while rows := cursor.fetchmany(BATCH):
        digest.update("".join([row[0] for row in rows]).encode())
    (last,) = db.execute("select max(seen_at) from article_versions").fetchone()
    return digest.hexdigest(), str(last or "1970-01-01")[:10]


def _check_named(db: Database, what: str, named: Sequence[str], sql: str) -> None:
    """Raise ExportError for a name that the archive does not have: a typing error would make an empty package."""
    if not named:
        return
    there = [row[0] for row in db.execute(sql)]
    for name in named:
        if name not in there:
            near = get_close_matches(name, there, n=1) or there[:1]
            hint = f"; perhaps {near[0]}" if near else ""
            raise ExportError(f"--{what} {name}: the archive has no such {what}{hint}.")
