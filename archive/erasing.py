"""Rewrites WARC files without some of their records, so that at every moment the pages point into whole files.

A file is written anew under another name and is on the disk before the transaction that moves the pages over to
it; the old one is deleted after that. Names of files that must not stay are kept in `warc_discarded` meanwhile: the
new name until the transaction, the old one from then on. Whatever ends the process, what is listed is garbage, and
`sweep` removes it.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archive.captures import files_of
from archive.database import Database
from archive.db import write
from archive.errors import DauysError
from archive.folders import sync_folder
from archive.warc import OPEN_SUFFIX, folder_of
from archive.warc_format import WarcError, members, split_record

COPIED_AT_ONCE = 1024 * 1024


class ErasureError(DauysError):
    """Raised when WARC files cannot be rewritten now: another process does, a crawl writes, the disk refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be left out of one WARC file: (offset, length) in bytes of each part that goes, in order."""

    path: Path
    parts: tuple[tuple[int, int], ...]

    @property
    def file(self) -> str:
        """Return the name of the file as pages have it."""
        return self.path.name.removesuffix(OPEN_SUFFIX)

    def moved(self, offset: int) -> int:
        """Return where a record that stays comes to stand."""
        return offset - sum(length for start, length in self.parts if start < offset)


@contextmanager
def alone(archive: Path) -> Iterator[None]:
    """Hold the archive's WARC files against other rewriting; raise ErasureError where another process does."""
    folder = folder_of(archive)
    if not folder.is_dir():
        yield
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ErasureError(f"{folder}: another process rewrites WARC files. Type this again later.") from error
        yield
    finally:
        os.close(fd)


def plans(db: Database, archive: Path, page_ids: AbstractSet[int], addresses: AbstractSet[str]) -> list[Plan]:
    """Return what to leave out so that no record of `page_ids` stays, nor one of `addresses` that no page refers to.

    Such a record is left by a crawl that was killed between writing it and committing its page. Only what no
    page refers to is read; the rest is known from the table.
    """
    found = []
    for path in files_of(archive).values():
        parts = list(_parts(db, path, page_ids, addresses))
        if any(wanted for _, _, wanted in parts):
            # damage that no page refers to may hold anything: it is not taken over into a new file
            found.append(Plan(path=path, parts=tuple((offset, length) for offset, length, _ in parts)))
    return found


def write_without(db: Database, plan: Plan) -> str | None:
    """Write the file of `plan` anew without what goes; return its new name, or None where no record would be left.

    The new file is on the disk when this returns, and is listed as discarded until `take_over`.
    """
    size = plan.path.stat().st_size
    if _only_info(plan, size):
        return None
    name = _next_name(plan.path.parent, plan.file)
    with write(db):
        db.execute("insert into warc_discarded (file) values (?)", [name])
    try:
        with plan.path.open("rb") as old, (plan.path.parent / name).open("xb") as new:
            position = 0
            for offset, length in plan.parts:
                _copy(old, new, position, offset)
                position = offset + length
            _copy(old, new, position, size)
            new.flush()
            os.fsync(new.fileno())
        sync_folder(plan.path.parent)
    except OSError as error:
        raise ErasureError(f"{plan.path.parent / name}: cannot be written ({error.strerror or error})") from error
    return name


def take_over(db: Database, plan: Plan, name: str | None) -> None:
    """Move the remaining pages of a file over to the new one, inside the caller's transaction."""
    db.execute("insert into warc_discarded (file) values (?)", [plan.file])
    if name is not None:
        db.execute("delete from warc_discarded where file = ?", [name])
        staying = db.execute("select id, warc_offset from pages where warc_file = ?", [plan.file]).fetchall()
        db.conn.executemany(
            "update pages set warc_file = ?, warc_offset = ? where id = ?",
            [(name, plan.moved(offset), page_id) for page_id, offset in staying],
        )


def discarded(db: Database, archive: Path) -> list[Path]:
    """Return the files that are there and must not stay."""
    folder = folder_of(archive)
    names = [name for (name,) in db.execute("select file from warc_discarded order by file")]
    return [path for name in names for path in (folder / name, folder / (name + OPEN_SUFFIX)) if path.exists()]


def sweep(db: Database, archive: Path) -> list[Path]:
    """Delete the files that must not stay and return them. The caller holds `alone`."""
    gone = discarded(db, archive)
    for path in gone:
        path.unlink()
    if gone:
        sync_folder(folder_of(archive))
    if db.execute("select 1 from warc_discarded").fetchone():
        with write(db):
            db.execute("delete from warc_discarded")
    return gone


def _parts(
    db: Database, path: Path, page_ids: AbstractSet[int], addresses: AbstractSet[str]
) -> Iterator[tuple[int, int, bool]]:
    """Yield what goes of one file, as (offset, length, whether it is why the file is rewritten), in order."""
    name = path.name.removesuffix(OPEN_SUFFIX)
    position = 0
    for page_id, offset, length in db.execute(
        "select id, warc_offset, warc_length from pages where warc_file = ? order by warc_offset, id", [name]
    ).fetchall():
        if offset > position:
            yield from _unclaimed(path, position, offset, addresses)
        if page_id in page_ids and offset >= position:
            yield offset, length, True
        position = max(position, offset + length)
    yield from _unclaimed(path, position, path.stat().st_size, addresses)


def _unclaimed(path: Path, start: int, end: int, addresses: AbstractSet[str]) -> Iterator[tuple[int, int, bool]]:
    for member in members(path, start, end):
        if member.fault is not None:
            yield member.offset, member.length, False
            continue
        try:
            head, _ = split_record(member.data)
        except WarcError:
            yield member.offset, member.length, False
            continue
        if {head.get("warc-target-uri"), head.get("dauys-requested-uri")} & addresses:
            yield member.offset, member.length, True


def _only_info(plan: Plan, size: int) -> bool:
    """Tell whether nothing but the record that opens the file would be left."""
    first = next(members(plan.path), None)
    left = size - sum(length for _, length in plan.parts)
    return left == 0 or (
        first is not None and first.length == left and first.fault is None and b"WARC-Type: warcinfo" in first.data
    )


def _next_name(folder: Path, file: str) -> str:
    """Return a free name for the file written anew: `x.warc.gz`, then `x-f1.warc.gz`, `x-f2.warc.gz`."""
    found = re.fullmatch(r"(.*?)(?:-f(\d+))?\.warc\.gz", file)
    if found is None:
        raise ErasureError(f"{folder / file}: is no name of a WARC file")
    number = int(found[2] or 0)
    while True:
        number += 1
        name = f"{found[1]}-f{number}.warc.gz"
        if not any((folder / (name + suffix)).exists() for suffix in ("", OPEN_SUFFIX)):
            return name


def _copy(old: BinaryIO, new: BinaryIO, start: int, end: int) -> None:
    old.seek(start)
    left = end - start
    while left > 0:
        chunk = old.read(min(COPIED_AT_ONCE, left))
        if not chunk:
            raise OSError("the file has become shorter")
        new.write(chunk)
        left -= len(chunk)
