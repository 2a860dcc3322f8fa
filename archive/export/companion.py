"""A process beside an export that writes the rest of the package from the same state of the archive.

Two connections see one state where nothing was written between the beginnings of their transactions, which
`pragma data_version` tells (https://www.sqlite.org/pragma.html#pragma_data_version).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from archive.database import Database
from archive.export.errors import ExportError
from archive.export.rest import Rest, write_rest
from archive.export.selection import Selection, begin_reading, selected
from archive.export.writers import Format
from archive.reading import open_for_reading

WORTH = 20_000
"""Articles from which a process of its own, whose start takes half a second, makes an export shorter."""
TRIES = 100
"""Beginnings of a transaction, a millisecond each, after which an archive is one that is written to all the time."""
_BEGIN, _GO = "begin", "go"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a companion writes, and into which folder."""

    archive: Path
    folder: Path
    selection: Selection
    formats: tuple[Format, ...]


class Companion:
    """The process as the export sees it; without one (`task` is None) there is nothing that it could take over."""

    def __init__(self, task: Task | None) -> None:
        self._process: BaseProcess | None = None
        if task is not None:
            # not forked: SQLite's connections and arrow's threads do not outlive that
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, task), name="export", daemon=True)
            self._process.start()
            theirs.close()

    def begin(self, db: Database) -> None:
        """Begin a read transaction of `db` on the state that the process sees, or end the process."""
        for _ in range(TRIES if self._process is not None else 0):
            before = _version(db)
            self._pipe.send(_BEGIN)
            self._heard()
            begin_reading(db)
            if _version(db) == before:
                self._pipe.send(_GO)
                return
            db.conn.rollback()
        self.end()
        begin_reading(db)

    def takes(self, articles: int) -> bool:
        """Tell whether the process writes the rest for so many articles; where they are too few it is ended."""
        if articles < WORTH:
            self.end()
        return self._process is not None

    def rest(self) -> Rest:
        """Wait until the rest is written. Raises what the process met."""
        rest: Rest = self._heard()
        return rest

    def end(self) -> None:
        """End the process, at once."""
        if self._process is not None:
            self._process.terminate()
            self._process.join()
            self._pipe.close()
            self._process = None

    def _heard(self) -> Any:
        try:
            heard = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise ExportError("A process of the export was ended from outside; perhaps memory ran out.") from error
        if isinstance(heard, BaseException):
            raise heard
        return heard


@contextmanager
def companion(db: Database, folder: Path, selection: Selection, formats: Sequence[Format]) -> Iterator[Companion]:
    """Start a process for a block where the archive is large and there is a second core, and end it with the block."""
    (articles,) = db.execute("select count(*) from articles").fetchone()
    alone = articles < WORTH or (os.cpu_count() or 1) < 2
    task = Task(archive=_path(db), folder=folder, selection=selection, formats=tuple(formats))
    other = Companion(None if alone else task)
    try:
        yield other
    finally:
        other.end()


def _path(db: Database) -> Path:
    return Path(next(row[2] for row in db.execute("pragma database_list") if row[1] == "main"))


def _version(db: Database) -> int:
    (version,) = db.execute("pragma data_version").fetchone()
    return int(version)


def _serve(pipe: Connection, task: Task) -> None:
    """Write the rest once the transaction is begun as told; send it, or what was met."""
    # Ctrl-C is for the export, which ends its process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    try:
        db = open_for_reading(task.archive)

        def begin(db: Database) -> None:
            while pipe.recv() == _BEGIN:
                db.conn.rollback()
                begin_reading(db)
                pipe.send(None)

        with selected(db, task.selection, begin):
            pipe.send(write_rest(db, task.folder, task.formats, text=task.selection.text))
    except Exception as error:  # whatever it is, it is the export's to tell
        pipe.send(error)


def _end_with_parent() -> None:
    """End this process where its export was killed: it writes in a folder that another one may take."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
    os._exit(1)
