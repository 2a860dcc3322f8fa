"""Opens an archive for those who only read: nothing is made, and a folder closed to writing is no obstacle."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from archive.db import APPLICATION_ID, ArchiveError, connect, explain, open_archive


def open_for_reading(path: Path | str) -> Database:
    """Open the archive at `path` read-only, while others may be writing to it; raise ArchiveError.

    An archive of an earlier version is brought up to date first, which needs a file that can be written to.
    """
    from archive.schema import migrations

    path = Path(path)
    if not path.exists():
        raise ArchiveError(_absent(path))
    if path.is_dir():
        raise ArchiveError(f"{path}: this is a folder. Name the file in it: --archive {path / 'archive.db'}")
    try:
        db = _connect(path)
        (found,) = db.execute("pragma application_id").fetchone()
        if found != APPLICATION_ID:
            empty = not db.execute("select count(*) from sqlite_master").fetchone()[0]
            raise ArchiveError(_absent(path) if empty else f"{path}: {_FOREIGN}")
        if migrations.pending(db):
            db.close()
            open_archive(path, create=False).close()
            db = _connect(path)
    except (sqlite3.Error, OSError) as error:
        raise ArchiveError(explain(error, path)) from error
    return db


_FOREIGN = "this SQLite file belongs to another program. Name another file with --archive."


def _absent(path: Path) -> str:
    return f"{path}: there is no archive here. A crawl makes one: python scheduler.py --archive {path}"


def _connect(path: Path) -> Database:
    """Connect read-only, also where the folder forbids the side files that a WAL database wants.

    Without them nobody can be writing, so the file may be read as one that does not change.
    """
    try:
        db = connect(path, read_only=True)
        db.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        log = path.with_name(path.name + "-wal")
        closed = "unable to open" in str(error) or "readonly" in str(error)
        if not closed or (log.exists() and log.stat().st_size):
            raise
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        db = Database(sqlite3.connect(uri, uri=True, isolation_level=None))
        db.execute("select count(*) from sqlite_master").fetchone()
    return db
