"""Two processes write one package, of one state of the archive, and end together."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from archive.db import open_archive
from archive.export import companion as module
from archive.export.companion import companion
from archive.export.errors import ExportError
from archive.export.facts import Facts
from archive.export.package import export
from archive.export.selection import Selection, selected
from archive.export.tables import tables
from archive.export.writers import FORMATS
from archive.reading import open_for_reading
from tests.archive.export.conftest import lines


@pytest.fixture(autouse=True)
def _two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WORTH", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture
def mine(shelf: Path, tmp_path: Path) -> Path:
    """Return an archive that a test may change."""
    return Path(shutil.copy(shelf, tmp_path / "archive.db"))


def test_two_processes_write_the_bytes_of_one(shelf: Path, whole: tuple[Path, Facts], tmp_path: Path) -> None:
    folder, told = tmp_path / "package", list[tuple[int, int | None]]()
    db = open_for_reading(shelf)
    facts = export(
        db, folder, Selection(include_reserved=True), formats=FORMATS, progress=lambda done, of: told.append((done, of))
    )
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in whole[0].iterdir()
    }
    assert facts == whole[1]
    assert told == [(12, 12)]
    assert multiprocessing.active_children() == []


def test_the_second_process_writes_the_rest(shelf: Path, tmp_path: Path) -> None:
    """Where it takes part, the first one has written nothing but the articles."""
    db = open_for_reading(shelf)
    with companion(db, tmp_path, Selection(), ["jsonl"]) as other, selected(db, Selection(), other.begin) as chosen:
        assert other.takes(chosen.articles)
        rest = other.rest()
    names = {table.name for table in tables()} - {"articles"}
    assert {name for name, _ in rest.tables} == names
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.jsonl" for name in names} | {
        file.name for file in rest.references
    }


def test_what_is_written_meanwhile_is_in_no_table_of_either(mine: Path, tmp_path: Path) -> None:
    """The second process reads after the change, the state before it."""
    db = open_for_reading(mine)
    with companion(db, tmp_path, Selection(), ["jsonl"]) as other:

        def begin_and_change(db: Any) -> None:
            other.begin(db)
            writer = open_archive(mine)
            writer.execute("delete from topic_hits")
            writer.close()

        with selected(db, Selection(), begin_and_change):
            hits = db.execute("select count(*) from topic_hits").fetchone()[0]
            rest = other.rest()
    assert rest.tables["topic_hits", "jsonl"].rows == hits > 0


def test_both_begin_anew_when_something_is_written_between_their_beginnings(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db, writer = open_for_reading(mine), open_archive(mine)
    begun = 0

    def disturbed(db: Any) -> None:
        nonlocal begun
        begun += 1
        if begun <= 3:
            writer.execute("update topic_hits set score = score + 1")
        begin_reading(db)

    begin_reading = module.begin_reading
    monkeypatch.setattr(module, "begin_reading", disturbed)
    with (
        companion(db, tmp_path, Selection(), ["jsonl"]) as other,
        selected(db, Selection(), other.begin) as chosen,
    ):
        seen = db.execute("select sum(score) from topic_hits").fetchone()[0]
        assert other.takes(chosen.articles)
        other.rest()
    assert begun == 4
    assert sum(row["score"] for row in lines(tmp_path, "topic_hits")) == seen


def test_an_archive_that_never_rests_is_exported_by_one_process(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db, writer = open_for_reading(mine), open_archive(mine)
    begin_reading = module.begin_reading

    def disturbed(db: Any) -> None:
        writer.execute("update topic_hits set score = score + 1")
        begin_reading(db)

    monkeypatch.setattr(module, "begin_reading", disturbed)
    monkeypatch.setattr(module, "TRIES", 3)
    export(db, tmp_path / "package", Selection(), formats=("jsonl",))
    assert multiprocessing.active_children() == []
    assert len(lines(tmp_path / "package", "articles")) == 11
    assert len(lines(tmp_path / "package", "topic_hits")) > 0


def test_few_articles_of_many_are_written_by_one_process(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = open_for_reading(shelf)
    monkeypatch.setattr(module, "WORTH", 12)
    with companion(db, tmp_path, Selection(), ["jsonl"]) as other, selected(db, Selection(), other.begin) as chosen:
        assert chosen.articles == 11
        assert not other.takes(chosen.articles)
        assert multiprocessing.active_children() == []


@pytest.mark.parametrize("cores", [1, None])
def test_one_core_is_no_place_for_two(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int | None
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    with companion(open_for_reading(shelf), tmp_path, Selection(), ["jsonl"]) as other:
        assert not other.takes(10**6)


def test_what_the_second_process_meets_ends_the_export(mine: Path, tmp_path: Path) -> None:
    """A value that is of no type of its column, in a table which the first process does not look at."""
    db = open_archive(mine)
    db.execute("update article_versions set seen_at = 'yesterday' where article_id = 1")
    db.close()
    with pytest.raises(ExportError, match=r"versions\.seen_at: a value is not of its type"):
        export(open_for_reading(mine), tmp_path / "package", Selection(), formats=("parquet",))
    assert not list(tmp_path.glob("package*"))


def test_an_export_whose_second_process_is_killed_leaves_nothing(shelf: Path, tmp_path: Path) -> None:
    def kill(done: int, of: int | None) -> None:
        (child,) = multiprocessing.active_children()
        os.kill(child.pid or 0, signal.SIGSTOP)
        child.kill()

    with pytest.raises(ExportError, match="ended from outside"):
        export(open_for_reading(shelf), tmp_path / "package", Selection(), progress=kill)
    assert not list(tmp_path.iterdir())


STOPPED = """
import os, signal, sys, time
from pathlib import Path
from multiprocessing import active_children
from archive.export import companion
from archive.export.package import export
from archive.export.selection import Selection
from archive.reading import open_for_reading
companion.WORTH = 1
os.cpu_count = lambda: 2
def stop(done, of):
    (child,) = active_children()
    print(child.pid, flush=True)
    time.sleep(600)
export(open_for_reading(sys.argv[1]), Path(sys.argv[2]), Selection(), progress=stop)
"""


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGKILL])
def test_neither_process_outlives_the_other(
    shelf: Path, tmp_path: Path, blow: signal.Signals, packed: Callable[..., Path]
) -> None:
    """Ctrl-C, which both hear, leaves no folder; after a kill the next export takes away what was left."""
    command = [sys.executable, "-c", STOPPED, str(shelf), str(tmp_path / "package")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    other = psutil.Process(int(process.stdout.readline()))
    if blow == signal.SIGINT:
        os.killpg(process.pid, blow)
    else:
        process.send_signal(blow)
    _, said = process.communicate(timeout=60)
    assert psutil.wait_procs([other], timeout=60)[1] == []
    if blow == signal.SIGINT:
        assert said.decode().rstrip().endswith("KeyboardInterrupt")
        assert said.count(b"Traceback") == 1
        assert not list(tmp_path.iterdir())
    assert len(lines(packed(), "articles")) == 11
    assert [path.name for path in tmp_path.iterdir()] == ["package"]
