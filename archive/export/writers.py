"""Writes the rows of a table as CSV or JSON Lines, the same bytes for the same rows."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from archive.clean import without_mail
from archive.export.reading import Row
from archive.export.tables import Table
from archive.spreadsheet import safe_cell

Format = Literal["csv", "jsonl", "parquet"]
FORMATS: tuple[Format, ...] = ("csv", "jsonl", "parquet")

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": ")).encode


class Writer(Protocol):
    """Writes one table into one file."""

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""

    def close(self) -> None:
        """End the file."""


class CsvWriter:
    """CSV for spreadsheets, R and pandas: UTF-8, one header line, formulas made harmless."""

    def __init__(self, path: Path, table: Table) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(table.names)

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        self._writer.writerows([safe_cell(value) for value in row] for row in rows)

    def close(self) -> None:
        """End the file."""
        self._file.close()


class JsonLinesWriter:
    """JSON Lines: one object a line with every column, lists and objects as such. Nothing is lost in it."""

    def __init__(self, path: Path, table: Table) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._names = table.names
        self._parsed = [
            name for column, name in zip(table.columns, table.names, strict=True) if column.kind in ("list", "json")
        ]

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        self._file.writelines(self._lines(rows))

    def _lines(self, rows: Iterable[Row]) -> Iterable[str]:
        for row in rows:
            values = dict(zip(self._names, row, strict=True))
            for name in self._parsed:
                values[name] = json.loads(values[name] or "null")
            yield _ENCODE(values) + "\n"

    def close(self) -> None:
        """End the file."""
        self._file.close()


def scrubber(table: Table) -> Callable[[Sequence[Row]], Sequence[Row]]:
    """Return a function that takes addresses of mail out of the authors of rows.

    Articles are stored without them; those that were stored by an earlier version, or put there by hand, may have some.
    """
    if "authors" not in table.names:
        return lambda rows: rows
    at = table.names.index("authors")

    def scrub(rows: Sequence[Row]) -> Sequence[Row]:
        if not any("@" in row[at] or "(" in row[at] or "[" in row[at][1:] for row in rows):
            return rows
        return [(*row[:at], _scrubbed(row[at]), *row[at + 1 :]) for row in rows]

    return scrub


def _scrubbed(authors: str) -> str:
    names: list[Any] = json.loads(authors)
    kept = [" ".join(without_mail(str(name)).split()).strip(" ,;()[]<>") for name in names]
    return json.dumps([name for name in kept if name], ensure_ascii=False)
