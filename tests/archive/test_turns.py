"""Writers come one after the other; one that dies or hangs holds up nobody for ever."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from archive.db import connect, write
from archive.turns import begin_in_turn
from tests.end_to_end.river import wait_until

WAIT = """
import sys
from archive.db import connect
from archive.turns import begin_in_turn
db = connect(sys.argv[1])
print("waits", flush=True)
begin_in_turn(db.conn, patience_s=600)
print("begun", flush=True)
sys.stdin.read()
"""


def waiter(archive: Path) -> subprocess.Popen[str]:
    """Start a process that waits for its turn, and keeps it when it has come."""
    process = subprocess.Popen(
        [sys.executable, "-c", WAIT, str(archive)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waits\n"
    return process


def head_is_taken(archive: Path) -> bool:
    """Return whether somebody waits at the head of the queue: only there does one ask SQLite again and again."""
    queue = archive.with_name(archive.name + "-turn")
    inode = f":{queue.stat().st_ino} " if queue.exists() else "?"
    locks = Path("/proc/locks").read_text().splitlines()
    return any(inode in line and line.split()[-2:] == ["15", "15"] and "->" not in line for line in locks)


needs_linux = pytest.mark.skipif(not Path("/proc/locks").exists(), reason="the queue is seen in /proc/locks, on Linux")


@needs_linux
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_who_dies_in_the_queue_or_at_work_leaves_the_turn_to_the_next(small: Path, end: signal.Signals) -> None:
    """kill -9 at the head of the queue frees the head; kill -9 in a transaction frees the lock."""
    with closing(connect(small)) as db:
        begin_in_turn(db.conn, patience_s=60)
        first = waiter(small)
        wait_until(lambda: head_is_taken(small), "the first at the head")
        second = waiter(small)
        first.send_signal(end)
        first.communicate()
        wait_until(lambda: head_is_taken(small), "the second at the head")
        db.execute("commit")
    assert second.stdout is not None
    assert second.stdout.readline() == "begun\n"
    third = waiter(small)
    second.kill()
    second.communicate()
    assert third.stdout is not None
    assert third.stdout.readline() == "begun\n"
    third.kill()
    third.communicate()


def test_patience_ends_in_the_words_of_sqlite(small: Path) -> None:
    """A writer that hangs in its transaction is waited for as long as was said; afterwards all goes on."""
    with closing(connect(small)) as hanging, closing(connect(small)) as db:
        hanging.execute("begin immediate")
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            begin_in_turn(db.conn, patience_s=0.05)
        hanging.execute("rollback")
        with write(db):
            db.execute("update sources set name = 'x'")


def test_threads_of_one_process_take_turns(small: Path) -> None:
    """Connections of one process wait for each other as those of several do, and none of their writes is lost."""

    def add() -> None:
        with closing(connect(small)) as db:
            for _ in range(25):
                with write(db):
                    (n,) = db.execute("select cast(homepage as integer) from sources where id = 'dala'").fetchone()
                    db.execute("update sources set homepage = ? where id = 'dala'", [str(n + 1)])

    with closing(connect(small)) as db:
        db.execute("update sources set homepage = '0' where id = 'dala'")
        threads = [threading.Thread(target=add) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert db.execute("select homepage from sources where id = 'dala'").fetchone()[0] == "100"


def test_a_database_in_memory_needs_no_queue() -> None:
    """Nobody else can write to it."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    begin_in_turn(connection, patience_s=1)
    assert connection.in_transaction
    connection.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are seen in /proc, on Linux")
def test_the_queue_is_left_open_by_nobody(small: Path) -> None:
    """A turn costs no file descriptor that stays."""

    def count() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    with closing(connect(small)) as db:
        before = count()
        for _ in range(20):
            with write(db):
                db.execute("update sources set name = 'x'")
        assert count() == before
