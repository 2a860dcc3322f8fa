"""Makes the codebook: every table, view and column of an archive with its type and its meaning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archive.database import Database
from archive.descriptions import TABLES
from archive.schema import migrations

HEAD = """# Codebook

What every table, view and column of an archive means. The archive is one SQLite file; any program that reads
SQLite reads it. All times are UTC in ISO 8601 (`2026-03-10T07:00:00Z`) and sort as text. This page is made from the
schema: `python -m archive codebook`.
"""


def codebook() -> str:
    """Return the codebook as Markdown."""
    return HEAD + "".join(_section(name, kind, columns) for name, kind, columns in schema())


def schema() -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Yield every table and view of a new archive: its name, its kind and its columns with their types.

    Left out are the tables inside the full-text index, and the record of the migrations.
    """
    db = Database(memory=True)
    migrations.apply(db)
    rows = db.query(
        """select name, type, wr from pragma_table_list where schema = 'main' and type in ('table', 'view', 'virtual')
            and name not like 'sqlite_%' and name <> '_sqlite_migrations'"""
    )
    kinds = {row["name"]: row["type"] for row in rows}
    order = [*(name for name in TABLES if name in kinds), *sorted(kinds.keys() - TABLES.keys())]
    for name in order:
        columns = [(row["name"], row["type"].lower()) for row in db.query(f"pragma table_info([{name}])")]
        yield name, kinds[name], columns


def section(name: str, description: str, columns: Iterable[tuple[str, str, str]]) -> str:
    """Return one table of a codebook: its columns with name, type and meaning."""
    lines = [f"\n## {name}\n", f"{description}\n", "| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{column}` | {type_ or '-'} | {meaning} |" for column, type_, meaning in columns]
    return "\n".join(lines) + "\n"


def _section(name: str, kind: str, columns: list[tuple[str, str]]) -> str:
    table = TABLES[name]
    note = " Serves the program." if table.internal else ""
    described = ((column, type_, table.columns[column]) for column, type_ in columns)
    return section(name, f"{table.description} ({kind.capitalize()}.){note}", described)
