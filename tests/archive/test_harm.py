"""What machines do to an archive is found by `verify`, told with what to type, and mended where that can be."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.cli import cli
from archive.db import connect, write
from archive.warc import folder_of
from tests.archive.spoiling import break_a_table, leave_open_and_torn, sql


def truncate_the_database(archive: Path) -> None:
    """Half of the file is gone, as after a copy that stopped or a disk that failed."""
    settle(archive)
    os.truncate(archive, archive.stat().st_size // 2 // 4096 * 4096)


def zero_a_page(archive: Path) -> None:
    """A page in the middle reads as nothing."""
    settle(archive)
    with archive.open("r+b") as stream:
        stream.seek(archive.stat().st_size // 2 // 4096 * 4096)
        stream.write(bytes(4096))


def swap_two_pages(archive: Path) -> None:
    """One page has another one's content, as when a disk wrote to the wrong place."""
    settle(archive)
    with closing(sqlite3.connect(archive)) as db:
        first, second = (
            db.execute("select rootpage from sqlite_master where name = ?", [name]).fetchone()[0]
            for name in ("articles", "links")
        )
    content = bytearray(archive.read_bytes())
    one, two = (slice((page - 1) * 4096, page * 4096) for page in (first, second))
    content[one], content[two] = content[two], content[one]
    archive.write_bytes(content)


def lose_the_head(archive: Path) -> None:
    """The first page is gone: the file no longer says what it is."""
    settle(archive)
    with archive.open("r+b") as stream:
        stream.write(bytes(4096))


def lose_the_log(archive: Path) -> None:
    """Copied while a crawl wrote to it, without the write-ahead log that half of a transaction was in: the database
    of an earlier moment, with WARC files and an index of a later one."""
    with closing(connect(archive)) as db:
        db.execute("pragma wal_autocheckpoint = 0")
        with write(db):
            db.execute("update articles set title = 'Позже' where id = 1")
        # what a copying tool takes while the log is being moved: pages of both moments
        page = archive.read_bytes()
        log = archive.with_name(archive.name + "-wal").read_bytes()
    frames = range(32, len(log), 4096 + 24)
    content = bytearray(page)
    for frame in list(frames)[::2]:
        number = int.from_bytes(log[frame : frame + 4], "big")
        content[(number - 1) * 4096 : number * 4096] = log[frame + 24 : frame + 24 + 4096]
    for suffix in ("-wal", "-shm"):
        archive.with_name(archive.name + suffix).unlink(missing_ok=True)
    archive.write_bytes(content)


def settle(archive: Path) -> None:
    """Move the log into the database, so that the harm is to all there is."""
    with closing(connect(archive)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    for suffix in ("-wal", "-shm"):
        archive.with_name(archive.name + suffix).unlink(missing_ok=True)


@dataclass(frozen=True, kw_only=True)
class Said:
    """How the command ended. Click's own result holds its frames, and with them the connection to the archive."""

    exit_code: int
    output: str


def verified(archive: Path, *options: str) -> Said:
    """Run the command as a person does; what no line tells is raised."""
    result = CliRunner().invoke(cli, ["verify", "--archive", str(archive), *options])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(exit_code=result.exit_code, output=result.output)


def told(result: Said) -> None:
    """Demand exit code 1, and one line a problem that ends with what to do."""
    assert result.exit_code == 1, result.output
    lines = [line for line in result.output.splitlines() if not line.startswith("Mended: ")]
    assert lines
    for line in lines:
        assert re.search(r"python -m |python scheduler.py |Copy |Mend those|Name another file", line), line


@pytest.mark.parametrize("spoil", [truncate_the_database, zero_a_page, swap_two_pages, break_a_table, lose_the_log])
def test_a_damaged_database_is_told_with_the_way_back(
    small: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    """Nothing is made up where a table is damaged; with the last backup back in its place all is whole again."""
    backed_up = CliRunner().invoke(cli, ["backup", str(tmp_path / "copy.db"), "--archive", str(small)])
    assert backed_up.exit_code == 0, backed_up.output
    spoil(small)
    told(verified(small))
    mended = verified(small, "--repair")
    if mended.exit_code:
        told(mended)
        for suffix in ("", "-wal", "-shm"):
            small.with_name(small.name + suffix).unlink(missing_ok=True)
        shutil.copy(tmp_path / "copy.db", small)
    assert verified(small).exit_code == 0


def test_a_file_without_its_head_is_told_to_be_none(small: Path) -> None:
    """The remedy names the file that the person may have meant."""
    lose_the_head(small)
    told(verified(small))
    assert "not a SQLite database" in verified(small).output


@pytest.mark.parametrize("spoil", [leave_open_and_torn, sql("drop table articles_fts"), sql("drop index links_due")])
def test_what_can_be_mended_is_mended_by_what_the_line_says(small: Path, spoil: Callable[[Path], None]) -> None:
    """A torn WARC tail and a removed index: found, told, mended by the command, and nothing is left to tell."""
    spoil(small)
    told(verified(small))
    mended = verified(small, "--repair")
    assert mended.exit_code == 0, mended.output
    assert "Mended: " in mended.output


def test_a_copy_of_database_log_and_captures_together_is_whole(small: Path, tmp_path: Path) -> None:
    """Copied while open, but with the log beside it: what was committed is there."""
    with closing(connect(small)) as db:
        db.execute("pragma wal_autocheckpoint = 0")
        with write(db):
            db.execute("update sources set name = 'Позже' where id = 'dala'")
        copy = tmp_path / "copied" / small.name
        copy.parent.mkdir()
        for suffix in ("", "-wal"):
            shutil.copy(small.with_name(small.name + suffix), copy.with_name(copy.name + suffix))
        shutil.copytree(folder_of(small), folder_of(copy))
    assert verified(copy).exit_code == 0
    with closing(connect(copy, read_only=True)) as db:
        assert db.execute("select name from sources where id = 'dala'").fetchone()[0] == "Позже"
