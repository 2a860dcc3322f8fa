"""Articles, their versions, their topics and what is known of their removal. Every function that writes runs
inside the caller's transaction (`archive.db.write`), so that an article and all that belongs to it land together."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from archive.clean import clean_line, clean_text, without_mail
from archive.database import Database
from archive.db import rows
from archive.records import Article, Reserved, TopicHit
from archive.stories import open_story
from archive.times import parsed, stored, stored_publication

MAX_FIELD_CHARS = 2_000
MAX_LIST_ITEMS = 50

_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode  # which `json.dumps` would make anew each time
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """What later stages ask of an article that is in the archive."""

    id: int
    url: str
    source_id: str
    language: str | None
    title: str | None
    text: str
    text_sha256: str
    published_at: str | None
    published_precision: str | None
    modified_at: str | None
    first_seen_at: str
    last_seen_at: datetime
    gone_at: str | None
    versions: int
    page_id: int | None
    story_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One state of an article; `n` counts from 1."""

    n: int
    seen_at: str
    title: str | None
    text: str
    text_sha256: str
    modified_at: str | None
    page_id: int | None


def digest(text: str) -> str:
    """Return the sha256 of a text as it is stored, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def find(db: Database, keys: Iterable[str]) -> list[StoredArticle]:
    """Return the articles that any of these address identities belongs to, in the order of `keys`.

    An address belongs to an article as its own, or as a link that led to it (a redirect, an AMP twin).
    """
    found: dict[int, StoredArticle] = {}
    for key in keys:
        for article in _selected(
            db,
            """id in (select id from articles where url_key = ?1
                union all select article_id from links where url_key = ?1 and state <> 'duplicate') order by id""",
            [key],
        ):
            found.setdefault(article.id, article)
    return list(found.values())


def get(db: Database, article_id: int) -> StoredArticle:
    """Return one article by its id; raise LookupError when there is none."""
    found = next(_selected(db, "id = ?", [article_id]), None)
    if found is None:
        raise LookupError(f"no article {article_id}")
    return found


def twin(db: Database, *, source_id: str, title: str | None, text: str) -> StoredArticle | None:
    """Return an article of the same outlet with the same title and text that is still on its site, or None."""
    wanted = digest(clean_text(text))
    found = _selected(
        db,
        # the index holds the beginnings of digests; without the + SQLite puts the whole one into substr and takes
        # another index
        "substr(text_sha256, 1, 12) = substr(?, 1, 12) and +text_sha256 = ? and source_id = ?"
        " and title is ? and gone_at is null order by id limit 1",
        [wanted, wanted, source_id, clean_line(title, MAX_FIELD_CHARS)],
    )
    return next(found, None)


def insert(
    db: Database,
    article: Article,
    *,
    url_key: str,
    source_id: str,
    found_in: str | None,
    page_id: int | None,
    extractor: str | None,
    seen_at: datetime,
    opens_story: bool = False,
) -> int:
    """Add an article with its first version; return its id.

    With `opens_story` it begins as the only article of a story of its own, as nine in ten stay: a row that carries
    its text is then written once.
    """
    values = columns_of(article) | {
        "url": article.canonical_url,
        "url_key": url_key,
        "source_id": source_id,
        "found_in": found_in,
        "first_seen_at": stored(seen_at),
        "last_seen_at": stored(seen_at),
        "page_id": page_id,
        "extractor": extractor,
        # until its story is known; most stay what they are, and what counts roles is spared a change
        "story_role": "first",
    }
    if opens_story:
        (values["id"],) = db.execute("select coalesce(max(id), 0) + 1 from articles").fetchone()
        values["story_id"] = open_story(db, values["id"], values["published_at"] or values["first_seen_at"])
    columns = ", ".join(values)
    slots = ", ".join(f":{name}" for name in values)
    row = db.execute(f"insert into articles ({columns}) values ({slots}) returning id", values).fetchone()
    article_id = int(row[0])
    db.execute(
        """insert into article_versions (article_id, n, seen_at, title, text, text_sha256, modified_at, page_id)
        values (?, 1, ?, ?, null, ?, ?, ?)""",
        [article_id, stored(seen_at), values["title"], values["text_sha256"], values["modified_at"], page_id],
    )
    return article_id


def add_version(
    db: Database,
    old: StoredArticle,
    article: Article,
    *,
    chars_added: int,
    chars_removed: int,
    page_id: int | None,
    extractor: str | None,
    seen_at: datetime,
) -> int:
    """Make `article` the current version of `old`; return its number.

    The address, the language editions and the first publication stay; a publication time is filled in
    only where there was none.
    """
    values = columns_of(article)
    n = old.versions + 1
    db.execute(
        "update article_versions set text = ? where article_id = ? and n = ?",
        [old.text, old.id, old.versions],
    )
    update(db, old.id, article, page_id=page_id, extractor=extractor)
    db.execute(
        "update articles set versions = ?, last_seen_at = max(last_seen_at, ?) where id = ?",
        [n, stored(seen_at), old.id],
    )
    db.execute(
        """insert into article_versions (article_id, n, seen_at, title, text, text_sha256, chars_added, chars_removed,
            modified_at, page_id) values (?, ?, ?, ?, null, ?, ?, ?, ?, ?)""",
        [
            old.id,
            n,
            stored(seen_at),
            values["title"],
            values["text_sha256"],
            chars_added,
            chars_removed,
            values["modified_at"],
            page_id,
        ],
    )
    return n


def update(
    db: Database,
    article_id: int,
    article: Article,
    *,
    page_id: int | None,
    extractor: str | None,
    redate: bool = False,
) -> None:
    """Set the columns that come from extraction, in place and without a new version.

    A publication time that is there stays, unless `redate` says that a better reading replaces it.
    """
    values = columns_of(article)
    published = {name: values.pop(name) for name in list(values) if name.startswith("published_")}
    assignments = [f"{name} = :{name}" for name in values if name != "reserved"]
    # the site's own file is not among the bytes of the page, so that reading those again does not take it back
    assignments.append("reserved = coalesce(:reserved, iif(reserved = 'tdm-file', reserved, null))")
    assignments += [
        f"{name} = :{name}" if redate else f"{name} = iif(published_at is null, :{name}, {name})" for name in published
    ]
    db.execute(
        f"update articles set {', '.join(assignments)}, page_id = coalesce(:page_id, page_id), extractor = :extractor"
        " where id = :id",
        values | published | {"page_id": page_id, "extractor": extractor, "id": article_id},
    )


def versions(db: Database, article_id: int) -> list[Version]:
    """Return every version of an article, the first one first."""
    found = rows(db, "select * from versions where article_id = ? order by n", [article_id])
    return [
        Version(
            n=row["n"],
            seen_at=row["seen_at"],
            title=row["title"],
            text=row["text"],
            text_sha256=row["text_sha256"],
            modified_at=row["modified_at"],
            page_id=row["page_id"],
        )
        for row in found
    ]


def seen(db: Database, article_id: int, at: datetime) -> None:
    """Record that the article was on its site at a moment; one that was gone is back."""
    db.execute("update articles set last_seen_at = max(last_seen_at, ?) where id = ?", [stored(at), article_id])
    back = db.execute(
        # a clock that went back must not let it return before it went
        "update removals set back_at = max(gone_at, ?) where article_id = ? and back_at is null",
        [stored(at), article_id],
    ).rowcount
    if back:
        db.execute("update articles set gone_at = null, gone_status = null where id = ?", [article_id])
        db.execute("update links set state = 'stored' where article_id = ? and state = 'gone'", [article_id])


def missing(db: Database, url: str, *, status: str, at: datetime, next_check_at: datetime | None) -> None:
    """Record a first sight of an article's absence, which is no removal yet."""
    db.execute(
        """update links set missing_since = coalesce(missing_since, ?), missing_status = ?, next_check_at = ?,
            etag = null, last_modified = null where url = ?""",
        [stored(at), status, stored(next_check_at) if next_check_at else None, url],
    )


