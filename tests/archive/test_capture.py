"""`capture` gives back what was received, byte for byte, for every version that points at a record."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive import pages
from archive.cli import cli
from archive.db import open_archive, write
from archive.records import Page
from archive.times import now
from archive.warc import WarcWriter, folder_of
from tests.archive.spoiling import flip_a_byte, sql

EDITED = "https://steppe.example/news/3"
FIRST = b"A new constitution goes to the vote."
SECOND = b"A new constitution goes to the popular vote."


def run(archive: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["capture", *arguments, "--archive", str(archive)])


def test_the_latest_version_goes_to_stdout_and_what_it_is_to_stderr(pressed: Path) -> None:
    ran = run(pressed, EDITED)
    assert ran.exit_code == 0
    assert ran.stdout_bytes.startswith(SECOND)
    assert "version 2 of 2" in ran.stderr


@pytest.mark.parametrize("url", [EDITED, "http://www.steppe.example/news/3/", "3"])
def test_any_version_by_any_spelling_goes_to_a_file(pressed: Path, tmp_path: Path, url: str) -> None:
    out = tmp_path / "page.html"
    ran = run(pressed, url, "--version", "1", "-o", str(out))
    assert ran.exit_code == 0, ran.output
    assert out.read_bytes().startswith(FIRST)
    assert ran.stdout_bytes == b""
    assert list(tmp_path.iterdir()) == [out]


def test_bytes_of_any_kind_come_back_as_they_were(small: Path) -> None:
    body = bytes(range(256)) * 9
    db = open_archive(small)
    with WarcWriter(folder_of(small), "odd") as captures, write(db):
        page_id = pages.insert(db, Page(url=EDITED, fetched_at=now(), body=body), captures.write(
            Page(url=EDITED, fetched_at=now(), body=body)))  # fmt: skip
        db.execute("update article_versions set page_id = ? where article_id = 3 and n = 2", [page_id])
    db.close()
    assert run(small, EDITED).stdout_bytes == body


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((EDITED, "--version", "9"), 2, "has 2 versions, none has the number 9"),
        (("https://nowhere.example/",), 1, "no article has the address"),
        ((EDITED, "-o", "/nowhere/at/all.html"), 1, "cannot be written"),
    ],
)
def test_mistakes_are_one_line(pressed: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    ran = run(pressed, *arguments)
    assert ran.exit_code == code
    assert says in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_an_article_without_a_page_says_so(small: Path) -> None:
    sql("update article_versions set page_id = null where article_id = 1")(small)
    ran = run(small, "1")
    assert (ran.exit_code, ran.stdout_bytes) == (1, b"")
    assert "has no capture" in ran.stderr


def test_a_damaged_record_is_not_passed_off_as_the_page(small: Path) -> None:
    flip_a_byte(small)
    ran = [run(small, *of) for of in (("1",), ("2",), ("3", "--version", "1"), ("3",), ("4",), ("5",))]
    assert sorted(one.exit_code for one in ran) == [0, 0, 0, 0, 0, 1]
    assert all((one.exit_code == 0) == bool(one.stdout_bytes) for one in ran)


@pytest.mark.parametrize(("body", "shown"), [(b"<p>\xd0\xb4\xd0\xb0</p>", True), (b"\x1b]0;owned\x07", False)])
def test_a_terminal_is_not_driven_by_a_page(small: Path, body: bytes, shown: bool) -> None:
    """Text is shown; what holds control characters is not."""
    db = open_archive(small)
    page = Page(url=EDITED, fetched_at=now(), body=body)
    with WarcWriter(folder_of(small), "odd") as captures, write(db):
        page_id = pages.insert(db, page, captures.write(page))
        db.execute("update article_versions set page_id = ? where article_id = 3 and n = 2", [page_id])
    db.close()
    master, slave = pty.openpty()
    ran = subprocess.run(
        [sys.executable, "-m", "archive", "capture", EDITED, "--archive", str(small)],
        stdout=slave,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(slave)
    assert (ran.returncode == 0) is shown
    if shown:
        assert body in os.read(master, 1000)
    else:
        assert b"name a file with -o" in ran.stderr
    os.close(master)
