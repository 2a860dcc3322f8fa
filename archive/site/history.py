"""What the pages of one article and one story show."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from archive.database import Database

MAX_MEMBERS = 500
"""Articles of a story that its page lists; the largest real ones have some dozens."""
MAX_VERSIONS = 200
LIST_SIZE = 25
PREVIEW_CHARS = 12_000
"""How far into a text a list of changes looks for what was changed."""


def article(db: Database, article_id: int) -> dict[str, Any] | None:
    """Return an article with its versions, topics, capture and place in its story, or None."""
    row = next(
        db.query(
            """select a.*, s.name as source, s.homepage, t.articles as told, t.sources as told_by,
                f.id as first_id, f.title as first_title, f.published_at as first_published_at,
                f.source_id as first_source_id, fs.name as first_source
            from articles a join sources s on s.id = a.source_id left join stories t on t.id = a.story_id
            left join articles f on f.id = t.first_article_id left join sources fs on fs.id = f.source_id
            where a.id = ?""",
            [article_id],
        ),
        None,
    )
    if row is None:
        return None
    return row | {
        "authors": _list(row["authors"]),
        "tags": _list(row["tags"]),
        "history": versions(db, article_id),
        "topics": [
            topic | {"terms": sorted(json.loads(topic["terms"]).items(), key=lambda term: (-term[1], term[0]))}
            for topic in db.query(
                "select topic_id, score, terms, in_title from topic_hits where article_id = ? order by score desc",
                [article_id],
            )
        ],
        "removals": list(
            db.query(
                "select gone_at, status, back_at from removals where article_id = ? order by gone_at", [article_id]
            )
        ),
        "capture": next(db.query("select * from pages where id = ?", [row["page_id"]]), None),
        "excerpts": list(
            db.query(
                """select e.whole_article_id as id, e.whole_title as title, s.name as source, e.similarity, 1 as whole
                from excerpts e join sources s on s.id = e.whole_source_id where e.article_id = ?1
                union all
                -- a link is there from both its sides: the view from the excerpt's, which here would be a scan
                select e.id, e.title, s.name, l.similarity, 0
                from story_members wm cross join story_links l on l.body_id = wm.body_id and l.kind = 'excerpt'
                cross join story_bodies wb on wb.id = wm.body_id
                cross join story_bodies eb on eb.id = l.other_id and eb.tokens < wb.tokens
                cross join story_members em on em.body_id = eb.id
                cross join articles e on e.id = em.article_id cross join sources s on s.id = e.source_id
                where wm.article_id = ?1
                order by 4 desc limit 20""",
                [article_id],
            )
        ),
    }


def versions(db: Database, article_id: int) -> list[dict[str, Any]]:
    """Return the versions of an article, the first one first, with their texts."""
    return list(
        db.query(
            f"""select v.n, v.seen_at, v.title, v.text, v.chars_added, v.chars_removed, v.modified_at, v.text_sha256,
                p.fetched_at, p.warc_file, p.warc_offset, p.warc_length, p.payload_sha256, p.url as captured_url
            from versions v left join pages p on p.id = v.page_id where v.article_id = ? order by v.n
            limit {MAX_VERSIONS}""",
            [article_id],
        )
    )


def story(db: Database, story_id: int) -> dict[str, Any] | None:
    """Return a story with its articles in the order of their publication, or None."""
    row = next(db.query("select * from stories where id = ?", [story_id]), None)
    if row is None:
        return None
    members = list(
        db.query(
            f"""select a.id, a.url, a.title, a.source_id, s.name as source, a.language, a.published_at,
                a.first_seen_at, a.story_role, a.story_similarity, a.versions, a.gone_at, a.words,
                case when length(a.published_at) > 10 and length(f.published_at) > 10
                    then (julianday(a.published_at) - julianday(f.published_at)) * 1440 end as delay_minutes
            from articles a join sources s on s.id = a.source_id left join articles f on f.id = ?2
            where a.story_id = ?1
            order by a.id <> ?2, coalesce(a.published_at, a.first_seen_at), a.id limit {MAX_MEMBERS}""",
            [story_id, row["first_article_id"]],
        )
    )
    return row | {"members": members} if members else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of a list and whether another one follows."""

    rows: list[dict[str, Any]]
    more: bool


def edits(
    db: Database,
    *,
    headlines: bool,
    silent: bool,
    source: str | None,
    since: date | None,
    until: date | None,
    page: int,
) -> Listing:
    """Return changes of stored articles, the newest first."""
    listing = _page(
        db,
        # the order of an index, which the planner leaves for the outlets' without the cross joins
        """select e.*, s.name as source, a.language, a.published_at from edits e cross join sources s
            on s.id = e.source_id cross join articles a on a.id = e.article_id
        where (not :headlines or headline_changed) and (not :silent or silent)
            and (:source is null or e.source_id = :source)
            and (:since is null or seen_at >= :since) and (:until is null or substr(seen_at, 1, 10) <= :until)
        order by seen_at desc, e.article_id desc, n desc""",
        {"headlines": headlines, "silent": silent, "source": source, "since": _iso(since), "until": _iso(until)},
        page,
    )
    for row in listing.rows:
        row["before"], row["after"] = (
            found[0]
            for found in db.execute(
                f"""select substr(text, 1, {PREVIEW_CHARS}) from versions
                where article_id = ? and n in (?, ?) order by n""",
                [row["article_id"], row["n"] - 1, row["n"]],
            ).fetchall()
        )
    return listing


def deletions(
    db: Database, *, back: bool, source: str | None, since: date | None, until: date | None, page: int
) -> Listing:
    """Return articles that were removed from their sites, the latest first; `back` adds those that returned."""
    return _page(
        db,
        """select d.*, s.name as source, a.language, a.words from deletions d join sources s on s.id = d.source_id
            join articles a on a.id = d.article_id
        where (:back or back_at is null) and (:source is null or d.source_id = :source)
            and (:since is null or d.gone_at >= :since) and (:until is null or substr(d.gone_at, 1, 10) <= :until)
        order by d.gone_at desc, d.article_id""",
        {"back": back, "source": source, "since": _iso(since), "until": _iso(until)},
        page,
    )


def _page(db: Database, sql: str, values: dict[str, Any], page: int) -> Listing:
    found = list(db.query(f"{sql} limit {LIST_SIZE + 1} offset :offset", values | {"offset": (page - 1) * LIST_SIZE}))
    return Listing(rows=found[:LIST_SIZE], more=len(found) > LIST_SIZE)


def _list(text: str) -> list[str]:
    found = json.loads(text or "[]")
    return [str(one) for one in found] if isinstance(found, list) else []


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
