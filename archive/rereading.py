"""Stored articles with the captures they were read from, and the writing of what a later reading makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from archive.database import Database
from archive.records import Link
from archive.times import parsed, stored
from archive.warc import Capture

_CHOSEN = """exists (select 1 from article_versions v join pages p on p.id = v.page_id
    where v.article_id = a.id and p.warc_file is not null and v.seen_at >= :since)
    and (:source is null or a.source_id = :source)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVersion:
    """One version as it is stored; `capture` is None where no page of its own was kept."""

    n: int
    title: str | None
    text: str
    modified_at: str | None
    capture: Capture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptArticle:
    """An article as it is stored: its row, its versions, its topics (id -> score, terms, in title) and, where a feed
    or sitemap gave a date or a headline, that hint."""

    row: Mapping[str, Any]
    versions: tuple[KeptVersion, ...]
    topics: Mapping[str, tuple[float, Mapping[str, int], bool]]
    hint: Link | None

    @property
    def id(self) -> int:
        """The article's number."""
        return int(self.row["id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A version after a replay, with the size of its change against the one before it, in characters."""

    n: int
    title: str | None
    text: str
    text_sha256: str
    modified_at: str | None
    chars_added: int
    chars_removed: int


def count(db: Database, *, since: datetime | None, source_id: str | None, after: int = 0) -> int:
    """Return how many articles with a kept capture there are after an id."""
    row = db.execute(
        f"select count(*) from articles a where a.id > :after and {_CHOSEN}", _asked(since, source_id, after)
    ).fetchone()
    return int(row[0])


def kept_articles(
    db: Database, *, since: datetime | None, source_id: str | None, after: int = 0, batch: int = 50
) -> Iterator[KeptArticle]:
    """Yield articles of which at least one version has its capture, by id; the caller may write in between.

    With `since` a capture must be as late as that; all versions of such an article are given.
    """
    while True:
        asked = _asked(since, source_id, after) | {"batch": batch}
        rows = list(
            db.query(f"select a.* from articles a where a.id > :after and {_CHOSEN} order by a.id limit :batch", asked)
        )
        if not rows:
            return
        for row in rows:
            yield _kept(db, row)
        after = rows[-1]["id"]


def rewrite_version(db: Database, article_id: int, version: Rewritten, *, current: bool) -> None:
    """Replace what was read of a version, inside the caller's transaction; its number, time and capture stay."""
    db.execute(
        """update article_versions set title = ?, text = ?, text_sha256 = ?, modified_at = ?, chars_added = ?,
            chars_removed = ? where article_id = ? and n = ?""",
        [
            version.title,
            None if current else version.text,
            version.text_sha256,
            version.modified_at,
            version.chars_added,
            version.chars_removed,
            article_id,
            version.n,
        ],
    )


def name_reader(db: Database, article_id: int, extractor: str) -> None:
    """Record by what an article was read, inside the caller's transaction."""
    db.execute("update articles set extractor = ?2 where id = ?1 and extractor is not ?2", [article_id, extractor])


def _asked(since: datetime | None, source_id: str | None, after: int) -> dict[str, Any]:
    return {"since": stored(since) if since else "", "source": source_id, "after": after}


def _kept(db: Database, row: Mapping[str, Any]) -> KeptArticle:
    versions = db.query(
        """select v.n, v.title, v.text, v.modified_at, p.warc_file, p.warc_offset, p.warc_length, p.payload_sha256
        from versions v left join pages p on p.id = v.page_id where v.article_id = ? order by v.n""",
        [row["id"]],
    )
    topics = db.query("select topic_id, score, terms, in_title from topic_hits where article_id = ?", [row["id"]])
    return KeptArticle(
        row=row,
        versions=tuple(_version(version) for version in versions),
        topics={hit["topic_id"]: (hit["score"], json.loads(hit["terms"]), bool(hit["in_title"])) for hit in topics},
        hint=_hint(db, row),
    )


def _version(row: Mapping[str, Any]) -> KeptVersion:
    capture = None
    if row["warc_file"] is not None:
        capture = Capture(
            file=row["warc_file"],
            offset=row["warc_offset"],
            length=row["warc_length"],
            payload_sha256=row["payload_sha256"],
        )
    return KeptVersion(
        n=row["n"], title=row["title"], text=row["text"], modified_at=row["modified_at"], capture=capture
    )


def _hint(db: Database, row: Mapping[str, Any]) -> Link | None:
    """Return what the place where an article was found said of it.

    A date that came from there and of which the link says nothing any more is kept as the hint that it was.
    """
    found = next(
        iter(
            db.query(
                """select * from links where article_id = ? and (published_hint is not null or title_hint is not null)
                order by published_hint is null, url_key <> ?, url limit 1""",
                [row["id"], row["url_key"]],
            )
        ),
        None,
    )
    title = found["title_hint"] if found else None
    published, hint_from = (found["published_hint"], found["hint_from"]) if found else (None, None)
    if published is None and row["published_from"] in ("feed", "sitemap"):
        published, hint_from = row["published_at"], row["published_from"]
    if title is None and published is None:
        return None
    return Link(
        url=row["url"],
        found_in=(found["found_in"] if found else row["found_in"]) or "",
        title_hint=title,
        published_hint=parsed(published) if published else None,
        hint_from=cast("Literal['feed', 'sitemap'] | None", hint_from),
    )
