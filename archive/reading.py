"""Opens an archive for those who only read: nothing is made, and a folder closed to writing is no obstacle."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from archive.asking import Asking
from archive.db import APPLICATION_ID, LATEST, ArchiveError, connection, explain, open_archive

if TYPE_CHECKING:
    from archive.database import Database


def open_for_reading(path: Path | str) -> Database:
    """Open the archive at `path` read-only, while others may be writing to it; raise ArchiveError.

    An archive of an earlier version is brought up to date first, which needs a file that can be written to.
    """
    from archive.database import Database

    return Database(_open(Path(path)), execute_plugins=False)


def open_for_asking(path: Path | str) -> Asking:
    """Open the archive at `path` as `open_for_reading` does, with no more loaded than a search needs."""
    return Asking(_open(Path(path)))


def _open(path: Path) -> sqlite3.Connection:
    if not path.exists():
        raise ArchiveError(_absent(path))
    if path.is_dir():
        raise ArchiveError(f"{path}: this is a folder. Name the file in it: --archive {path / 'archive.db'}")
    try:
        opened = _connected(path)
        (found,) = opened.execute("pragma application_id").fetchone()
        if found != APPLICATION_ID:
            empty = not opened.execute("select count(*) from sqlite_master").fetchone()[0]
            raise ArchiveError(_absent(path) if empty else f"{path}: {_FOREIGN}")
        if not _is_current(opened):
            opened.close()
            open_archive(path, create=False).close()
            opened = _connected(path)
    except (sqlite3.Error, OSError) as error:
        raise ArchiveError(explain(error, path)) from error
    return opened


_FOREIGN = "this SQLite file belongs to another program. Name another file with --archive."


def _absent(path: Path) -> str:
    return f"{path}: there is no archive here. A crawl makes one: python scheduler.py --archive {path}"


def _is_current(opened: sqlite3.Connection) -> bool:
    """Tell whether the last migration was made; they are made in order, all that are pending in one transaction."""
    if not opened.execute("select 1 from sqlite_master where name = '_sqlite_migrations'").fetchone():
        return False
    sql = "select 1 from _sqlite_migrations where migration_set = 'dauys' and name = ?"
    return opened.execute(sql, [LATEST]).fetchone() is not None


def _connected(path: Path) -> sqlite3.Connection:
    """Connect read-only, also where the folder forbids the side files that a WAL database wants.

    Without them nobody can be writing, so the file may be read as one that does not change.
    """
    try:
        opened = connection(path, read_only=True)
        opened.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        log = path.with_name(path.name + "-wal")
        closed = "unable to open" in str(error) or "readonly" in str(error)
        if not closed or (log.exists() and log.stat().st_size):
            raise
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        opened = sqlite3.connect(uri, uri=True, isolation_level=None)
        opened.execute("select count(*) from sqlite_master").fetchone()
    return opened
