"""A power cut at any moment takes nothing that was acknowledged, and leaves an archive that is whole once tidied."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import get_args

import pytest

from archive.db import open_archive
from archive.reading import open_for_reading
from archive.verify import verify
from crawler.housekeeping import tidy
from tests.conftest import ROOT
from tests.crashes.disk import Disk, Loss, Op, read_log
from tests.crashes.press import START, Press

ARTICLES, CUTS = (40, 1500) if os.environ.get("SOAK") else (14, 60)
LOSSES: tuple[Loss, ...] = get_args(Loss)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[PurePosixPath, list[Op]]:
    """Record a program that stores articles: its folder, and all that it did to the disk there."""
    if shutil.which("gcc") is None:
        assert not os.environ.get("CI"), "gcc is missing: apt-get install gcc libc6-dev"
        pytest.skip("power cuts are recorded by a library that gcc makes: apt-get install gcc libc6-dev")
    work = tmp_path_factory.mktemp("power")
    library, folder, log = work / "recorder.so", work / "disk", work / "log"
    source = Path(__file__).with_name("recorder.c")
    subprocess.run(
        ["gcc", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source, "-ldl", "-lpthread"], check=True
    )
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-m", "tests.crashes.press", folder, str(ARTICLES)],
        cwd=ROOT,
        env={**os.environ, "LD_PRELOAD": str(library), "RECORD_UNDER": str(folder), "RECORD_LOG": str(log)},
        check=True,
    )
    return PurePosixPath(folder), read_log(log)


def acknowledged(ops: list[Op], folder: PurePosixPath) -> Iterator[tuple[int, str]]:
    """Yield what the program said it had stored, each with the place of that in its operations."""
    (inode,) = {op.inode for op in ops if op.kind == "C" and op.path == folder / "acknowledged"}
    for place, op in enumerate(ops):
        if op.kind == "W" and op.inode == inode:
            yield place, op.data.decode().strip()


def kept(archive: Path) -> set[str]:
    """Return what an archive holds, in the words of the program."""
    with closing(sqlite3.connect(archive)) as db:
        return {
            f"{kind} {url.rpartition('/')[2]} {digest}"
            for kind, sql in (
                ("article", "select url, text_sha256 from article_versions join articles a on a.id = article_id"
                            " where n = 1".replace("text_sha256", "article_versions.text_sha256")),
                ("version", "select url, v.text_sha256 from article_versions v join articles a on a.id = article_id"
                            " where n > 1"),
                ("removal", "select url, '-' from removals join articles a on a.id = article_id"),
            )
            for url, digest in db.execute(sql)
        }  # fmt: skip


def moments(ops: list[Op], rng: random.Random) -> list[int]:
    """Choose when to cut: half right after or before a sync, where most depends on it, half anywhere."""
    syncs = [place + after for place, op in enumerate(ops) if op.kind == "S" for after in (0, 1)]
    return sorted(rng.choice(syncs) if n % 2 else rng.randrange(len(ops) + 1) for n in range(CUTS))


def test_nothing_acknowledged_is_lost(recording: tuple[PurePosixPath, list[Op]], tmp_path: Path) -> None:
    """Whatever part of the unsynced is gone, every acknowledged article, version and removal is there, the next
    scheduler's tidying makes the archive whole, and it takes articles again."""
    folder, ops = recording
    said = list(acknowledged(ops, folder))
    assert len(said) > ARTICLES
    rng = random.Random(20260315)
    disk, fed = Disk(folder), 0
    seen = dict.fromkeys(LOSSES, 0)
    for turn, moment in enumerate(moments(ops, rng)):
        for op in ops[fed:moment]:
            disk.feed(op)
        fed = moment
        loss = LOSSES[turn % len(LOSSES)]
        archive = tmp_path / f"cut-{turn}" / "archive.db"
        disk.cut(archive.parent, loss, rng)
        must = {line for place, line in said if place < moment}
        where = f"operation {moment} of {len(ops)}, {loss} of the unsynced lost"
        if not archive.exists():
            assert not must, where
            continue
        # the memory of other processes; a restart clears it, and SQLite makes it anew
        archive.with_name("archive.db-shm").unlink(missing_ok=True)
        open_archive(archive).close()
        tidy(archive)
        assert must <= kept(archive), where
        assert problems(archive) == [], where
        with closing(Press(archive, prefix="after")) as press:
            assert press.put(1000 + turn, at=START).kind == "new", where
        assert problems(archive) == [], where
        seen[loss] += bool(must)
        shutil.rmtree(archive.parent)
    assert all(count > CUTS / 8 for count in seen.values()), seen


def problems(archive: Path) -> list[str]:
    """Return what verify finds."""
    with closing(open_for_reading(archive)) as db:
        return [str(problem) for problem in verify(db, archive)]


def test_the_disk_does_lose_what_was_not_synced(tmp_path: Path) -> None:
    """The model itself: unsynced data, sizes and names may be gone, synced ones are not."""
    root = PurePosixPath("/d")

    def left(*ops: Op, loss: Loss = "all") -> dict[str, bytes]:
        disk = Disk(root)
        for op in ops:
            disk.feed(op)
        target = tmp_path / str(len(list(tmp_path.iterdir())))
        disk.cut(target, loss, random.Random(1))
        return {path.name: path.read_bytes() for path in target.rglob("*") if path.is_file()}

    make, write, sync = Op("C", 5, 0, b"/d/a"), Op("W", 5, 0, b"x" * 1024), Op("S", 5, 0, b"")
    folder = (Op("D", 1, 0, b"/d"), Op("S", 1, 0, b""))
    assert left(make, write, sync) == {}
    assert left(make, *folder, write) == {"a": b""}
    assert left(make, *folder, write, sync) == {"a": b"x" * 1024}
    assert left(make, *folder, write, loss="none") == {"a": b"x" * 1024}
    moved = Op("R", 0, 0, b"/d/a\0/d/b")
    assert left(make, *folder, write, sync, moved) == {"a": b"x" * 1024}
    assert left(make, write, sync, moved, *folder) == {"b": b"x" * 1024}
    inner = (Op("M", 0, 0, b"/d/w"), Op("C", 6, 0, b"/d/w/c"), Op("D", 2, 0, b"/d/w"), Op("S", 2, 0, b""))
    assert left(*inner) == {}
    assert left(*inner, *folder) == {"c": b""}
