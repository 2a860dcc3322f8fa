"""Pages: one row for every response that is kept, with the place of its capture in a WARC file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlite_utils import Database

from archive.clean import clean_line
from archive.records import Page
from archive.times import stored

MAX_CONTENT_TYPE_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Where a response lies: file name inside the WARC folder, offset and length in bytes of its record."""

    file: str
    offset: int
    length: int


def payload_digest(body: bytes) -> str:
    """Return the sha256 of a body after content decoding, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def insert(db: Database, page: Page, capture: Capture | None) -> int:
    """Add a page inside the caller's transaction; return its id."""
    page_id = db.execute(
        """insert into pages (url, source_id, run_id, fetched_at, status, content_type, payload_sha256, warc_file,
            warc_offset, warc_length, tls_verified) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            page.url,
            page.source_id,
            page.run_id,
            stored(page.fetched_at),
            page.status,
            clean_line(page.header("content-type"), MAX_CONTENT_TYPE_CHARS),
            payload_digest(page.body),
            capture.file if capture else None,
            capture.offset if capture else None,
            capture.length if capture else None,
            int(page.tls_verified),
        ],
    ).lastrowid
    assert page_id is not None
    return page_id


def digest_of(db: Database, page_id: int) -> str | None:
    """Return the payload digest of a page, or None where there is no such page."""
    row = db.execute("select payload_sha256 from pages where id = ?", [page_id]).fetchone()
    return str(row[0]) if row else None
