"""Reads a table of the package from the archive, in batches that bound the memory of an export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archive.database import Database
from archive.export.tables import Table

Row = tuple[Any, ...]

BATCH_ROWS = 8_192
"""Rows of one batch, which is one row group of a Parquet file."""
BATCH_TEXT = 24 * 1024 * 1024
"""Characters or bytes of text after which a batch ends early: a text may be five million characters long."""


def batches(db: Database, table: Table, *, blobs: bool) -> Iterator[list[Row]]:
    """Yield the rows of a table, in the order of its key; where they are cut depends on the rows alone."""
    cursor = db.conn.cursor()
    cursor.row_factory = None
    cursor.arraysize = BATCH_ROWS
    cursor.execute(table.select(blobs=blobs))
    if "text" not in table.names:
        while rows := cursor.fetchmany():
            yield rows
        return
    at = table.names.index("text")
    batch: list[Row] = []
    size = 0
    for row in cursor:
        batch.append(row)
        size += len(row[at] or ())
        if len(batch) == BATCH_ROWS or size >= BATCH_TEXT:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
