"""What the archive tells of articles over time: stories, versions, edits and deletions, as rows for people."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Literal

from archive.database import Database
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
    return [
        {
            "first_source": first,
            "copied_by": copier,
            "articles": articles,
            "similarity": similarity,
            "median_delay_minutes": _median_delay(db, first, copier, timed, _day(since)),
        }
        for first, copier, articles, similarity, timed in db.execute(
            f"""select first_source_id, source_id, articles, similarity, timed from ({_SINCE if since else _ALWAYS})
            order by articles desc, first_source_id, source_id limit :limit""",
            {"since": _day(since), "limit": limit},
        ).fetchall()
    ]


_ALWAYS = """select first_source_id, source_id, articles, timed,
    round(millionths / 1000000.0 / nullif(compared, 0), 2) as similarity from kept_copying"""
_SINCE = """select first_source_id, source_id, count(*) as articles, count(delay_minutes) as timed,
    round(avg(similarity), 2) as similarity from kept_reprints
where first_source_id <> source_id and published_at >= :since group by 1, 2"""


def _median_delay(db: Database, first: str, copier: str, timed: int, since: str | None) -> float | None:
    """Return the median of a pair's `timed` delays: the middle one, or the mean of the two there."""
    if not timed:
        return None
    (median,) = db.execute(
        """select avg(delay_minutes) from (select delay_minutes from kept_reprints
            where first_source_id = :first and source_id = :copier and delay_minutes is not null
                and (:since is null or published_at >= :since)
            order by delay_minutes limit :middle offset :before)""",
        {
            "first": first, "copier": copier, "since": since, "middle": 2 - timed % 2, "before": (timed - 1) // 2
        },
    ).fetchone()  # fmt: skip
    return float(median)


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
