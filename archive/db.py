"""Opens an archive and writes to it: every write goes through `write`, every schema change through the migrations."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from archive.errors import DauysError
from archive.folders import make_folder
from archive.search.functions import register
from archive.turns import begin_in_turn

if TYPE_CHECKING:
    from archive.database import Database

BUSY_TIMEOUT_S = 60
"""How long a writer waits for another one. Ten crawls and a scheduler share one archive."""
CACHE_KIB = 16 * 1024
"""Pages that a connection keeps, filled as they are read. The two megabytes of SQLite's default hold a tenth of what
a month's index of stories changes from one article to the next."""
CHECKPOINT_PAGES = 4_000
"""Pages of 4 KiB after which the log is written back: a page that each of many commits changes is written back once.
The log stays at some 16 MB."""
CHECKPOINT_PATIENCE_S = 0.5
"""How long the emptying of the log may wait for readers, and writers for it."""
WAL_KEEP_BYTES = 64 * 1024**2
"""What the write-ahead log keeps of its size after a long reader or a large transaction has blown it up."""
APPLICATION_ID = 0x44415559
"""'DAUY' in the header of the file: tells an archive from any other SQLite file."""

LATEST = "m016_indexes_of_what_is_asked"
"""The last migration: a reader looks for this one alone, and need not load all that they are made of."""

_remembered: WeakKeyDictionary[Database, dict[str, Any]] = WeakKeyDictionary()


class ArchiveError(DauysError):
    """Raised when a file cannot be used as an archive: missing, not SQLite, read-only, full or damaged."""


def open_archive(path: Path | str, *, create: bool = True) -> Database:
    """Open the archive at `path`, bring its schema up to date and return it.

    The file is made with WAL and `synchronous=FULL` (a power cut then loses no acknowledged article).
    Raises ArchiveError where the file is absent and `create` is false, is no archive or cannot be written.
    """
    from archive.schema import migrations

    path = Path(path)
    fresh = not path.exists()
    if fresh and not create:
        raise ArchiveError(f"{path}: there is no archive here. A crawl makes one: python scheduler.py --archive {path}")
    with plain_errors(path):
        make_folder(path.parent)
        db = connect(path)
        _check_identity(db, path)
        if migrations.pending(db):
            _migrate(db)
    return db


def connect(path: Path | str, *, read_only: bool = False) -> Database:
    """Connect to the archive at `path` as it is, without touching its schema."""
    from archive.database import Database

    # looking for the plugins of other packages takes 25 ms
    return Database(connection(path, read_only=read_only), execute_plugins=False)


def connection(path: Path | str, *, read_only: bool = False) -> sqlite3.Connection:
    """Return a connection to the archive at `path`, with all settings that one needs.

    Connections are in autocommit mode, so that a transaction begins only where `write` begins one.
    """
    uri = f"{Path(path).absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    opened = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    opened.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_S * 1000}")
    opened.execute("pragma foreign_keys = on")
    opened.execute("pragma synchronous = full")
    opened.execute(f"pragma journal_size_limit = {WAL_KEEP_BYTES}")
    # what is deleted is overwritten, so that nothing of a forgotten text stays in unused space; a tenth more is
    # written to the disk for it, and no more time is taken
    opened.execute("pragma secure_delete = on")
    opened.execute(f"pragma cache_size = {-CACHE_KIB}")
    opened.execute(f"pragma wal_autocheckpoint = {CHECKPOINT_PAGES}")
    register(opened)
    return opened


@contextmanager
def write(db: Database) -> Iterator[Database]:
    """Run a block as one write transaction: begin immediate, commit, or roll back on any exception.

    A deferred transaction that reads first fails at once when another process has written since
    (SQLITE_BUSY_SNAPSHOT ignores the busy time-out), so the write lock is taken at the start.
    """
    begin_in_turn(db.conn, patience_s=BUSY_TIMEOUT_S)
    _remembered[db] = {}
    try:
        yield db
        # a commit fails as well, on a full disk, and leaves the transaction open
        db.execute("commit")
    except BaseException:
        if db.conn.in_transaction:
            db.execute("rollback")
        raise
    finally:
        _remembered.pop(db, None)


def rows(db: Database, sql: str, parameters: Sequence[object]) -> Iterator[dict[str, Any]]:
    """Yield what a select finds, as `Database.query` does, without the savepoint and the release that it sets around:
    for what is asked for every page."""
    found = db.execute(sql, parameters)
    names = [column[0] for column in found.description]
    return (dict(zip(names, row, strict=True)) for row in found)


def remembered(db: Database) -> dict[str, Any]:
    """Return what was read in the write transaction that runs: nobody else writes until it ends, and it is forgotten.

    Outside of one nothing is remembered. Whoever writes what is remembered here changes or removes it here too.
    """
    found = _remembered.get(db)
    return {} if found is None else found


def empty_log(path: Path | str) -> bool:
    """Move the write-ahead log of the archive at `path` into the database and empty it; return whether that was done.

    SQLite moves it by itself, but never empties it while a reader follows the other. Writers wait meanwhile, so it is
    given up after CHECKPOINT_PATIENCE_S; what could be moved is, and nothing is lost.
    """
    db = connect(path)
    try:
        db.execute(f"pragma busy_timeout = {int(CHECKPOINT_PATIENCE_S * 1000)}")
        (busy, _, _) = db.execute("pragma wal_checkpoint(truncate)").fetchone()
        return not busy
    finally:
        db.close()


@contextmanager
def plain_errors(path: Path | str) -> Iterator[None]:
    """Raise ArchiveError, in plain words, for what SQLite or the file system refuses inside the block."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise ArchiveError(explain(error, path)) from error


def explain(error: sqlite3.Error | OSError, path: Path | str) -> str:
    """Return one plain line that says what is wrong with the archive at `path` and what to do."""
    text = str(error)
    if "not a database" in text:
        return f"{path}: this file is not a SQLite database. Name another file with --archive."
    if "malformed" in text or "corrupt" in text:
        return f"{path}: the database is damaged ({text}). See what is left: python -m archive verify --archive {path}"
    if "disk is full" in text or "No space left" in text:
        return f"{path}: the disk is full. Nothing that was stored is lost; free some space and start again."
    if "disk I/O" in text:
        return f"{path}: the disk refused to read or write ({text}): it may be full, over a quota or gone."
    if "readonly" in text or "read-only" in text.lower() or isinstance(error, PermissionError):
        return f"{path}: the folder or the file cannot be written to ({text})."
    return f"{path}: {text}"


def _check_identity(db: Database, path: Path) -> None:
    (found,) = db.execute("pragma application_id").fetchone()
    if found == APPLICATION_ID:
        return
    if found or db.execute("select count(*) from sqlite_master").fetchone()[0]:
        raise ArchiveError(f"{path}: this SQLite file belongs to another program. Name another file with --archive.")


def _migrate(db: Database) -> None:
    """Apply what is pending; two processes that open a fresh archive at once take turns."""
    from archive.schema import migrations

    # The journal mode cannot change inside a transaction and fails while another connection writes,
    # so it is set once, when the archive is made.
    if db.execute("pragma journal_mode").fetchone()[0] != "wal":
        db.execute("pragma journal_mode = wal")
    with write(db):
        db.execute(f"pragma application_id = {APPLICATION_ID}")
        migrations.apply(db)