def gone(db: Database, article_id: int, url: str, *, status: str, at: datetime, next_check_at: datetime | None) -> None:
    """Record that an article was removed from its site. Its text, versions and captures stay."""
    db.execute(
        "update articles set gone_at = ?, gone_status = ? where id = ? and gone_at is null",
        [stored(at), status, article_id],
    )
    db.execute(
        """insert into removals (article_id, gone_at, status) select ?, ?, ?
        where not exists (select 1 from removals where article_id = ? and back_at is null)""",
        [article_id, stored(at), status, article_id],
    )
    db.execute(
        "update links set state = 'gone', next_check_at = ? where url = ?",
        [stored(next_check_at) if next_check_at else None, url],
    )


def reserve(db: Database, article_id: int, reserved: Reserved) -> None:
    """Record that the page or site of a stored article reserves it now."""
    db.execute("update articles set reserved = ?1 where id = ?2 and reserved is not ?1", [reserved, article_id])


def set_topics(db: Database, article_id: int, hits: Iterable[TopicHit]) -> None:
    """Replace the topics of an article."""
    db.execute("delete from topic_hits where article_id = ?", [article_id])
    db.conn.executemany(
        "insert into topic_hits (article_id, topic_id, score, terms, in_title) values (?, ?, ?, ?, ?)",
        [
            [
                article_id,
                hit.topic_id,
                hit.score,
                _json(dict(hit.terms)),
                hit.in_title,
            ]
            for hit in hits
        ],
    )


def columns_of(article: Article) -> dict[str, Any]:
    """Return the columns that come from extraction, clean and bounded."""
    text = clean_text(article.text)
    published = article.published_at
    return {
        "language": article.language,
        "script": article.script,
        "title": clean_line(article.title, MAX_FIELD_CHARS),
        "authors": _list(without_mail(name) for name in article.authors),
        "section": clean_line(article.section, MAX_FIELD_CHARS),
        "tags": _list(article.tags),
        "image_url": clean_line(article.image_url, MAX_FIELD_CHARS),
        "published_at": stored_publication(published, article.published_precision),
        "published_day": published.date().isoformat() if published else None,
        "published_precision": article.published_precision if published else None,
        "published_from": article.published_from if published else None,
        "modified_at": stored(article.modified_at) if article.modified_at else None,
        "words": len(_WORD.findall(text)),
        "text_sha256": digest(text),
        "text": text,
        "reserved": article.reserved,
    }


def _list(items: Iterable[str]) -> str:
    cleaned = [clean_line(item, MAX_FIELD_CHARS) for item in list(items)[:MAX_LIST_ITEMS]]
    return _json([item for item in cleaned if item])


_COLUMNS = ", ".join(field.name for field in fields(StoredArticle))


def _selected(db: Database, where: str, values: Sequence[object]) -> Iterator[StoredArticle]:
    """Yield the articles that a condition, which no text from outside is part of, holds for."""
    for row in rows(db, f"select {_COLUMNS} from articles where {where}", values):
        yield StoredArticle(**row | {"last_seen_at": parsed(row["last_seen_at"])})
