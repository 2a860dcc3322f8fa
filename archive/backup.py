"""Copies an archive while crawls go on writing to it: one consistent moment, checked before it gets its name."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from archive.database import Database
from archive.db import ArchiveError, connect, explain
from archive.errors import DauysError
from archive.folders import make_folder, sync_folder
from archive.verify import index_problems

PART_SUFFIX = ".part"


class BackupError(DauysError):
    """Raised when the copy cannot be written, or is not whole."""


def backup(db: Database, target: Path) -> int:
    """Copy the archive open as `db` to `target`, check the copy, and return its size in bytes.

    The copy is whole or not there: it is written beside its place and renamed at the end. Raises ArchiveError
    where `target` exists, BackupError where it cannot be written or the copy turns out damaged.
    """
    if target.exists():
        raise ArchiveError(f"{target}: this file exists already. Name another one, or remove it first.")
    part = target.with_name(target.name + PART_SUFFIX)
    try:
        make_folder(target.parent)
        _remove(part)
    except OSError as error:
        raise BackupError(f"{target}: there can be no file here ({error.strerror or error})") from error
    try:
        copy = connect(part)
        try:
            # In one step: a copy in several begins again whenever another process has written between two.
            db.conn.backup(copy.conn, pages=-1)
            _check(copy, part)
        finally:
            copy.close()
        with part.open("rb") as stream:
            os.fsync(stream.fileno())
        part.rename(target)
        sync_folder(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(explain(error, target)) from error
    finally:
        _remove(part)
    return target.stat().st_size


def _check(copy: Database, part: Path) -> None:
    (line,) = copy.execute("pragma integrity_check(1)").fetchone()
    wrong = "" if line == "ok" else line
    wrong = wrong or next((problem.what for problem in index_problems(copy, part)), "")
    if wrong:
        raise BackupError(f"the copy is not whole ({wrong}): see python -m archive verify")


def _remove(part: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        part.with_name(part.name + suffix).unlink(missing_ok=True)
