"""Writes what a data package says into an archive: sources, crawls, articles with all their versions, stories.

Every function runs inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archive.database import Database
from archive.runs import COUNTERS

_SOURCE = ("id", "name", "homepage", "languages", "country", "kind", "enabled", "timezone", "domains")
_RUN = ("id", "source_id", "started_at", "ended_at", "outcome", "reason", *COUNTERS)
_VERSION = (
    "article_id", "n", "seen_at", "title", "text", "text_sha256", "chars_added", "chars_removed", "modified_at",
    "page_id",
)  # fmt: skip

Standing = tuple[int, int | None, str | None, float | None]
"""An article with its story, its role there and its similarity, as a package says."""


def is_empty(db: Database) -> bool:
    """Tell whether an archive has no article, story or crawl: a package may then keep its own numbers."""
    sql = "select exists (select 1 from articles) or exists (select 1 from stories) or exists (select 1 from runs)"
    return not db.execute(sql).fetchone()[0]


def take_source(db: Database, row: Mapping[str, Any]) -> None:
    """List a source that the archive does not have, as one that is not crawled here until a sources file says so."""
    _insert(db, "sources", _SOURCE, row, conflict="on conflict do nothing")


def take_run(db: Database, row: Mapping[str, Any]) -> None:
    """Add a crawl under its own number."""
    _insert(db, "runs", _RUN, row, conflict="on conflict do nothing")


def take_page(db: Database, row: Mapping[str, Any]) -> int:
    """Add a page whose bytes are not here, and return its number."""
    names = ("url", "source_id", "run_id", "fetched_at", "status", "payload_sha256")
    return _insert(db, "pages", names, row)


def take_article(db: Database, values: Mapping[str, Any], versions: Iterable[Mapping[str, Any]]) -> int:
    """Add an article with its versions and return its number, a new one unless `values` has an `id`.

    The text of the last version is the article's own and not given again.
    """
    article_id = _insert(db, "articles", tuple(values), values)
    for version in versions:
        _insert(db, "article_versions", _VERSION, {**version, "article_id": article_id}, returning=False)
    return article_id


def take_removal(db: Database, article_id: int, *, gone_at: str, status: str, back_at: str | None) -> None:
    """Add a removal of an article."""
    db.execute(
        "insert into removals (article_id, gone_at, status, back_at) values (?, ?, ?, ?) on conflict do nothing",
        [article_id, gone_at, status, back_at],
    )


def take_stories(db: Database, stories: Iterable[Sequence[Any]], standings: Iterable[Standing]) -> None:
    """Make the stories of an archive those of its package: (id, first article, first publication), and who is in them.

    A story without an article here is left out; one whose first article is not here begins with the earliest that is.
    """
    db.execute("create temp table taken (article_id integer primary key, story_id integer, role text, similarity real)")
    db.conn.executemany("insert or ignore into temp.taken values (?, ?, ?, ?)", standings)
    db.execute("delete from temp.taken where story_id is null or article_id not in (select id from articles)")
    db.execute("create index temp.taken_by_story on taken(story_id)")
    db.execute("update articles set story_id = null, story_role = null, story_similarity = null")
    db.execute("update story_bodies set story_id = null")
    db.execute("delete from stories")
    db.conn.executemany(
        """insert into stories (id, first_article_id, first_published_at) select ?1, ?2, ?3
        where exists (select 1 from temp.taken where story_id = ?1)""",
        stories,
    )
    db.execute("delete from temp.taken where story_id not in (select id from stories)")
    db.execute(
        """update articles set (story_id, story_role, story_similarity) =
            (select story_id, role, similarity from temp.taken t where t.article_id = articles.id)
        where id in (select article_id from temp.taken)"""
    )
    db.execute(
        """update story_bodies set story_id = (select a.story_id from story_members m
            join articles a on a.id = m.article_id where m.body_id = story_bodies.id limit 1)"""
    )
    db.execute(
        """update stories set first_article_id = (select id from articles where story_id = stories.id
            order by coalesce(published_at, first_seen_at), id limit 1)
        where not exists (select 1 from articles a where a.id = first_article_id and a.story_id = stories.id)"""
    )
    db.execute(
        """update articles set story_role = 'first', story_similarity = null
        where story_role is not 'first' and id in (select first_article_id from stories)"""
    )
    db.execute(
        """update stories set (articles, sources) =
            (select count(*), count(distinct source_id) from articles where story_id = stories.id)"""
    )
    db.execute("drop table temp.taken")


def _insert(
    db: Database,
    table: str,
    names: Sequence[str],
    row: Mapping[str, Any],
    *,
    conflict: str = "",
    returning: bool = True,
) -> int:
    slots = ", ".join(f":{name}" for name in names)
    cursor = db.execute(
        f"insert into {table} ({', '.join(names)}) values ({slots}) {conflict}", {name: row.get(name) for name in names}
    )
    return int(cursor.lastrowid) if returning and cursor.lastrowid is not None else 0
