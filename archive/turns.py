"""Lets writers of one archive come one after the other, in the order in which they asked.

SQLite has no queue: who finds the write lock taken sleeps up to a tenth of a second and looks again, and while ten
crawls write some are passed over for seconds.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import struct
import time

_FIRST_LOOK_S = 0.0005
_LONGEST_LOOK_S = 0.004
"""Only the first in the queue looks whether the lock is free, so it may look often: a transaction takes some 5 ms."""
_STEPS = 16
"""Places in the queue that keep their order; who comes when all are taken waits at the foot of the stairs."""
_OPEN_FILE_LOCK = getattr(fcntl, "F_OFD_SETLKW", None)
"""Linux: a lock on a byte that belongs to the open file, not to the process, and ends with it."""
_TRY_LOCK = getattr(fcntl, "F_OFD_SETLK", 0)


def begin_in_turn(connection: sqlite3.Connection, *, patience_s: float) -> None:
    """Begin a write transaction when it is this connection's turn.

    The queue is a file beside the archive, locked while somebody waits at its head and never during a transaction, so
    that a writer that hangs holds up nobody for more than `patience_s`. Raises sqlite3.OperationalError ('database is
    locked') after that, as SQLite itself does.
    """
    fd = _queue_of(connection)
    if fd is None:
        connection.execute("begin immediate")
        return
    try:
        _climb(fd)
        _begin(connection, patience_s)
    finally:
        os.close(fd)


def _climb(fd: int) -> None:
    """Return when this open file is the first in the queue.

    The kernel wakes all who wait for one lock, and the quickest has it: on a busy machine that is no order. So each
    takes one step after the other, and lets a step go when it has the next: those behind cannot pass. Who dies on the
    stairs leaves the step free.
    """
    if _OPEN_FILE_LOCK is None:
        fcntl.flock(fd, fcntl.LOCK_EX)
        return
    if _has_all_steps(fd):  # nobody else was on the stairs, as a rule: the lower ones are for who comes now
        fcntl.fcntl(fd, _OPEN_FILE_LOCK, _BUT_THE_LAST)
        return
    for step in range(_STEPS):
        fcntl.fcntl(fd, _OPEN_FILE_LOCK, _lock(fcntl.F_WRLCK, step))
        if step:
            fcntl.fcntl(fd, _OPEN_FILE_LOCK, _lock(fcntl.F_UNLCK, step - 1))


def _has_all_steps(fd: int) -> bool:
    try:
        fcntl.fcntl(fd, _TRY_LOCK, _ALL_STEPS)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _lock(kind: int, place: int, length: int = 1) -> bytes:
    """Return the C structure of a lock on bytes of a file: kind, whence, start, length, process (0)."""
    return struct.pack("hhqqi", kind, os.SEEK_SET, place, length, 0)


_ALL_STEPS = _lock(fcntl.F_WRLCK, 0, _STEPS)
_BUT_THE_LAST = _lock(fcntl.F_UNLCK, 0, _STEPS - 1)


def _begin(connection: sqlite3.Connection, patience_s: float) -> None:
    until, look = time.monotonic() + patience_s, _FIRST_LOOK_S
    connection.execute("pragma busy_timeout = 0")
    try:
        while True:
            try:
                connection.execute("begin immediate")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                    raise
            else:
                return
            time.sleep(look)
            look = min(look * 2, _LONGEST_LOOK_S)
    finally:
        connection.execute(f"pragma busy_timeout = {int(patience_s * 1000)}")


def _queue_of(connection: sqlite3.Connection) -> int | None:
    """Open the queue of the archive that a connection has open; None where it is in memory or cannot be written."""
    (_, _, path) = connection.execute("pragma database_list").fetchone()
    if not path:
        return None
    try:
        return os.open(f"{path}-turn", os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644)
    except OSError:
        # a folder closed to writing; SQLite says it better
        return None
