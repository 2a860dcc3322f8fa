"""Checks an archive to the last byte: the database, its index, its counts, and every capture in every WARC file."""

from __future__ import annotations

import os
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from archive import captures, sketches, tombstones
from archive.appointments import ahead
from archive.articles import digest
from archive.contradictions import ORPHANS, contradictions
from archive.database import Database
from archive.db import ArchiveError, connect, explain, open_archive
from archive.erasing import discarded
from archive.kept import schema as kept
from archive.objects import lost
from archive.search import index
from archive.times import now
from archive.warc import OPEN_SUFFIX, folder_of

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
            ("schema", _schema),
            ("tombstones", _forgetting),
            ("references", _references),
            ("full-text index", _index),
            ("texts", _texts),
            ("counts", _counts),
            ("appointments", _appointments),
        ):
            progress(step)
            yield from _guarded(db, archive, check)
        progress("captures")
        yield from _guarded(db, archive, lambda db, archive: _captures(db, archive, progress))
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


def _schema(db: Database, archive: Path) -> Iterator[Problem]:
    for object_ in lost(db):
        mendable = object_.kind != "table" or is_derived(object_.name)
        yield Problem(
            where=f"{archive}: {object_.kind} {object_.name}",
            what="is missing, or is not what it should be",
            remedy=f"Type: {_repair(archive)}" if mendable else _RESTORE,
        )
    if sketches.scheme(db) == sketches.UNFINISHED:
        yield Problem(
            where=f"{archive}: stories",
            what="are half built",
            remedy=f"Type: python -m pipelines reindex-stories --archive {_typed(archive)}",
        )


def _forgetting(db: Database, archive: Path) -> Iterator[Problem]:
    if count := tombstones.uncleared(db):
        yield Problem(
            where=f"{archive}: {count} tombstones",
            what="unused space may still hold what was forgotten, since forget was interrupted or is at work",
            remedy=f"Type: {_repair(archive)}",
        )


def is_derived(table: str) -> bool:
    """Tell whether a table can be filled again from the articles."""
    return table.startswith(("articles_fts", "search_", "story_", "kept_"))


def _references(db: Database, archive: Path) -> Iterator[Problem]:
    for table, rowid, parent, _ in db.execute("pragma foreign_key_check"):
        yield Problem(
            where=f"{archive}: {table}",
            what=f"row {rowid} refers to a row of {parent} that is not there",
            remedy=f"Type: {_repair(archive)}" if (table, parent) in ORPHANS else _RESTORE,
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


def _counts(db: Database, archive: Path) -> Iterator[Problem]:
    for kind, item, what in contradictions(db):
        yield Problem(
            where=item, what=what, remedy=f"Type: {_repair(archive)}" if kind.mend else kind.remedy or _RESTORE
        )
    for what in kept.faults(db):
        yield Problem(where=str(archive), what=what, remedy=f"Type: {_repair(archive)}")


def _appointments(db: Database, archive: Path) -> Iterator[Problem]:
    for what in ahead(db, now()):
        yield Problem(
            where=str(archive),
            what=f"{what}: the clock was ahead when that was written, or is behind now",
            remedy=f"When the clock is right (date -u), type: {_repair(archive)}",
        )


def _captures(db: Database, archive: Path, progress: Progress) -> Iterator[Problem]:
    """Read every WARC file once from end to end, and find in it what the pages say is there."""
    for name, pages in captures.missing_files(db, archive):
        folder = folder_of(archive)
        yield Problem(
            where=str(folder / name),
            what=f"the file is missing; {pages} pages are kept in it",
            remedy=f"Copy it back into {folder}; the articles keep their texts.",
        )
    left = set(discarded(db, archive))
    for path in sorted(left):
        yield Problem(
            where=str(path),
            what="an erasure that was interrupted has left this file, or is at work",
            remedy=f"Type: {_repair(archive)}",
        )
    files = captures.files_of(archive)
    for at, (name, path) in enumerate(files.items(), 1):
        if path in left:
            continue
        progress(f"{name}, file {at} of {len(files)}")
        for sight in captures.sights(db, path):
            if sight.fault is not None:
                yield Problem(where=f"{path} at {sight.offset}", what=sight.fault, remedy=_remedy(archive, sight))


def _remedy(archive: Path, sight: captures.Sight) -> str:
    if sight.page is not None:
        return (
            f"Copy {sight.file} back from a backup, or see whether the record is elsewhere: "
            f"python -m archive verify --repair --archive {_typed(archive)}"
        )
    if sight.path.name.endswith(OPEN_SUFFIX):
        return "A crawl was killed here; the next one mends it: python scheduler.py --once"
    return f"No page needs it. Type: {_repair(archive)}"


def _damage(archive: Path, line: str) -> Problem:
    return Problem(where=str(archive), what=f"the database is damaged ({' '.join(line.split())})", remedy=_RESTORE)


_RESTORE = "Copy the last backup back (python -m archive backup makes one)."


def _repair(archive: Path) -> str:
    return f"python -m archive verify --repair --archive {_typed(archive)}"


def _typed(path: Path) -> str:
    return shlex.quote(str(path))
