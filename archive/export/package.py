"""Writes a data package: the tables in one pass each, then what describes them, then the MANIFEST."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Protocol

from archive.database import Database
from archive.export import citing, croissant, datapackage, words
from archive.export.facts import LAYOUT, Facts
from archive.export.folder import whole_folder
from archive.export.manifest import MANIFEST, File, manifest, measured
from archive.export.reading import Row, batches
from archive.export.selection import Selection, name_runs, selected
from archive.export.tables import Table, tables
from archive.export.writers import CsvWriter, Format, JsonLinesWriter, Writer, scrubber

TITLE = "News archive of Dauys"
AUTHOR = "Dauys"
Progress = Callable[[int, int | None], None]
"""Told how many articles are written, of how many."""


def export(
    db: Database,
    target: Path,
    selection: Selection,
    *,
    formats: Sequence[Format] = ("csv",),
    title: str = TITLE,
    authors: Sequence[str] = (AUTHOR,),
    progress: Progress | None = None,
) -> Facts:
    """Write the selected articles of an archive, and what belongs to them, into the folder `target`.

    The folder is whole or not there. The same archive and arguments give the same bytes. Memory is bounded by a few
    batches. Raises ExportError, and QueryError and StaleIndex as search does.
    """
    with whole_folder(target) as folder, selected(db, selection) as chosen:
        outlets = list(db.execute("select id, name, homepage from sources").fetchall())
        held = tables(text=selection.text)
        files: dict[tuple[str, Format], File] = {}
        for table in held:
            paths = {format_: folder / f"{table.name}.{format_}" for format_ in formats}
            with ExitStack() as stack:
                writers = [stack.enter_context(closing(_writer(f, path, table))) for f, path in paths.items()]
                rows_of = batches(db, table, blobs=tuple(formats) == ("parquet",))
                if table.name == "articles":
                    names = {row[0]: row[1] for row in outlets}
                    references = stack.enter_context(closing(citing.ReferenceWriter(folder, table, names)))
                    extent = Extent(table)
                    beside = (references, extent)
                    rows = _copy(db, table, rows_of, writers, beside, told=progress, of=chosen.articles)
                else:
                    rows = _copy(db, table, rows_of, writers)
            files |= {(table.name, format_): measured(path, rows) for format_, path in paths.items()}
        facts = Facts(
            title=title,
            authors=tuple(authors),
            selection=selection,
            selected=chosen,
            formats=tuple(formats),
            tables=held,
            files=files,
            outlets=sorted((row[1], row[2]) for row in outlets if row[0] in extent.sources),
            days=extent.days,
        )
        _describe(folder, facts)
    return facts


class Watcher(Protocol):
    """Sees the rows of a table pass by."""

    def write(self, rows: Sequence[Row]) -> None:
        """Take notice of rows."""


class Extent:
    """Notes which outlets the articles are of, and the first and last day of their publication."""

    def __init__(self, table: Table) -> None:
        self._source, self._day = (table.names.index(name) for name in ("source_id", "published_day"))
        self.sources: set[str] = set()
        self.days: tuple[str, str] | None = None

    def write(self, rows: Sequence[Row]) -> None:
        """Take notice of articles."""
        self.sources |= {row[self._source] for row in rows}
        found = {row[self._day] for row in rows} - {None}
        if found:
            found |= set(self.days or ())
            self.days = (min(found), max(found))


def _copy(
    db: Database,
    table: Table,
    rows_of: Iterable[Sequence[Row]],
    writers: Sequence[Writer],
    beside: Sequence[Watcher] = (),
    *,
    told: Progress | None = None,
    of: int = 0,
) -> int:
    """Write a table with all its writers and return its rows.

    A batch is read, and shown to those `beside`, while the one before is written: Parquet's part leaves Python alone.
    """
    scrub = scrubber(table)
    run_at = table.names.index("run_id") if "run_id" in table.names else None
    count = 0
    with ThreadPoolExecutor(max_workers=1) as pool:
        writing: Future[None] | None = None
        for batch in rows_of:
            rows = scrub(batch)
            if writing is not None:
                writing.result()
            writing = pool.submit(_write, writers, rows)
            for watcher in beside:
                watcher.write(rows)
            if run_at is not None:
                name_runs(db, {row[run_at] for row in rows} - {None})
            count += len(rows)
            if told is not None:
                told(count, of)
        if writing is not None:
            writing.result()
    return count


def _write(writers: Sequence[Writer], rows: Sequence[Row]) -> None:
    for writer in writers:
        writer.write(rows)


def _writer(format_: Format, path: Path, table: Table) -> Writer:
    if format_ == "csv":
        return CsvWriter(path, table)
    if format_ == "jsonl":
        return JsonLinesWriter(path, table)
    from archive.export.parquet import ParquetWriter  # arrow takes a third of a second to load

    return ParquetWriter(path, table)


def _describe(folder: Path, facts: Facts) -> None:
    """Write what describes the tables, and last the MANIFEST, which names all other files."""
    for name, content in (
        (words.README, words.readme(facts)),
        (words.CODEBOOK, words.codebook(facts)),
        (datapackage.NAME, datapackage.datapackage(facts)),
        (croissant.NAME, croissant.croissant(facts)),
        (citing.CITATION, citing.citation(facts)),
    ):
        (folder / name).write_text(content, encoding="utf-8", newline="")
    tables_of = {file.name: file for file in facts.files.values()}
    listed = [tables_of.get(path.name) or measured(path) for path in sorted(folder.iterdir())]
    options = {
        "layout": LAYOUT,
        "archive": facts.selected.fingerprint,
        "as_of": facts.selected.as_of,
        "options": facts.selection.options(),
        "formats": facts.formats,
        "articles": facts.selected.articles,
        "reserved articles left out": facts.selected.reserved,
    }
    (folder / MANIFEST).write_text(manifest(options, listed), encoding="utf-8", newline="")
