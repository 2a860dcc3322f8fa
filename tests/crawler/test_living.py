"""A run's row is open as long as its crawl lives, whatever became of the number of its process."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from archive import runs
from archive.db import open_archive, write
from archive.times import now
from crawler.housekeeping import tidy
from crawler.living import Life, bury, lives, new_token

HOLD = """
import sys
from pathlib import Path
from crawler.living import Life
life = Life.begin(Path(sys.argv[1]), sys.argv[2])
print("held", flush=True)
sys.stdin.read()
"""


def open_run(archive: Path, token: str | None) -> None:
    """Open a row as a crawl does; its process id is that of this very process, which lives."""
    with closing(open_archive(archive)) as db:
        with write(db):
            db.execute("insert or ignore into sources (id, name, homepage, languages) values ('a', 'A', 'x', '[]')")
        runs.begin(db, "a", now(), token=token)


def outcomes(archive: Path) -> list[str | None]:
    """Return the outcomes of the runs, in order."""
    with closing(open_archive(archive)) as db:
        return [row["outcome"] for row in db.query("select outcome from runs order by id")]


def test_a_crawl_lives_until_its_process_ends_however_it_ends(tmp_path: Path) -> None:
    """The lock tells, also after kill -9 and while the process still waits to be asked how it ended."""
    archive, token = tmp_path / "archive.db", new_token()
    assert not lives(archive, token)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(archive), token], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert lives(archive, token)
        assert lives(archive, token)
    finally:
        holder.kill()
        # the end of its output: the kernel has closed what it held
        holder.communicate()
    assert not lives(archive, token)
    bury(archive, token)
    assert not list((tmp_path / "locks").iterdir())


def test_an_open_row_whose_process_id_another_process_has_is_closed(tmp_path: Path) -> None:
    """After a restart the number of a dead crawl's process is somebody else's: the row is closed all the same. So are
    rows of a copied archive and of versions that had no locks; that of a living crawl stays open."""
    archive, token = tmp_path / "archive.db", new_token()
    life = Life.begin(archive, token)
    for name in (token, new_token(), None):
        open_run(archive, name)
    tidy(archive)
    assert outcomes(archive) == [None, "killed", "killed"]
    life.end()
    tidy(archive)
    assert outcomes(archive) == ["killed", "killed", "killed"]
    assert not list((tmp_path / "locks").iterdir())


@pytest.mark.parametrize("token", ["", "../../x", "g" * 32, "a" * 31, "A" * 32])
def test_no_text_becomes_a_path(tmp_path: Path, token: str) -> None:
    """A token that this program did not make names no file."""
    assert not lives(tmp_path / "archive.db", token)
    bury(tmp_path / "archive.db", token)
