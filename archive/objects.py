"""What the schema says must be in the database: tables, views, indexes and triggers that an archive has lost."""

from __future__ import annotations

from dataclasses import dataclass

from archive.database import Database

KINDS = ("table", "view", "index", "trigger")
"""In the order in which they can be made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """One object of the schema; `table` is what an index or a trigger stands on, `sql` makes it."""

    kind: str
    name: str
    table: str
    sql: str


def expected() -> dict[str, Object]:
    """Return all that a new archive has, by name, without what SQLite makes by itself."""
    from archive.schema import migrations

    db = Database(memory=True)
    migrations.apply(db)
    found = _objects(db)
    db.close()
    return found


def lost(db: Database) -> list[Object]:
    """Return what `db` ought to have and has not, in the order in which it can be made again.

    An index or trigger of a name that is there, and does something else, is lost as well.
    """
    there = _objects(db)
    return sorted(
        (
            wanted
            for wanted in expected().values()
            if wanted.name not in there
            or (wanted.kind in ("index", "trigger") and _words(wanted.sql) != _words(there[wanted.name].sql))
        ),
        key=lambda object_: (KINDS.index(object_.kind), object_.name),
    )


def _objects(db: Database) -> dict[str, Object]:
    return {
        row["name"]: Object(kind=row["type"], name=row["name"], table=row["tbl_name"], sql=row["sql"])
        for row in db.query(
            "select type, name, tbl_name, sql from sqlite_master where sql is not null and name not like 'sqlite_%'"
        )
    }


def _words(sql: str) -> list[str]:
    """Return SQL without its white space and quotes, which SQLite changes when a table is renamed."""
    return sql.replace('"', "").split()
