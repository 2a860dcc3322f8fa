"""Turns a recorded HTTP answer of any crawler into a page: head parsed, transfer and content coding undone. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fastwarc.warc import WarcRecord

from archive.records import Page
from archive.warc_format import ORIGINAL, WIRE_ONLY
from pipelines.decoding import Broken, TooLarge, Torn, decode
from pipelines.importing.warc_file import MAX_HEAD_BYTES

MAX_BODY_BYTES = 20 * 1024**2
"""A page after decompression; what is longer is a bomb, or no news page."""

NotAPage = Literal["no-http", "not-ok", "not-html", "too-large", "torn", "empty"]
_HTML = re.compile(r"^\s*(?:text/html|application/xhtml\+xml)\b", re.IGNORECASE)
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})\b")
_KIND = re.compile(rb"^content-type:[ \t]*([^\r\n]*\S)", re.IGNORECASE | re.MULTILINE)
_MARKUP = re.compile(rb"^\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why an answer is no page that could hold an article."""

    why: NotAPage


def refused_at_sight(block: bytes) -> NotAPage | None:
    """Return why an answer is no page where its head says so plainly, so that no worker is asked for it."""
    head = block[:MAX_HEAD_BYTES].partition(b"\r\n\r\n")[0]
    status = _STATUS.match(head)
    if status is None:
        return None
    if status[1] != b"200":
        return "not-ok"
    kind = _KIND.search(head)
    return "not-html" if kind and not _HTML.match(kind[1].decode("latin-1")) else None


def page_of(
    block: bytes, *, url: str, fetched_at: datetime, source_id: str | None = None, requested_url: str | None = None
) -> Page | Refused:
    """Return the page of a response record's block, or why it is none.

    Chunks or a content coding that the bytes do not have (recorders undo them and keep the header) are taken as not
    there.
    """
    for chunks in ("transfer", "none"):
        try:
            record = WarcRecord.from_bytes(_enveloped(block))
            record.parse_http(auto_decode=chunks, max_header_len=MAX_HEAD_BYTES, quirks_mode=True)
            coded = record.reader.read(len(block))
        except OSError:
            continue
        return _page(record, coded, url, fetched_at, source_id, requested_url)
    return Refused(why="no-http")


def _page(
    record: WarcRecord, coded: bytes, url: str, fetched_at: datetime, source_id: str | None, requested_url: str | None
) -> Page | Refused:
    status = record.http_headers.status_code
    if status != 200:
        return Refused(why="no-http" if status is None else "not-ok")
    try:
        body = _decoded(coded, record.http_headers.get_multiple("Content-Encoding"))
    except TooLarge:
        return Refused(why="too-large")
    except Torn:
        return Refused(why="torn")
    if not body.strip():
        return Refused(why="empty")
    headers = tuple((_own(name), value) for name, value in record.http_headers.to_tuples())
    page = Page(
        url=url, fetched_at=fetched_at, body=body, headers=headers, source_id=source_id, requested_url=requested_url
    )
    kind = page.header("Content-Type")
    html = _HTML.match(kind) if kind else _MARKUP.match(body[:4096])
    return page if html else Refused(why="not-html")


def _decoded(coded: bytes, headers: Sequence[str]) -> bytes:
    try:
        return decode(coded, ",".join(headers).split(","), limit=MAX_BODY_BYTES)
    except Broken:
        if len(coded) > MAX_BODY_BYTES:
            raise TooLarge("more than a page") from None
        return coded


def _own(name: str) -> str:
    """Return the name of a header that our own files keep under a prefix, as it was received."""
    bare = name[len(ORIGINAL) :]
    return bare if name.startswith(ORIGINAL) and bare.lower() in WIRE_ONLY else name


def _enveloped(block: bytes) -> bytes:
    """Return a WARC record around an HTTP answer, so that the library reads it."""
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"
