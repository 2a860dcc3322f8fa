"""Places documents in a throw-away archive, in the order given, and tells which story each is in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from archive.db import open_archive, write
from pipelines.dedupe import place


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What placing needs of an article; `published` as the archive stores it."""

    id: str
    text: str
    source: str
    published: str


def stories_of(documents: Iterable[Document], archive: Path) -> dict[str, int]:
    """Place all documents in a new archive at `archive` and return document id -> story."""
    db = open_archive(archive)
    db.execute("drop trigger articles_fts_insert")  # nothing is searched here
    with write(db):
        for number, document in enumerate(documents, 1):
            db.execute(
                "insert or ignore into sources(id, name, homepage, languages, kind)"
                " values (?1, ?1, '', '[]', 'private')",
                (document.source,),
            )
            db.execute(
                "insert into articles(id, url, url_key, source_id, published_at, first_seen_at, last_seen_at, words,"
                " text_sha256, text) values (?1, ?2, ?2, ?3, ?4, ?4, ?4, 0, '', ?5)",
                (number, document.id, document.source, document.published, document.text),
            )
            place(
                db, number, title=None, text=document.text, language=None, source_id=document.source,
                published_at=document.published, first_seen_at=document.published,
            )  # fmt: skip
    found = dict(db.execute("select url, story_id from articles").fetchall())
    db.conn.close()
    return found
