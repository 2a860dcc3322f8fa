"""What the archive tells of articles over time: stories, versions, edits and deletions, as rows for people."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Literal

from sqlite_utils import Database

from archive.errors import DauysError

StoryOrder = Literal["size", "speed", "languages"]
EditOrder = Literal["size", "newest"]

STORY_ORDERS: dict[StoryOrder, str] = {
    "size": "k.articles desc, k.sources desc, k.first_published_at",
    # copies an hour over the story's life
    "speed": "k.speed desc, k.articles desc",
    "languages": "k.languages desc, k.articles desc, k.sources desc",
}
"""Each is an index of kept_spread, so that a list reads no more stories than it shows."""
EDIT_ORDERS: dict[EditOrder, str] = {"size": "size desc, seen_at desc", "newest": "seen_at desc, n desc"}


class UnknownArticleError(DauysError):
    """Raised when no article has the address or the number that was asked for."""


def stories(
    db: Database,
    *,
    order: StoryOrder = "size",
    since: date | None = None,
    until: date | None = None,
    source: str | None = None,
    limit: int = 20,
) -> list[dict[str, Any]]:
    """Return stories that more than one article tells, with who was first and how long the last took."""
    return list(
        db.query(
            f"""select k.story_id as story, k.articles, k.sources, k.first_published_at, f.source_id as first_source,
                f.title, f.url, k.languages, k.hours
            from kept_spread k cross join stories s on s.id = k.story_id
                cross join articles f on f.id = s.first_article_id
            where (:since is null or f.published_day >= :since) and (:until is null or f.published_day <= :until)
                and (:source is null or exists (
                    select 1 from articles m where m.story_id = k.story_id and m.source_id = :source))
            order by {STORY_ORDERS[order]}, k.story_id limit :limit""",
            {"since": _day(since), "until": _day(until), "source": source, "limit": limit},
        )
    )


def members_of_story(db: Database, story_id: int) -> list[dict[str, Any]]:
    """Return the articles of a story, the first one first."""
    return list(
        db.query(
            """select story_role as role, source_id as source, language, published_at, story_similarity as similarity,
                title, url from articles where story_id = ?
            order by story_role <> 'first', coalesce(published_at, first_seen_at), id""",
            [story_id],
        )
    )


def network(db: Database, *, since: date | None = None, limit: int = 20) -> list[dict[str, Any]]:
    """Return who copied whom: each pair of outlets with its copies and their median delay in minutes."""
    return list(
        db.query(
            """with ranked as (
                select first_source_id, source_id, similarity, delay_minutes,
                    row_number() over (pair order by delay_minutes nulls last) as at,
                    count(delay_minutes) over (partition by first_source_id, source_id) as timed
                from kept_reprints where first_source_id <> source_id and (:since is null or published_at >= :since)
                window pair as (partition by first_source_id, source_id))
            select first_source_id as first_source, source_id as copied_by, count(*) as articles,
                round(avg(similarity), 2) as similarity,
                -- the middle one, or the mean of the two in the middle
                avg(case when timed and at in ((timed + 1) / 2, timed / 2 + 1) then delay_minutes end)
                    as median_delay_minutes
            from ranked group by 1, 2 order by articles desc, 1, 2 limit :limit""",
            {"since": _day(since), "limit": limit},
        )
    )


def edits(
    db: Database,
    *,
    order: EditOrder = "size",
    headlines: bool = False,
    silent: bool = False,
    source: str | None = None,
    since: date | None = None,
    limit: int = 20,
) -> list[dict[str, Any]]:
    """Return changes of stored articles; `headlines` only those of a title, `silent` only those without a new date."""
    return list(
        db.query(
            f"""select * from edits where (not :headlines or headline_changed) and (not :silent or silent)
                and (:source is null or source_id = :source) and (:since is null or seen_at >= :since)
            order by {EDIT_ORDERS[order]}, article_id limit :limit""",
            {"headlines": headlines, "silent": silent, "source": source, "since": _day(since), "limit": limit},
        )
    )


def deletions(
    db: Database, *, source: str | None = None, since: date | None = None, back: bool = False, limit: int = 20
) -> list[dict[str, Any]]:
    """Return articles that were removed from their sites, the latest first; `back` adds those that returned."""
    return list(
        db.query(
            """select * from deletions where (:back or back_at is null) and (:source is null or source_id = :source)
                and (:since is null or gone_at >= :since)
            order by gone_at desc, article_id limit :limit""",
            {"source": source, "since": _day(since), "back": back, "limit": limit},
        )
    )


def find_article(db: Database, what: str) -> dict[str, Any]:
    """Return the article with an address or a number; an address that led to it (AMP, a redirect) will do.

    Raises UnknownArticleError.
    """
    number = int(what) if what.isascii() and what.isdigit() and len(what) < 19 else -1
    row = next(
        db.query(
            """select * from articles where id = :number or url in (select value from json_each(:urls))
            union all
            select a.* from links l join articles a on a.id = l.article_id
            where l.url in (select value from json_each(:urls))
            limit 1""",
            {"number": number, "urls": spellings(what)},
        ),
        None,
    )
    if row is None:
        raise UnknownArticleError(
            f"no article has the address or number {what}. Find it: python -m archive search WORDS"
        )
    return row


def spellings(url: str) -> str:
    """Return, as a JSON list, an address as people type it: http or https, `www.` and a closing slash or not."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in ("http", "https"):
        return json.dumps([url])
    bare = rest.removeprefix("www.").removesuffix("/")
    return json.dumps(
        [url] + [f"{s}://{www}{bare}{slash}" for s in ("https", "http") for www in ("", "www.") for slash in ("", "/")]
    )


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
