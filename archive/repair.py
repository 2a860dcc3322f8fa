"""Mends an archive as far as what is left of it allows, and says what was done. What cannot be mended, verify tells."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from archive import captures, erasing, forget, sketches, tombstones
from archive.appointments import take_back
from archive.captures import Sight
from archive.contradictions import settle, settle_references
from archive.database import Database
from archive.db import open_archive, write
from archive.kept import schema as kept
from archive.objects import lost
from archive.search import index
from archive.times import now
from archive.verify import index_problems, is_derived
from archive.warc import OPEN_SUFFIX, folder_of, is_live, recover

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """One thing that was put right: where, and what was done."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def repair(archive: Path, *, progress: Progress = lambda step: None) -> Iterator[Mended]:
    """Mend the archive at `archive` and yield what was done, each step already on the disk when it is told.

    Nothing that was kept is given up: a capture that a page points at is never cut off, a text never
    changed. Crawls may go on; what they have open is left alone. A step that damage makes impossible is
    passed over, and `verify` afterwards tells what is still wrong. Raises ArchiveError when the archive
    cannot be opened or written.
    """
    progress("WARC files left open")
    yield from _left_open(archive)
    db = open_archive(archive, create=False)
    try:
        for step, mend in (
            ("database", _database),
            ("schema", _schema),
            ("references", _references),
            ("counts", _counts),
            ("appointments", _appointments),
            ("full-text index", _index),
            ("erasures", _erasures),
            ("captures", _captures),
        ):
            progress(step)
            yield from _guarded(db, archive, mend)
    finally:
        db.close()


def _guarded(db: Database, archive: Path, mend: Callable[[Database, Path], Iterator[Mended]]) -> Iterator[Mended]:
    try:
        yield from mend(db, archive)
    except sqlite3.DatabaseError as error:
        yield Mended(where=str(archive), what=f"a step could not be taken, the database is too damaged ({error})")


def _left_open(archive: Path) -> Iterator[Mended]:
    """Close what dead crawls left open; the torn record at the end of such a file belongs to no page."""
    folder = folder_of(archive)
    before = {
        path.name.removesuffix(OPEN_SUFFIX): path.stat().st_size
        for path in folder.glob(f"*.warc.gz{OPEN_SUFFIX}")
        if not is_live(path)
    }
    for path in recover(folder):
        cut = before.get(path.name, path.stat().st_size) - path.stat().st_size
        yield Mended(where=str(path), what=f"closed; {_torn(cut)}" if cut else "closed, it was whole")
    for name in before:
        if not any((folder / (name + suffix)).exists() for suffix in ("", OPEN_SUFFIX)):
            yield Mended(where=str(folder / name), what="removed, not one whole record was in it")


def _database(db: Database, archive: Path) -> Iterator[Mended]:
    """Make the indexes of the tables anew where SQLite finds them wrong; a damaged table is not touched."""
    (line,) = db.execute("pragma integrity_check(1)").fetchone()
    if line == "ok":
        return
    with write(db):
        db.execute("reindex")
    (left,) = db.execute("pragma integrity_check(1)").fetchone()
    if left == "ok":
        yield Mended(where=str(archive), what=f"the indexes of the tables are made anew ({' '.join(line.split())})")


def _schema(db: Database, archive: Path) -> Iterator[Mended]:
    """Make again what the schema lost and what can be filled from the articles, or needs no filling."""
    missing = lost(db)
    if any(object_.name.startswith(("articles_fts", "search_")) for object_ in missing):
        with write(db):
            index.begin_again(db)
        yield Mended(where=f"{archive}: full-text index", what="begun anew, since parts of it were missing")
        missing = lost(db)
    for object_ in missing:
        if object_.kind == "table" and not is_derived(object_.name):
            continue
        with write(db):
            if object_.kind != "table":
                db.execute(f"drop {object_.kind} if exists [{object_.name}]")
            db.execute(object_.sql)
            if object_.name.startswith("story_") and object_.kind == "table":
                sketches.set_scheme(db, sketches.UNFINISHED)
        yield Mended(where=f"{archive}: {object_.kind} {object_.name}", what="made anew")


