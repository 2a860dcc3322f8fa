"""Checks an archive to the last byte: the database, its index, its counts, and every capture in every WARC file."""

from __future__ import annotations

import hashlib
import os
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlite_utils import Database

from archive.articles import digest
from archive.db import ArchiveError, connect, explain, open_archive
from archive.search import index
from archive.warc import OPEN_SUFFIX, folder_of, is_live
from archive.warc_format import Member, WarcError, decode_page, members, split_record

MAX_SHOWN = 100
"""Problems of one kind that are listed; a damaged file would fill the screen."""

MAX_LOCKED_BYTES = 1_000_000_000
"""Up to here (90,000 articles) the index is checked in place, which takes 12 s; crawls wait 60 s for a lock."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: where, what, and what to type about it."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.remedy}"


def verify(db: Database, archive: Path, *, progress: Progress = lambda step: None) -> Iterator[Problem]:
    """Yield every problem of the archive open as `db`, whose file is `archive`.

    All of it is judged at one moment, so that crawls may go on. `progress` is told what is looked at.
    """
    try:
        db.execute("begin")
        for step, check in (
            ("database", _database),
            ("references", _references),
            ("full-text index", _index),
            ("texts", _texts),
            ("counts", _counts),
        ):
            progress(step)
            yield from _guarded(db, archive, check)
        progress("captures")
        captures = _guarded(db, archive, lambda db, archive: _captures(db, archive, progress))
        yield from captures
    except sqlite3.DatabaseError as error:
        yield _damage(archive, str(error))
    finally:
        if db.conn.in_transaction:
            db.execute("rollback")


def rebuild_index(archive: Path, *, fresh: bool = True, progress: index.Progress = lambda done, of: None) -> int:
    """Make the full-text index anew from the articles, from the beginning when `fresh`; return how many there are.

    Raises ArchiveError when the archive cannot be written.
    """
    db = open_archive(archive, create=False)
    try:
        return index.reindex(db, fresh=fresh, progress=progress)
    except sqlite3.Error as error:
        raise ArchiveError(explain(error, archive)) from error
    finally:
        db.close()


def index_problems(db: Database, archive: Path) -> Iterator[Problem]:
    """Yield a problem when the full-text index of `db`, open for writing, does not say what the articles say.

    Nothing is changed, but SQLite holds the write lock meanwhile: 0.13 s for 1,000 articles.
    """
    try:
        found = list(index.faults(db))
    except sqlite3.DatabaseError as error:
        found = [f"is damaged ({error})"]
    for what in found:
        yield Problem(
            where=f"{archive}: full-text index",
            what=what,
            remedy=f"Type: python -m archive reindex --archive {_typed(archive)}",
        )


def _index(db: Database, archive: Path) -> Iterator[Problem]:
    """Check the index where that keeps no crawl waiting for long, else in a copy of the archive."""
    own_folder = os.access(archive.parent, os.W_OK)
    if archive.stat().st_size < MAX_LOCKED_BYTES and own_folder and os.access(archive, os.W_OK):
        writable = connect(archive)
        try:
            yield from index_problems(writable, archive)
        finally:
            writable.close()
        return
    with TemporaryDirectory(dir=archive.parent if own_folder else None, prefix="verify-") as folder:
        copy = connect(Path(folder) / "copy.db")
        try:
            db.conn.backup(copy.conn)
            yield from index_problems(copy, archive)
        finally:
            copy.close()


def _guarded(db: Database, archive: Path, check: Callable[[Database, Path], Iterator[Problem]]) -> Iterator[Problem]:
    """Yield what a check finds; a database too damaged for the question is a problem like the others."""
    shown = 0
    try:
        for problem in check(db, archive):
            shown += 1
            if shown > MAX_SHOWN:
                yield Problem(
                    where=str(archive),
                    what=f"more problems of this kind than the {MAX_SHOWN} above",
                    remedy="Mend those first.",
                )
                return
            yield problem
    except sqlite3.DatabaseError as error:
        yield _damage(archive, str(error))


def _database(db: Database, archive: Path) -> Iterator[Problem]:
    for (line,) in db.execute(f"pragma integrity_check({MAX_SHOWN})"):
        if line != "ok":
            yield _damage(archive, line)


def _references(db: Database, archive: Path) -> Iterator[Problem]:
    for table, rowid, parent, _ in db.execute("pragma foreign_key_check"):
        yield Problem(
            where=f"{archive}: {table}",
            what=f"row {rowid} refers to a row of {parent} that is not there",
            remedy=_RESTORE,
        )


def _texts(db: Database, archive: Path) -> Iterator[Problem]:
    for row in db.query("select id, url, source_id, text, text_sha256 from articles"):
        if digest(row["text"]) != row["text_sha256"]:
            yield Problem(
                where=row["url"],
                what=f"the text of article {row['id']} is not the one that was stored",
                remedy=f"Type: python -m pipelines replay --source {row['source_id']} --archive {_typed(archive)}",
            )
    for row in db.query("select article_id, n, text, text_sha256 from article_versions where text is not null"):
        if digest(row["text"]) != row["text_sha256"]:
            yield Problem(
                where=f"article {row['article_id']}",
                what=f"the text of version {row['n']} is not the one that was stored",
                remedy=_RESTORE,
            )


COUNTS = (
    (
        "select a.url as item, a.versions as said, count(v.n) as found from articles a"
        " left join article_versions v on v.article_id = a.id group by a.id"
        " having count(v.n) <> a.versions or max(v.n) <> a.versions",
        "has {said} versions by its own count, {found} are there",
    ),
    (
        "select a.url as item, '' as said, v.n as found from articles a"
        " join article_versions v on v.article_id = a.id and v.n = a.versions"
        " where v.text_sha256 <> a.text_sha256",
        "its last version ({found}) is not its text",
    ),
    (
        "select a.url as item, v.n as said, '' as found from articles a"
        " join article_versions v on v.article_id = a.id and v.n < a.versions where v.text is null",
        "version {said} has lost its text",
    ),
    (
        "select a.url as item, a.gone_at as said, '' as found from articles a where (a.gone_at is not null) <>"
        " exists (select 1 from removals r where r.article_id = a.id and r.back_at is null)",
        "is gone since '{said}' by its own row, and removals say otherwise",
    ),
    (
        "select url as item, '' as said, '' as found from links where state = 'stored' and article_id is null",
        "is a stored link without an article",
    ),
    (
        "select 'story ' || s.id as item, s.articles || '/' || s.sources as said,"
        " count(a.id) || '/' || count(distinct a.source_id) as found"
        " from stories s left join articles a on a.story_id = s.id group by s.id"
        " having count(a.id) <> s.articles or count(distinct a.source_id) <> s.sources",
        "has {said} articles/sources by its own count, {found} are there",
    ),
)
"""Queries for what contradicts itself (item, said, found), and how to say it."""


def _counts(db: Database, archive: Path) -> Iterator[Problem]:
    for sql, sentence in COUNTS:
        for row in db.query(sql):
            yield Problem(
                where=row["item"], what=sentence.format(said=row["said"], found=row["found"]), remedy=_RESTORE
            )


def _captures(db: Database, archive: Path, progress: Progress) -> Iterator[Problem]:
    """Read every WARC file once from end to end, and find in it what the pages say is there."""
    folder = folder_of(archive)
    there = {path.name.removesuffix(OPEN_SUFFIX): path for path in sorted(folder.glob("*.warc.gz*"))}
    wanted = [name for (name,) in db.execute("select distinct warc_file from pages where warc_file is not null")]
    for name in sorted(set(wanted) - there.keys()):
        (pages,) = db.execute("select count(*) from pages where warc_file = ?", [name]).fetchone()
        yield Problem(
            where=str(folder / name),
            what=f"the file is missing; {pages} pages are kept in it",
            remedy=f"Copy it back into {folder}; the articles keep their texts.",
        )
    for name, path in there.items():
        progress(name)
        yield from _file(db, name, path)


def _file(db: Database, name: str, path: Path) -> Iterator[Problem]:
    live = path.name.endswith(OPEN_SUFFIX) and is_live(path)
    pages: dict[int, dict[str, Any]] = {
        row["warc_offset"]: row
        for row in db.query("select * from pages where warc_file = ? order by warc_offset", [name])
    }
    size = path.stat().st_size
    for member in members(path):
        row = pages.pop(member.offset, None)
        # What a running crawl is writing at this moment is not damage, and no page refers to it yet.
        if live and member.offset + member.length >= size and row is None:
            continue
        what = _fault(member, row)
        if what:
            yield Problem(where=f"{path} at {member.offset}", what=what, remedy=_remedy(path, row))
    for offset, row in pages.items():
        yield Problem(
            where=f"{path} at {offset}", what="no record begins where a page should", remedy=_remedy(path, row)
        )


def _fault(member: Member, row: dict[str, Any] | None) -> str:
    """Return what is wrong with a record by itself and with the page that refers to it, or ''."""
    if member.fault is not None:
        return member.fault
    try:
        head, _ = split_record(member.data)
        page = decode_page(member.data) if row is not None or head["warc-type"] == "response" else None
    except WarcError as error:
        return str(error)
    if row is None or page is None:
        return ""
    if member.length != row["warc_length"]:
        return f"the record has {member.length} bytes, page {row['id']} says {row['warc_length']}"
    if hashlib.sha256(page.body).hexdigest() != row["payload_sha256"] or page.url != row["url"]:
        return f"this is not the capture of page {row['id']} ({row['url']})"
    return ""


def _remedy(path: Path, row: dict[str, Any] | None) -> str:
    if row is None and path.name.endswith(OPEN_SUFFIX):
        return "A crawl was killed here; the next one mends it: python scheduler.py --once"
    return f"Copy {path.name} back from a backup; the articles keep their texts."


def _damage(archive: Path, line: str) -> Problem:
    return Problem(where=str(archive), what=f"the database is damaged ({' '.join(line.split())})", remedy=_RESTORE)


_RESTORE = "Copy the last backup back (python -m archive backup makes one)."


def _typed(path: Path) -> str:
    return shlex.quote(str(path))
