"""Files that cannot be used end the scheduler with one line; a disk that fills up ends a round and loses nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.river import Ended, River
from tests.newsroom import Newsroom

START = "2026-03-10T05:00:00Z"
PARAGRAPH = (
    "Референдум по новой Конституции Казахстана: житель номер {0} прочитал проект и задал комиссии вопрос {0}. "
    "Ответ обещали дать до 15 марта, бюллетени уже отпечатаны, участок откроют в школе номер {0}."
)


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Iterator[River]:
    """Return a river over one sound outlet, whose archive was filled by one round."""
    with Newsroom(outlets=[], clock=START) as newsroom:
        newsroom.add_outlet("sound", feed_depth=100)
        for number in range(3):
            newsroom.add_article("sound", title=f"Референдум: вопрос {number}", text=PARAGRAPH.format(number))
        river = River(folder=tmp_path_factory.mktemp("files"), newsroom=newsroom)
        river.once()
        yield river


def tried(river: River, **files: Path | str) -> Ended:
    """Run a round with other files than the river's own."""
    options = {"archive": river.archive, "sources": river.sources} | files
    command = [sys.executable, "scheduler.py", "--once", "--allow-loopback"]
    for name, path in options.items():
        command += [f"--{name}", str(path)]
    return river.run(command)


def refused(ended: Ended) -> str:
    """Return the one line that a program ended with."""
    assert ended.code in (1, 2), ended.said
    (line,) = ended.err.splitlines()
    assert line.startswith("Error: ")
    return line


@pytest.mark.parametrize("option", ["sources", "topics"])
@pytest.mark.parametrize("state", ["missing", "empty", "a folder", "no TOML"])
def test_a_config_that_cannot_be_used(river: River, tmp_path: Path, option: str, state: str) -> None:
    """A missing, empty or broken sources or topics file is one line that names it; no archive is made."""
    path = tmp_path / f"{option}.toml"
    if state == "empty":
        path.touch()
    elif state == "a folder":
        path.mkdir()
    elif state == "no TOML":
        path.write_text("[[source\nid = ", encoding="utf-8")
    line = refused(tried(river, archive=tmp_path / "new.db", **{option: path}))
    assert str(path) in line
    assert not (tmp_path / "new.db").exists()


def test_an_archive_that_is_none(river: River, tmp_path: Path) -> None:
    """A file that is not SQLite, and one of another program, are refused in one line and stay as they were."""
    text = tmp_path / "notes.txt"
    text.write_text("Not a database, and longer than the header of one: " * 40, encoding="utf-8")
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("create table recipes (name text)")
    db.close()
    folder = tmp_path / "folder.db"
    folder.mkdir()
    before = text.read_bytes(), other.read_bytes()
    assert "not a SQLite database" in refused(tried(river, archive=text))
    assert "another program" in refused(tried(river, archive=other))
    assert str(folder) in refused(tried(river, archive=folder))
    assert (text.read_bytes(), other.read_bytes()) == before


def test_an_archive_where_nothing_can_be_written(river: River) -> None:
    """A folder that takes no files is one line."""
    if not Path("/proc/self").exists():
        pytest.skip("there is no /proc, the folder where not even root can write")
    line = refused(tried(river, archive="/proc/dauys/archive.db"))
    assert "/proc/dauys" in line


@pytest.fixture(scope="module")
def namespace() -> list[str]:
    """Return the command that gives a program mounts of its own; skip where the system does not let us."""
    for command in (["unshare", "-m"], ["unshare", "-rm"]):
        if shutil.which("unshare"):
            attempt = [*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
            if subprocess.run(attempt, capture_output=True, check=False).returncode == 0:
                return command
    pytest.skip("mounting a small file system is not permitted here")


def test_a_read_only_file_system(river: River, namespace: list[str], tmp_path: Path) -> None:
    """An archive on a file system that is mounted read-only: one line, nothing changed."""
    folder = tmp_path / "ro"
    folder.mkdir()
    shutil.copy(river.archive, folder / "archive.db")
    before = (folder / "archive.db").read_bytes()
    script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    command = [sys.executable, "scheduler.py", "--archive", str(folder / "archive.db"), "--once", "--allow-loopback"]
    ended = river.run([*namespace, "sh", "-c", script, "sh", str(folder), *command, "--sources", str(river.sources)])
    assert str(folder) in refused(ended)
    assert (folder / "archive.db").read_bytes() == before


FULL = """
set -e
mount -t tmpfs -o size="$1" tmpfs "$2"
cp "$3" "$2/archive.db"
cp -r "$4" "$2/warc"
set +e
shift 4
"$@"
code=$?
cp -r "$0/." "$0.after"
exit $code
"""


def test_a_full_disk(river: River, namespace: list[str], tmp_path: Path) -> None:
    """A disk that fills up in the middle of a round: the reason is told, what was stored before and on the way stands,
    the archive passes `verify`, and the next round, with room again, brings the rest once."""
    newsroom = river.newsroom
    before = set(river.articles())
    for number in range(3, 40):
        text = "\n".join(f"{PARAGRAPH.format(number)} Строка {line}: {os.urandom(600).hex()}" for line in range(8))
        newsroom.add_article("sound", title=f"Референдум: длинный ответ на вопрос {number}", text=text)
    newsroom.advance(hours=25)
    small = tmp_path / "small"
    small.mkdir()
    with sqlite3.connect(river.archive) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    db.close()
    size = river.archive.stat().st_size + 500_000
    command = [sys.executable, "scheduler.py", "--archive", str(small / "archive.db"), "--once", "--allow-loopback"]
    ended = river.run(
        [*namespace, "sh", "-c", FULL, str(small), str(size), str(small), str(river.archive),
         str(river.archive.parent / "warc"), *command, "--sources", str(river.sources)]
    )  # fmt: skip
    assert "Traceback" not in ended.said, ended.said
    assert "full" in ended.said, ended.said
    after = River(folder=tmp_path / "small.after", newsroom=newsroom)
    assert before <= set(after.articles()), "what was stored before is there"
    assert len(after.articles()) < 40, "the disk was large enough for everything"
    verify = [sys.executable, "-m", "archive", "verify", "--archive", str(after.archive)]
    checked = after.run(verify)
    assert checked.code == 0, checked.said
    stored = {url: row["id"] for url, row in after.articles().items()}
    newsroom.advance(hours=1)
    after.once()
    assert len(after.articles()) == 40
    assert stored.items() <= {url: row["id"] for url, row in after.articles().items()}.items()
    assert {run["outcome"] for run in after.rows("select outcome from runs")} <= {"ok", "failed", "killed", "partial"}
    assert not after.rows("select 1 from runs where ended_at is null")
    checked = after.run(verify)
    assert checked.code == 0, checked.said
