"""Walks the WARC files of an archive and holds every record against the page that refers to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.database import Database
from archive.warc import OPEN_SUFFIX, folder_of, is_live
from archive.warc_format import Member, WarcError, decode_page, members, split_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What stands at one place of a WARC file, in bytes, and which page (a row of `pages`) says it is kept there.

    `fault` says what is wrong with it, None where all is well. `url` and `payload_sha256` are those of a whole
    response record. `length` is 0 where a page refers to a place at which nothing begins. `torn` marks damage
    that reaches to the end of the file: what a power cut leaves.
    """

    path: Path
    offset: int
    length: int
    page: dict[str, Any] | None
    fault: str | None = None
    url: str | None = None
    payload_sha256: str | None = None
    torn: bool = False

    @property
    def file(self) -> str:
        """Return the name of the file as pages have it."""
        return self.path.name.removesuffix(OPEN_SUFFIX)


def files_of(archive: Path) -> dict[str, Path]:
    """Return the archive's WARC files: name as pages have it -> path."""
    found = sorted(folder_of(archive).glob("*.warc.gz*"))
    return {
        path.name.removesuffix(OPEN_SUFFIX): path
        for path in found
        if path.name.endswith((".warc.gz", ".warc.gz" + OPEN_SUFFIX))
    }


def missing_files(db: Database, archive: Path) -> Iterator[tuple[str, int]]:
    """Yield each WARC file that pages refer to and that is not there, with how many pages are kept in it."""
    there = files_of(archive)
    rows = db.execute("select warc_file, count(*) from pages where warc_file is not null group by 1 order by 1")
    yield from ((name, count) for name, count in rows if name not in there)


def sights(db: Database, path: Path) -> Iterator[Sight]:
    """Yield what stands in one WARC file, from its beginning to its end, then what pages miss in it.

    Every record is decompressed whole and its digest checked. What a running crawl is writing at this moment
    is passed over: it is not damage, and no page refers to it yet.
    """
    live = path.name.endswith(OPEN_SUFFIX) and is_live(path)
    pages: dict[int, list[dict[str, Any]]] = {}
    for row in db.query(
        "select id, url, warc_offset, warc_length, payload_sha256 from pages where warc_file = ? order by id",
        [path.name.removesuffix(OPEN_SUFFIX)],
    ):
        pages.setdefault(row["warc_offset"], []).append(row)
    size = path.stat().st_size
    for member in members(path):
        rows = pages.pop(member.offset, [])
        end = member.offset + member.length
        if live and end >= size and not rows:
            continue
        yield from _seen(path, member, rows, torn=member.fault is not None and end >= size)
    for offset, rows in pages.items():
        for row in rows:
            fault = "no record begins where a page should"
            yield Sight(path=path, offset=offset or 0, length=0, page=row, fault=fault)


def _seen(path: Path, member: Member, rows: list[dict[str, Any]], *, torn: bool) -> Iterator[Sight]:
    fault, url, digest = member.fault, None, None
    if fault is None:
        try:
            head, _ = split_record(member.data)
            if rows or head["warc-type"] == "response":
                page = decode_page(member.data)
                url, digest = page.url, hashlib.sha256(page.body).hexdigest()
        except WarcError as error:
            fault = str(error)
    claims: list[dict[str, Any] | None] = [*rows] or [None]
    for row in claims:
        yield Sight(
            path=path,
            offset=member.offset,
            length=member.length,
            page=row,
            fault=fault or _disagreement(member, row, url, digest),
            url=url,
            payload_sha256=digest,
            torn=torn,
        )


def _disagreement(member: Member, row: dict[str, Any] | None, url: str | None, digest: str | None) -> str | None:
    if row is None:
        return None
    if member.length != row["warc_length"]:
        return f"the record has {member.length} bytes, page {row['id']} says {row['warc_length']}"
    if digest != row["payload_sha256"] or url != row["url"]:
        return f"this is not the capture of page {row['id']} ({row['url']})"
    return None
