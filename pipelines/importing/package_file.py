"""Reads a data package that `python -m archive export` wrote: checked by its own digests, its tables side by side."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.export.datapackage import NAME
from archive.export.facts import LAYOUT
from archive.export.tables import Kind, tables
from pipelines.importing.outcome import ImportFileError
from pipelines.importing.rows import MAX_LINE_BYTES, BadRowError, line_rows, table_rows

_READ: dict[Kind, Callable[[str], Any]] = {
    "integer": int, "number": float, "list": json.loads, "json": json.loads,
    "string": str, "datetime": str, "date": str,
}  # fmt: skip
"""How a cell of CSV becomes what JSON Lines says."""

Table = Iterator["Mapping[str, Any]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """An article of a package with what belongs to it; `number` counts the articles from 1."""

    number: int
    row: Mapping[str, Any]
    versions: list[Mapping[str, Any]] = field(default_factory=list)
    hits: list[Mapping[str, Any]] = field(default_factory=list)
    removals: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package on the disk; `files` are its tables in the most faithful of its formats that can be read."""

    folder: Path
    name: str
    articles: int
    files: Mapping[str, Path]

    @contextmanager
    def table(self, name: str) -> Iterator[Table]:
        """Open a table and give its rows. Raises ImportFileError at a row that is none."""
        with self.files[name].open("rb") as file:
            lines = iter(lambda: file.readline(MAX_LINE_BYTES), b"")
            found = table_rows(lines) if self.files[name].suffix == ".csv" else line_rows(lines)
            yield (self._row(name, number, row) for number, row in found)

    @contextmanager
    def packed(self) -> Iterator[Iterator[Packed]]:
        """Give each article with its versions, topics and removals, in memory for one article at a time."""
        with ExitStack() as stack:
            rows = {name: stack.enter_context(self.table(name)) for name in ("articles", *_JOINED)}
            joined = {name: _Following(rows[name]) for name in _JOINED}
            yield (
                Packed(
                    number=number,
                    row=row,
                    versions=joined["versions"].of(row.get("id")),
                    hits=joined["topic_hits"].of(row.get("id")),
                    removals=joined["removals"].of(row.get("id")),
                )
                for number, row in enumerate(rows["articles"], 1)
            )

    def _row(self, table: str, number: int, row: Mapping[str, Any] | BadRowError) -> Mapping[str, Any]:
        if isinstance(row, BadRowError):
            raise ImportFileError(f"{self.files[table]}: line {number}: {row}")
        if self.files[table].suffix != ".csv":
            return row
        try:
            return {name: _KINDS[table][name](cell) for name, cell in row.items() if name in _KINDS[table]}
        except ValueError as error:
            raise ImportFileError(f"{self.files[table]}: line {number}: {error}") from error


_JOINED = ("versions", "topic_hits", "removals")
_KINDS = {table.name: {column.name: _READ[column.kind] for column in table.columns} for table in tables()}


def open_package(folder: Path) -> Package:
    """Return the package in a folder, each of its files as long as it says and with the digest that it says.

    Raises ImportFileError for a folder that is none, that was changed since it was written, whose layout is of a
    later version, or that has no texts.
    """
    try:
        descriptor = json.loads((folder / NAME).read_bytes())
        own = descriptor["dauys"]
        layout, formats = int(own["layout"]), list(own["formats"])
        resources = {one["path"]: one for one in descriptor["resources"]}
    except FileNotFoundError as error:
        raise ImportFileError(f"{folder}: this folder is no data package: there is no {NAME} in it") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ImportFileError(f"{folder / NAME}: this describes no data package of an archive ({error})") from error
    if layout > LAYOUT:
        raise ImportFileError(f"{folder}: the package was written by a later version of this program; update it first")
    suffix = next((suffix for suffix in ("jsonl", "csv") if suffix in formats), None)
    if suffix is None:
        raise ImportFileError(f"{folder}: only JSON Lines and CSV can be imported; export with --format jsonl")
    files = {table.name: folder / f"{table.name}.{suffix}" for table in tables()}
    for path in files.values():
        _check(path, resources.get(path.name))
    package = Package(folder=folder, name=folder.name, articles=int(own.get("articles") or 0), files=files)
    with package.table("articles") as rows:
        first = next(rows, None)
    if first is not None and "text" not in first:
        raise ImportFileError(
            f"{folder}: the package has no texts; fetch them again with: scrapy hydrate {files['articles']}"
        )
    return package


def _check(path: Path, resource: Mapping[str, Any] | None) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ImportFileError(f"{path}: {error.strerror or error}") from error
    if resource is None or resource.get("hash") != f"sha256:{found}":
        raise ImportFileError(f"{path}: the file is not as its package says; it was changed or not copied whole")


class _Following:
    """Gives the rows of a table that belong to one article after the other; both are in the order of its number."""

    def __init__(self, rows: Table) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of(self, article_id: Any) -> list[Mapping[str, Any]]:
        found = []
        while self._next is not None and _key(self._next) <= int(article_id):
            if _key(self._next) == article_id:
                found.append(self._next)
            self._next = next(self._rows, None)
        return found


def _key(row: Mapping[str, Any]) -> int:
    return int(row["article_id"])
