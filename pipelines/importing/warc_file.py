"""Reads WARC files of any crawler: compressed by record, as a whole or not at all, damaged, or cut off at the end."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Literal

from fastwarc.warc import ArchiveIterator, WarcRecord
from fastwarc.warc import WarcRecordType as RecordType

from archive.times import parsed
from pipelines.importing.outcome import ImportFileError

MAX_BLOCK_BYTES = 12 * 1024**2
"""A record's block as the file has it: the crawler itself fetches up to 10 MiB, a larger one is no news page."""
MAX_HEAD_BYTES = 64 * 1024
"""Of a record's or an answer's headers; ordinary ones have under 8 KiB."""
OTHER_SCHEMES = ("dns", "ftp", "urn", "whois", "metadata", "warcinfo", "filedesc", "screenshot")
"""Of what crawlers record beside pages."""
GZIP_MAGIC = b"\x1f\x8b\x08"
SEARCH_BYTES = 1024**2

Fate = Literal["response", "revisit", "other-record", "too-large", "damaged", "no-address"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record; `number` counts from 1, `block` is the HTTP answer as it was recorded, head and body.

    `detail` says in words what is wrong with one that is no whole response. `source_id` and `requested_url` are what
    our own files tell.
    """

    number: int
    fate: Fate
    url: str = ""
    fetched_at: datetime | None = None
    block: bytes = b""
    detail: str | None = None
    source_id: str | None = None
    requested_url: str | None = None


def records(file: IO[bytes], *, after: int = 0) -> Iterator[Record]:
    """Yield the records of an opened file but for the first `after` ones, one at a time in memory.

    Damage inside a file that is compressed by record costs the damaged records; anywhere else it ends the reading.
    Either is a record with the fate `damaged`. Raises ImportFileError for a file without a single record.
    """
    number, start, in_damage = 0, 0, False
    while True:
        file.seek(start)
        last = start
        try:
            for record in _iterated(file):
                last = start + record.stream_pos
                whole = _read(record, number + 1)
                number, in_damage = number + 1, False
                if number > after:
                    yield whole
            break
        except OSError as error:  # what fastwarc raises for whatever it cannot make sense of
            if not in_damage:
                number, in_damage = number + 1, True
                if number > after:
                    yield Record(number=number, fate="damaged", detail=f"damaged near byte {last} ({error})")
            found = _next_member(file, last + 1)
            if found is None:
                break
            start = found
    if number == 0:
        raise ImportFileError("there is no WARC record in it")


def _iterated(file: IO[bytes]) -> Iterator[WarcRecord]:
    iterator: Iterator[WarcRecord] = ArchiveIterator(
        file, parse_http=False, quirks_mode=True, max_header_len=MAX_HEAD_BYTES, fsspec_args=False
    )
    return iterator


def _read(record: WarcRecord, number: int) -> Record:
    """Return a record as it is, whatever its headers claim. Raises OSError where its bytes cannot be unpacked."""
    kind = record.record_type
    if kind == RecordType.revisit:
        return Record(number=number, fate="revisit")
    if kind != RecordType.response:
        return Record(number=number, fate="other-record")
    headers = record.headers
    url = (headers.get("WARC-Target-URI") or "").strip().removeprefix("<").removesuffix(">")
    length = record.content_length
    scheme = url.partition(":")[0].lower()
    if scheme not in ("http", "https"):
        return Record(number=number, fate="other-record" if scheme in OTHER_SCHEMES else "no-address", url=url)
    if length > MAX_BLOCK_BYTES:
        return Record(number=number, fate="too-large", url=url, detail=f"{length} bytes")
    block: bytes = record.reader.read(length)
    if len(block) < length:
        detail = f"{url[:200]} is cut off: {len(block)} of {length} bytes"
        return Record(number=number, fate="damaged", url=url, detail=detail)
    fetched_at = _moment(headers.get("WARC-Date"))
    if fetched_at is None:
        return Record(number=number, fate="damaged", url=url, detail=f"{url[:200]} has no WARC-Date")
    return Record(
        number=number,
        fate="response",
        url=url,
        fetched_at=fetched_at,
        block=block,
        source_id=headers.get("Dauys-Source"),
        requested_url=headers.get("Dauys-Requested-URI"),
    )


def _moment(text: str | None) -> datetime | None:
    """Return the moment of a WARC-Date, which may have fractions of a second (WARC 1.1) or be cut to the day."""
    try:
        return parsed((text or "").strip())
    except (ValueError, OverflowError):
        return None


def _next_member(file: IO[bytes], start: int) -> int | None:
    """Return where the next gzip member that holds a WARC record begins, or None."""
    position = start
    while True:
        file.seek(position)
        window = file.read(SEARCH_BYTES)
        found = window.find(GZIP_MAGIC)
        while found >= 0:
            file.seek(position + found)
            if _begins_record(file.read(4096)):
                return position + found
            found = window.find(GZIP_MAGIC, found + 1)
        if len(window) < SEARCH_BYTES:
            return None
        # the magic may lie across the border of two windows
        position += len(window) - len(GZIP_MAGIC) + 1


def _begins_record(data: bytes) -> bool:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, 5) == b"WARC/"
    except zlib.error:
        return False
