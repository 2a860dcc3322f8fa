"""Copies the rows of a table of the package from the archive into its files, while others watch them pass by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Protocol

from archive.database import Database
from archive.export.manifest import File, measured
from archive.export.reading import Row, batches
from archive.export.tables import Table
from archive.export.writers import CsvWriter, Format, JsonLinesWriter, Writer, scrubber

Files = dict[tuple[str, Format], File]
"""The file of each table in each format."""
Told = Callable[[int], None]
"""Told how many rows are copied."""


class Watcher(Protocol):
    """Sees the rows of a table pass by."""

    def write(self, rows: Sequence[Row]) -> None:
        """Take notice of rows."""


def copy(
    db: Database,
    table: Table,
    folder: Path,
    formats: Sequence[Format],
    watchers: Sequence[Watcher] = (),
    told: Told | None = None,
) -> Files:
    """Write a table into a folder in each format and return the files.

    A batch is read, prepared and watched while the one before is written: compression leaves Python alone.
    """
    scrub = scrubber(table)
    paths = {format_: folder / f"{table.name}.{format_}" for format_ in formats}
    count = 0
    with ExitStack() as stack:
        writers = [stack.enter_context(closing(_writer(f, path, table))) for f, path in paths.items()]
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=1))
        writing: Future[None] | None = None
        for batch in batches(db, table, blobs=tuple(formats) == ("parquet",)):
            rows = scrub(batch)
            parts = [writer.prepared(rows) for writer in writers]
            for watcher in watchers:
                watcher.write(rows)
            count += len(rows)
            # what is written has no need of them, and the next batch takes their room
            del batch, rows
            if writing is not None:
                writing.result()
            writing = pool.submit(_write, writers, parts)
            del parts
            if told is not None:
                told(count)
        if writing is not None:
            writing.result()
    return {(table.name, format_): measured(path, count) for format_, path in paths.items()}


def show(db: Database, table: Table, watchers: Sequence[Watcher]) -> None:
    """Show the rows of a table to watchers alone."""
    scrub = scrubber(table)
    for batch in batches(db, table, blobs=False):
        rows = scrub(batch)
        for watcher in watchers:
            watcher.write(rows)


def _write(writers: Sequence[Writer], parts: Sequence[Any]) -> None:
    for writer, part in zip(writers, parts, strict=True):
        writer.write(part)


def _writer(format_: Format, path: Path, table: Table) -> Writer:
    if format_ == "csv":
        return CsvWriter(path, table)
    if format_ == "jsonl":
        return JsonLinesWriter(path, table)
    from archive.export.parquet import ParquetWriter  # arrow takes a third of a second to load

    return ParquetWriter(path, table)
