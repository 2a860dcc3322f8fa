"""Writes a data package: the tables in one pass each, then what describes them, then the MANIFEST."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

from sqlite_utils import Database

from archive.export import citing, croissant, datapackage, words
from archive.export.facts import LAYOUT, Facts
from archive.export.folder import whole_folder
from archive.export.manifest import MANIFEST, File, manifest, measured
from archive.export.reading import Row, batches
from archive.export.selection import Selected, Selection, selected
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
                writers: list[Writer] = [stack.enter_context(closing(_writer(f, p, table))) for f, p in paths.items()]
                if table.name == "articles":
                    names = {row[0]: row[1] for row in outlets}
                    writers.append(stack.enter_context(closing(citing.ReferenceWriter(folder, table, names))))
                told = progress if table.name == "articles" else None
                rows = _copy(db, table, writers, blobs=tuple(formats) == ("parquet",), of=chosen, progress=told)
            files |= {(table.name, format_): measured(path, rows) for format_, path in paths.items()}
        used = {row[0] for row in db.execute("select distinct source_id from articles where id in temp.selected")}
        facts = Facts(
            title=title,
            authors=tuple(authors),
            selection=selection,
            selected=chosen,
            formats=tuple(formats),
            tables=held,
            files=files,
            outlets=sorted((row[1], row[2]) for row in outlets if row[0] in used),
            days=_days(db),
        )
        _describe(folder, facts)
    return facts


def _copy(
    db: Database, table: Table, writers: Sequence[Writer], *, blobs: bool, of: Selected, progress: Progress | None
) -> int:
    """Write a table with all its writers and return its rows; a batch is read while the one before is written."""
    scrub = scrubber(table)
    count = 0
    with ThreadPoolExecutor(max_workers=1) as pool:
        writing: Future[None] | None = None
        for batch in batches(db, table, blobs=blobs):
            rows = scrub(batch)
            if writing is not None:
                writing.result()
            writing = pool.submit(_write, writers, rows)
            count += len(rows)
            if progress is not None:
                progress(count, of.articles)
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


def _days(db: Database) -> tuple[str, str] | None:
    first, last = db.execute(
        "select min(published_day), max(published_day) from articles where id in temp.selected"
    ).fetchone()
    return (first, last) if first else None


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
