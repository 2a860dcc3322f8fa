"""The index of a WACZ: a line for each capture, sorted on the disk, in blocks that are found by a second index."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from archive.wacz.surt import surt

BLOCK_LINES = 1024
"""Lines in a block: what a reader decompresses for one look-up, and what the WACZ tools write."""
NAME = "index.cdx.gz"


class CaptureIndex:
    """Collects lines in a file beside the package, so that a million captures take no memory; a context manager."""

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "cdxj.db", isolation_level=None)
        self._db.execute("pragma journal_mode = off")
        self._db.execute("pragma synchronous = off")
        self._db.execute("create table lines (key text, stamp text, line text)")
        self._db.execute("begin")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._db.close()

    def add(self, url: str, stamp: str, fields: dict[str, Any]) -> None:
        """Add a capture of `url` at `stamp` (14 digits, UTC); `fields` is what else its line says."""
        line = json.dumps({"url": url, **fields}, ensure_ascii=False)
        self._db.execute("insert into lines values (?, ?, ?)", [surt(url), stamp, line])

    def blocks(self) -> Iterator[tuple[bytes, str]]:
        """Yield the index: each block of sorted lines as a gzip member, and the key of its first line.

        Bytes are in order as SQLite compares UTF-8, which is the order that readers search in.
        """
        with closing(self._db.execute("select key || ' ' || stamp, line from lines order by key, stamp, line")) as rows:
            while lines := rows.fetchmany(BLOCK_LINES):
                text = "".join(f"{key} {line}\n" for key, line in lines)
                packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
                yield packer.compress(text.encode()) + packer.flush(), lines[0][0]


def second_index(blocks: Iterator[tuple[bytes, str]]) -> Iterator[tuple[bytes, str]]:
    """Yield each block with its line of the second index; the first comes with the line that names the format."""
    offset = 0
    for block, key in blocks:
        line = "" if offset else f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': NAME})}\n"
        digest = f"sha256:{hashlib.sha256(block).hexdigest()}"
        line += f"{key} {json.dumps({'offset': offset, 'length': len(block), 'digest': digest})}\n"
        yield block, line
        offset += len(block)