def _references(db: Database, archive: Path) -> Iterator[Mended]:
    with write(db):
        done = list(settle_references(db))
    yield from (Mended(where=str(archive), what=what) for what in done)


def _counts(db: Database, archive: Path) -> Iterator[Mended]:
    with write(db):
        done = list(settle(db))
        wrong = list(kept.faults(db))
        if wrong:
            kept.fill(db)
            done.append(f"what is counted by day, outlet and topic is counted again ({wrong[0]})")
    yield from (Mended(where=str(archive), what=what) for what in done)


def _appointments(db: Database, archive: Path) -> Iterator[Mended]:
    yield from (Mended(where=str(archive), what=f"{what}; that is due now") for what in take_back(db, now()))


def _index(db: Database, archive: Path) -> Iterator[Mended]:
    problem = next(index_problems(db, archive), None)
    if problem is not None:
        count = index.reindex(db, fresh=True)
        yield Mended(where=problem.where, what=f"made anew from {count} articles, since it {problem.what}")


def _erasures(db: Database, archive: Path) -> Iterator[Mended]:
    """End what an interrupted `forget` had begun."""
    uncleared = tombstones.uncleared(db)
    for path in forget.finish(db, archive):
        yield Mended(where=str(path), what="deleted, an erasure had been interrupted")
    if uncleared:
        yield Mended(where=str(archive), what="unused space is cleared of what was forgotten")


def _captures(db: Database, archive: Path) -> Iterator[Mended]:
    """Point pages at their records where these stand elsewhere, and cut off torn ends that no page needs."""
    with erasing.alone(archive):
        yield from _captures_alone(db, archive)


def _captures_alone(db: Database, archive: Path) -> Iterator[Mended]:
    astray: dict[int, Sight | None] = {
        row["id"]: None
        for name, _ in captures.missing_files(db, archive)
        for row in db.query("select id from pages where warc_file = ?", [name])
    }
    unclaimed: dict[tuple[str, str], list[Sight]] = {}
    torn: list[Sight] = []
    for path in captures.files_of(archive).values():
        for sight in captures.sights(db, path):
            if sight.fault is not None and sight.page is not None:
                astray[sight.page["id"]] = sight
            if sight.url is not None and sight.payload_sha256 is not None and (sight.page is None or sight.fault):
                unclaimed.setdefault((sight.url, sight.payload_sha256), []).append(sight)
            if sight.torn and sight.page is None and not path.name.endswith(OPEN_SUFFIX):
                torn.append(sight)
    yield from _pointed_anew(db, archive, astray, unclaimed)
    for sight in torn:
        # asked again: a page may have come to point there meanwhile, and what it points at is never cut
        (needed,) = db.execute(
            "select count(*) from pages where warc_file = ? and warc_offset >= ?", [sight.file, sight.offset]
        ).fetchone()
        if not needed and sight.path.stat().st_size == sight.offset + sight.length:
            with sight.path.open("r+b") as stream:
                stream.truncate(sight.offset)
                os.fsync(stream.fileno())
            yield Mended(where=str(sight.path), what=_torn(sight.length))


def _pointed_anew(
    db: Database, archive: Path, astray: dict[int, Sight | None], unclaimed: dict[tuple[str, str], list[Sight]]
) -> Iterator[Mended]:
    for page_id in sorted(astray):
        with write(db):
            row = next(db.query("select * from pages where id = ?", [page_id]), None)
            found = unclaimed.get((row["url"], row["payload_sha256"])) if row else None
            if not found:
                continue
            sight = found.pop(0)
            db.execute(
                "update pages set warc_file = ?, warc_offset = ?, warc_length = ? where id = ?",
                [sight.file, sight.offset, sight.length, page_id],
            )
        yield Mended(
            where=f"{archive}: page {page_id}",
            what=f"points at its record again ({sight.file} at {sight.offset})",
        )


def _torn(size: int) -> str:
    return f"{size:,} bytes of a torn record at its end, which no page needs, are cut off"
