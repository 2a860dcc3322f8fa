"""Pages: one row for every response that is kept, with the place of its capture in a WARC file."""

from __future__ import annotations

from typing import Any

from archive.clean import clean_line
from archive.database import Database
from archive.records import Page
from archive.times import stored
from archive.warc import Capture

MAX_CONTENT_TYPE_CHARS = 200


def insert(db: Database, page: Page, capture: Capture) -> int:
    """Add a page inside the caller's transaction; return its id."""
    row = db.execute(
        """insert into pages (url, source_id, run_id, fetched_at, status, content_type, payload_sha256, warc_file,
            warc_offset, warc_length, tls_verified) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id""",
        [
            page.url,
            page.source_id,
            page.run_id,
            stored(page.fetched_at),
            page.status,
            clean_line(page.header("content-type"), MAX_CONTENT_TYPE_CHARS),
            capture.payload_sha256,
            capture.file,
            capture.offset,
            capture.length,
            int(page.tls_verified),
        ],
    ).fetchone()
    return int(row[0])


def get(db: Database, page_id: int) -> dict[str, Any] | None:
    """Return the row of a page, or None where there is no such page."""
    return next(db.query("select * from pages where id = ?", [page_id]), None)


def digest_of(db: Database, page_id: int) -> str | None:
    """Return the payload digest of a page, or None where there is no such page."""
    row = db.execute("select payload_sha256 from pages where id = ?", [page_id]).fetchone()
    return str(row[0]) if row else None
