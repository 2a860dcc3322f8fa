"""Stories: which articles carry the same text, who was first, who copied whom and how fast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from archive.database import Database
from archive.sketches import marks, parts

Role = Literal["first", "reprint", "excerpt"]

VIEWS = """
create view reprints as
select r.id as article_id, r.url, r.title, r.language, r.source_id, r.published_at,
    s.id as story_id, f.id as first_article_id, f.url as first_url, f.title as first_title,
    f.source_id as first_source_id, f.published_at as first_published_at,
    -- a plain date has no minutes
    case when length(r.published_at) > 10 and length(f.published_at) > 10
        then cast(round((julianday(r.published_at) - julianday(f.published_at)) * 1440) as integer)
    end as delay_minutes,
    r.story_similarity as similarity
from articles r
join stories s on s.id = r.story_id
join articles f on f.id = s.first_article_id
where r.story_role = 'reprint';

create view excerpts as
select e.id as article_id, e.url, e.title, e.source_id, e.published_at,
    w.id as whole_article_id, w.url as whole_url, w.title as whole_title, w.source_id as whole_source_id,
    w.published_at as whole_published_at, l.similarity
from story_links l
join story_bodies eb on eb.id = l.body_id
join story_bodies wb on wb.id = l.other_id and wb.tokens > eb.tokens
join story_members em on em.body_id = eb.id
join story_members wm on wm.body_id = wb.id
join articles e on e.id = em.article_id
join articles w on w.id = wm.article_id
where l.kind = 'excerpt';

create view copying as
select first_source_id, source_id, count(*) as articles, avg(similarity) as similarity,
    avg(delay_minutes) as mean_delay_minutes
from reprints where first_source_id <> source_id
group by first_source_id, source_id;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One article as stories see it; `moment` in seconds since 1970 decides who was first."""

    article_id: int
    body_id: int
    moment: int
    source_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an article is within its story."""

    article_id: int
    story_id: int
    role: Role
    similarity: float | None


def members_of(db: Database, bodies: Iterable[int]) -> list[Member]:
    """Return the articles that have any of `bodies`, without order."""
    return [
        Member(article_id=row[0], body_id=row[1], moment=row[2], source_id=row[3], title=row[4] or "")
        for part in parts(bodies)
        for row in db.execute(
            "select m.article_id, m.body_id, m.moment, a.source_id, a.title from story_members m"
            f" join articles a on a.id = m.article_id where m.body_id in ({marks(part)})",
            part,
        )
    ]


def bodies_of(db: Database, stories: Iterable[int]) -> set[int]:
    """Return the bodies that are in any of `stories`."""
    return {
        row[0]
        for part in parts(stories)
        for row in db.execute(f"select id from story_bodies where story_id in ({marks(part)})", part)
    }


def open_story(db: Database, article_id: int, published_at: str) -> int:
    """Begin a story of one article and return its id."""
    row = db.execute(
        "insert into stories(first_article_id, first_published_at, articles, sources) values (?, ?, 1, 1) returning id",
        (article_id, published_at),
    ).fetchone()
    return int(row[0])


def new_story(db: Database) -> int:
    """Make an empty story to be described by `describe_story`."""
    return int(db.execute("insert into stories(articles, sources) values (0, 0) returning id").fetchone()[0])


def describe_story(db: Database, story_id: int, first_article_id: int) -> None:
    """Write who was first in a story and how many articles and sources it has, where that changed."""
    db.execute(
        "update stories set first_article_id = ?2, articles = found.articles, sources = found.sources,"
        " first_published_at = found.first_published_at"
        " from (select count(*) as articles, count(distinct source_id) as sources, (select"
        " coalesce(published_at, first_seen_at) from articles where id = ?2) as first_published_at"
        " from articles where story_id = ?1) as found where stories.id = ?1 and (first_article_id is not ?2"
        " or stories.articles <> found.articles or stories.sources <> found.sources"
        " or stories.first_published_at is not found.first_published_at)",
        (story_id, first_article_id),
    )


def assign_bodies(db: Database, story_id: int, bodies: Iterable[int]) -> None:
    """Put `bodies` into a story."""
    db.conn.executemany("update story_bodies set story_id = ? where id = ?", [(story_id, body) for body in bodies])


def stand(db: Database, standings: Iterable[Standing]) -> None:
    """Write the story, role and similarity of articles where they changed."""
    db.conn.executemany(
        "update articles set story_id = ?2, story_role = ?3, story_similarity = ?4 where id = ?1"
        " and (story_id is not ?2 or story_role is not ?3 or story_similarity is not ?4)",
        [(s.article_id, s.story_id, s.role, s.similarity) for s in standings],
    )


def leave_story(db: Database, article_id: int) -> None:
    """Take an article out of its story."""
    db.execute(
        "update articles set story_id = null, story_role = null, story_similarity = null where id = ?", (article_id,)
    )


def close_stories(db: Database, stories: Iterable[int]) -> None:
    """Remove those of `stories` that no text is in any more."""
    db.conn.executemany(
        "delete from stories where id = ? and not exists (select 1 from story_bodies where story_id = stories.id)",
        [(story,) for story in stories],
    )


def clear_stories(db: Database) -> None:
    """Take every article out of its story and remove all stories."""
    db.execute("update articles set story_id = null, story_role = null, story_similarity = null")
    db.execute("delete from stories")


def standing_of(db: Database, article_id: int) -> Standing | None:
    """Return what an article is within its story, or None while it is in none."""
    row = db.execute(
        "select story_id, story_role, story_similarity from articles where id = ? and story_id is not null",
        (article_id,),
    ).fetchone()
    return Standing(article_id=article_id, story_id=row[0], role=row[1], similarity=row[2]) if row else None


def batches_of_articles(db: Database, size: int) -> Iterator[list[dict[str, Any]]]:
    """Yield what placing needs of every article, `size` at a time; the caller may write in between."""
    names = ("article_id", "text", "published_at", "first_seen_at", "source_id", "title", "language")
    last = 0
    while rows := db.execute(
        "select id, text, published_at, first_seen_at, source_id, title, language from articles"
        " where id > ? order by id limit ?",
        (last, size),
    ).fetchall():
        last = rows[-1][0]
        yield [dict(zip(names, row, strict=True)) for row in rows]
