"""Packs the captures of chosen articles with what replay tools ask for: index, page lists with texts, description."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive.database import Database
from archive.errors import DauysError
from archive.folders import make_folder, sync_folder
from archive.wacz.cdxj import NAME, CaptureIndex, second_index
from archive.wacz.container import Container
from archive.warc import folder_of, read_record
from archive.warc_format import WarcError, decode_page, decompress, encode_info

VERSION = "1.1.1"
MAX_WARC_BYTES = 1_000_000_000
"""A WARC file in the package ends past this size, as those of the archive do."""

Progress = Callable[[int, int], None]
"""Told how many captures are packed, of how many."""


class WaczError(DauysError):
    """Raised when nothing is there to pack, or the package cannot be written."""


@dataclass(slots=True, kw_only=True)
class Packed:
    """What is in a package. `without` counts articles that were chosen and have no capture."""

    articles: int = 0
    captures: int = 0
    without: int = 0
    size: int = 0
    damaged: list[str] = field(default_factory=list)
    """What is wrong with captures that were left out, a line each."""


def pack(
    db: Database, archive: Path, target: Path, *, title: str, progress: Progress = lambda done, of: None
) -> Packed:
    """Pack every capture from which a version of an article in `temp.selected` was read, into the file `target`.

    The caller is in a read transaction, in which `temp.selected` lists article ids. The same archive and the same
    list give the same bytes. A damaged capture is left out and told. The file is whole or not there. Raises
    WaczError when nothing is left to pack or the file cannot be written.
    """
    (of,) = db.execute(f"select count(*) from ({CAPTURES})").fetchone()
    packed = Packed()
    (packed.without,) = db.execute(
        f"select count(*) from temp.selected where id not in (select article_id from ({CAPTURES}))"
    ).fetchone()
    if not of:
        raise WaczError("none of the chosen articles has a capture: there is nothing to pack")
    part = target.with_name(target.name + ".part")
    try:
        make_folder(target.parent)
        with TemporaryDirectory(dir=target.parent, prefix=f"{target.name}-") as folder:
            container = Container(part)
            try:
                _fill(db, archive, container, Path(folder), packed, title, lambda done: progress(done, of))
            finally:
                container.abandon()
        with part.open("rb") as stream:
            os.fsync(stream.fileno())
        part.rename(target)
        sync_folder(target.absolute().parent)
    except OSError as error:
        raise WaczError(f"{target}: cannot be written ({error.strerror or error})") from error
    finally:
        part.unlink(missing_ok=True)
    packed.size = target.stat().st_size
    return packed


CAPTURES = """
select v.article_id, v.n, v.n = a.versions as latest, v.title, p.*
from temp.selected s
join articles a on a.id = s.id
join versions v on v.article_id = s.id
join pages p on p.id = v.page_id and p.warc_file is not null
"""


def _fill(
    db: Database,
    archive: Path,
    container: Container,
    folder: Path,
    packed: Packed,
    title: str,
    progress: Callable[[int], None],
) -> None:
    left_out: set[int] = set()
    with CaptureIndex(folder) as index:
        _captures(db, archive, container, index, packed, left_out, progress)
        if not packed.captures:
            raise WaczError(f"no capture could be read: {packed.damaged[0]}")
        lines: list[str] = []
        with container.entry(f"indexes/{NAME}", packed=True) as stream:
            for block, line in second_index(index.blocks()):
                stream.write(block)
                lines.append(line)
        container.write("indexes/index.idx", (line.encode() for line in lines))
    db.execute("create temp table wacz_left_out (page_id integer primary key)")
    db.conn.executemany("insert into temp.wacz_left_out values (?)", [(page_id,) for page_id in left_out])
    try:
        main = _page_lists(db, container, packed)
        (last,) = db.execute(f"select max(fetched_at) from ({CAPTURES})").fetchone()
    finally:
        db.execute("drop table temp.wacz_left_out")
    description = {
        "profile": "data-package",
        "title": title,
        "description": "Pages as they were received, with the texts that were read from them",
        "created": last,
        "wacz_version": VERSION,
        "software": "Dauys",
    }
    if packed.articles == 1 and main is not None:
        description |= {"mainPageUrl": main["url"], "mainPageDate": main["ts"]}
    container.finish(description)


def _captures(
    db: Database,
    archive: Path,
    container: Container,
    index: CaptureIndex,
    packed: Packed,
    left_out: set[int],
    progress: Callable[[int], None],
) -> None:
    """Copy the records, each once, in order of time, into WARC files of bounded size."""
    rows = db.query(f"select distinct id, url, fetched_at, status, content_type, payload_sha256, warc_file,"
                    f" warc_offset, warc_length from ({CAPTURES}) order by fetched_at, id")  # fmt: skip
    row, number = next(rows, None), 0
    while row is not None:
        number += 1
        name = f"data-{number:05d}.warc.gz"
        with container.entry(f"archive/{name}", packed=True) as stream:
            stream.write(encode_info(name, row["fetched_at"], {}, record_id=_record_id(name, row)))
            while row is not None and stream.size < MAX_WARC_BYTES:
                record = _record(archive, row, packed)
                if record is None:
                    left_out.add(row["id"])
                else:
                    index.add(row["url"], _stamp(row["fetched_at"]), _fields(row, record, name, stream.size))
                    stream.write(record)
                    packed.captures += 1
                progress(packed.captures)
                row = next(rows, None)


def _record(archive: Path, row: dict[str, Any], packed: Packed) -> bytes | None:
    """Return the record of a page as it stands in its file, or None, told, when it is not that page whole."""
    try:
        record = read_record(folder_of(archive), row["warc_file"], row["warc_offset"], row["warc_length"])
        page = decode_page(decompress(record))
        same = page.url == row["url"] and hashlib.sha256(page.body).hexdigest() == row["payload_sha256"]
        what = "" if same else "this is not the capture of the page"
    except WarcError as error:
        what = str(error)
    if what:
        packed.damaged.append(f"{row['url']} of {row['fetched_at']}: {what}")
        return None
    return record


def _fields(row: dict[str, Any], record: bytes, name: str, offset: int) -> dict[str, Any]:
    mime = (row["content_type"] or "").partition(";")[0].strip().lower()
    return {
        "mime": mime or "unk",
        "status": str(row["status"]),
        "digest": f"sha256:{base64.b32encode(bytes.fromhex(row['payload_sha256'])).decode()}",
        "length": str(len(record)),
        "offset": str(offset),
        "filename": name,
        "recordDigest": f"sha256:{hashlib.sha256(record).hexdigest()}",
    }


def _page_lists(db: Database, container: Container, packed: Packed) -> dict[str, Any] | None:
    """Write the list of articles as they read now, and that of their earlier versions; return the first page."""
    first: dict[str, Any] | None = None
    with container.entry("pages/pages.jsonl", packed=False) as stream:
        stream.write(_line({"format": "json-pages-1.0", "id": "pages", "title": "Articles", "hasText": True}))
        for page in _pages(db, latest=True):
            first = first or page
            packed.articles += 1
            stream.write(_line(page))
    earlier = _pages(db, latest=False)
    page_before = next(earlier, None)
    if page_before is not None:
        with container.entry("pages/extraPages.jsonl", packed=False) as stream:
            head = {"format": "json-pages-1.0", "id": "extra", "title": "Earlier versions", "hasText": True}
            for line in chain((head, page_before), earlier):
                stream.write(_line(line))
    return first


def _pages(db: Database, *, latest: bool) -> Iterator[dict[str, Any]]:
    texts = "select text from versions where article_id = ? and n = ?"
    for row in db.query(
        # the texts are looked up one by one: sorting would carry them all along
        f"""select article_id, n, url, fetched_at, title from ({CAPTURES})
        where latest = ? and id not in (select page_id from temp.wacz_left_out)
        order by fetched_at, id, article_id""",
        [int(latest)],
    ):
        yield {
            "id": f"{row['article_id']}.{row['n']}",
            "url": row["url"],
            "ts": row["fetched_at"],
            "title": row["title"] or row["url"],
            "text": db.execute(texts, [row["article_id"], row["n"]]).fetchone()[0],
        }


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _stamp(moment: str) -> str:
    return "".join(char for char in moment if char.isdigit())[:14].ljust(14, "0")


def _record_id(name: str, row: dict[str, Any]) -> str:
    """Return an id that is the same for the same content."""
    digest = hashlib.sha256(f"{name} {row['payload_sha256']} {row['fetched_at']}".encode()).hexdigest()
    return f"urn:uuid:{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
