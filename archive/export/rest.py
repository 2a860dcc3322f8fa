"""Writes what a package holds beside its articles: references to them, and the tables that belong to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from archive.database import Database
from archive.export import citing
from archive.export.copying import Files, Watcher, copy, show
from archive.export.manifest import File, measured
from archive.export.reading import Row
from archive.export.selection import State, name_runs, state_of
from archive.export.tables import Table, tables
from archive.export.writers import Format

_SEEN = frozenset({*citing.FIELDS, "run_id"})
"""Columns of articles that `Passing` looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is written beside the articles. `references` are the files with a reference to each of them."""

    tables: Files
    references: tuple[File, ...]
    outlets: tuple[tuple[str, str], ...]
    """Name and home page of each outlet."""
    days: tuple[str, str] | None
    """First and last day of publication."""
    state: State


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


class Crawls:
    """Notes by which crawls the rows of a table were fetched, for the tables of crawls and outlets."""

    def __init__(self, db: Database, table: Table) -> None:
        self._db = db
        self._run = table.names.index("run_id")

    def write(self, rows: Sequence[Row]) -> None:
        """Take notice of rows."""
        name_runs(self._db, {row[self._run] for row in rows} - {None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """What must see all articles pass by before the rest can be written."""

    extent: Extent
    watchers: tuple[Watcher, ...]


@contextmanager
def passing(db: Database, folder: Path, table: Table) -> Iterator[Passing]:
    """Write references to the articles, rows of `table`, that the block shows to the watchers."""
    outlets = dict(db.execute("select id, name from sources").fetchall())
    with closing(citing.ReferenceWriter(folder, table, outlets)) as references:
        extent = Extent(table)
        yield Passing(extent=extent, watchers=(references, extent, Crawls(db, table)))


def write_rest(db: Database, folder: Path, formats: Sequence[Format], *, text: bool) -> Rest:
    """Read the selected articles, without their texts, and write all that belongs to them."""
    articles = tables(text=text)[0]
    narrow = replace(articles, columns=tuple(column for column in articles.columns if column.name in _SEEN))
    with passing(db, folder, narrow) as seen:
        show(db, narrow, seen.watchers)
    return rest_of(db, folder, formats, seen.extent, text=text)


def rest_of(db: Database, folder: Path, formats: Sequence[Format], extent: Extent, *, text: bool) -> Rest:
    """Write the tables beside the articles, once these have passed by."""
    files: Files = {}
    for table in tables(text=text)[1:]:
        watchers = [Crawls(db, table)] if "run_id" in table.names else []
        files |= copy(db, table, folder, formats, watchers)
    outlets = db.execute("select id, name, homepage from sources").fetchall()
    return Rest(
        tables=files,
        references=tuple(measured(folder / name) for name in (citing.BIBTEX, citing.CSL)),
        outlets=tuple(sorted((row[1], row[2]) for row in outlets if row[0] in extent.sources)),
        days=extent.days,
        state=state_of(db),
    )
