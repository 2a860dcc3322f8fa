"""Which texts are found by the keys they share, whoever wrote them and whatever was undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database

from archive import sketches
from archive.db import connect, open_archive, write
from pipelines.dedupe import nearby
from pipelines.dedupe.nearby import candidates

DAY = 86_400
NOW = 401 * DAY


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the archive is."""
    return tmp_path / "archive.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    """Open an empty archive."""
    opened = open_archive(path)
    yield opened
    opened.close()


def near(db: Database, *keys: int, moment: int = NOW) -> list[int]:
    """Return the texts that share some of `keys`."""
    return candidates(db, moment, np.array(keys, np.uint32))


def add(db: Database, body_id: int, *keys: int, moment: int = NOW) -> None:
    """Write the sketch of a text, inside a transaction."""
    sketches.add_sketch(db, moment, body_id, np.array(keys, "<u4").tobytes())


def test_they_share_two_keys_and_a_season(db: Database) -> None:
    """One common key is chance; a text of another season is not asked; most keys in common come first."""
    with write(db):
        add(db, 1, 11, 12, 4_294_967_295, moment=400 * DAY)
        add(db, 2, 11, 12, moment=409 * DAY)
        add(db, 3, 13, moment=400 * DAY)
        add(db, 4, 11, 12, 13, moment=490 * DAY)
        add(db, 5, 11, 12, 4_294_967_295, moment=415 * DAY)
    assert near(db, 11, 12, 4_294_967_295) == [1, 5, 2]
    assert near(db) == []


def test_what_another_process_writes_is_found(db: Database, path: Path) -> None:
    """Crawls share an archive: a text is compared with what any of them has stored."""
    assert near(db, 11, 12) == []
    with closing(connect(path)) as other, write(other):
        add(other, 7, 11, 12)
    assert near(db, 11, 12) == [7]


def test_what_was_rolled_back_is_not_found(db: Database, path: Path) -> None:
    """And what another process wrote under the same numbers is."""
    with write(db):
        add(db, 1, 11, 12)
    with suppress(RuntimeError), write(db):
        add(db, 2, 21, 22)
        assert near(db, 21, 22) == [2]
        raise RuntimeError
    with closing(connect(path)) as other, write(other):
        add(other, 3, 31, 32)
    assert near(db, 21, 22) == []
    assert near(db, 31, 32) == [3]
    assert near(db, 11, 12) == [1]


def test_a_text_that_is_removed_is_found_no_more(db: Database) -> None:
    """After its sketch was the last, too."""
    with write(db):
        add(db, 1, 11, 12)
        add(db, 2, 11, 12)
    assert near(db, 11, 12) == [1, 2]
    with write(db):
        sketches.remove_body(db, 2)
    assert near(db, 11, 12) == [1]
    with write(db):
        sketches.clear(db)
    assert near(db, 11, 12) == []


def test_the_newest_of_a_template_are_asked(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sorted or not, at most so many for a key, and the newest."""
    monkeypatch.setattr(nearby, "FRESH", 70)
    near(db, 1, 2)
    with write(db):
        for body_id in range(1, 101):
            add(db, body_id, 1, 2)
            assert near(db, 1, 2) == list(range(max(1, body_id - nearby.ASKED + 1), body_id + 1))


def test_memory_is_bounded(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Periods asked for long ago are read again when they are asked for again."""
    monkeypatch.setattr(nearby, "KEPT", 10)
    with write(db):
        for month in range(20):
            add(db, month + 1, 1, 2, 3, 4, 5, moment=month * 60 * DAY)
    for month in [*range(20), *range(20)]:
        assert near(db, 1, 2, moment=month * 60 * DAY) == [month + 1]
        assert sum(len(period.keys) for period in nearby._known[db]._periods.values()) <= 10
