"""A backup is a whole archive of one moment, or it is not there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from archive.backup import BackupError, backup
from archive.db import ArchiveError, connect, open_archive, write
from archive.reading import open_for_reading
from archive.repair import repair
from archive.verify import verify
from archive.warc import folder_of
from tests.crashes.press import HOST, Press


def test_the_copy_is_the_archive(pressed: Path, tmp_path: Path) -> None:
    db = open_for_reading(pressed)
    target = tmp_path / "new" / "copy.db"
    assert backup(db, target) == target.stat().st_size
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]
    copy = open_archive(target, create=False)
    assert list(copy.query("select * from articles")) == list(db.query("select * from articles"))
    assert copy.execute("pragma journal_mode").fetchone()[0] == "wal"
    copy.close()
    db.close()


WRITER = """
import sys
from archive.db import connect, write
db = connect(sys.argv[1])
n = 0
while True:
    with write(db):
        db.execute("update sources set name = ? where id = 'dala'", [str(n)])
        db.execute("update sources set homepage = ? where id = 'dala'", [str(n)])
    n += 1
    if n == 5:
        print("busy", flush=True)
"""


def test_it_is_one_moment_while_others_write(small: Path, tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(small)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "busy\n"
        db = open_for_reading(small)
        for n in range(3):
            backup(db, tmp_path / f"{n}.db")
            copy = connect(tmp_path / f"{n}.db", read_only=True)
            name, homepage = copy.execute("select name, homepage from sources where id = 'dala'").fetchone()
            assert name == homepage
            copy.close()
        db.close()
    finally:
        child.kill()
        child.communicate()


STORING = """
import sys
from pathlib import Path
from tests.crashes.press import Press
press, number = Press(Path(sys.argv[1])), 0
while True:
    press.put(number)
    print(number, flush=True)
    number += 1
    if number % 3 == 0:
        press.put(number - 2, edited=True)
"""


def test_a_restored_copy_is_a_whole_archive_of_what_was_stored_before(tmp_path: Path) -> None:
    """Taken while articles are stored and edited, database first and WARC files after it, and put back elsewhere: what
    was acknowledged before the backup began is there, `verify --repair` closes the files that were copied while open,
    verify is content, and the copy takes articles."""
    archive = tmp_path / "live" / "archive.db"
    storing = subprocess.Popen(
        [sys.executable, "-c", STORING, str(archive)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    try:
        assert storing.stdout is not None
        for turn in range(3):
            for _ in range(6):
                acknowledged = int(storing.stdout.readline())
            place = tmp_path / f"restored-{turn}"
            with closing(open_for_reading(archive)) as db:
                backup(db, place / "archive.db")
            shutil.copytree(folder_of(archive), folder_of(place / "archive.db"), ignore_dangling_symlinks=True)
            list(repair(place / "archive.db"))
            with closing(open_for_reading(place / "archive.db")) as db:
                assert [str(problem) for problem in verify(db, place / "archive.db")] == []
                stored = {row["url"] for row in db.query("select url from articles")}
            assert stored >= {f"{HOST}/news/{number}" for number in range(acknowledged + 1)}
            with closing(Press(place / "archive.db", prefix="later")) as press:
                assert press.put(5000).kind == "new"
    finally:
        storing.kill()
        storing.communicate()


def test_nothing_is_overwritten(pressed: Path, tmp_path: Path) -> None:
    (tmp_path / "there.db").write_text("mine")
    db = open_for_reading(pressed)
    with pytest.raises(ArchiveError, match="exists already"):
        backup(db, tmp_path / "there.db")
    assert (tmp_path / "there.db").read_text() == "mine"
    with pytest.raises(BackupError):
        backup(db, tmp_path / "there.db" / "below.db")
    db.close()


def test_a_damaged_archive_gives_no_backup(small: Path, tmp_path: Path) -> None:
    db = open_archive(small)
    with write(db):
        db.execute("drop trigger articles_fts_update")
        db.execute("update articles set title = 'Иное' where id = 1")
    with pytest.raises(BackupError, match="not whole"):
        backup(db, tmp_path / "copy.db")
    db.close()
    assert not list(tmp_path.glob("copy*"))


FULL = """
import resource, sys
from archive.backup import BackupError, backup
from archive.reading import open_for_reading
from pathlib import Path
db = open_for_reading(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
try:
    backup(db, Path(sys.argv[2]))
except BackupError as error:
    print(error)
"""


def test_a_full_disk_leaves_nothing_behind(pressed: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(pressed), str(target)], capture_output=True, text=True, check=True
    )
    assert done.stdout.count("\n") == 1
    assert str(target) in done.stdout
    assert list(tmp_path.iterdir()) == []
