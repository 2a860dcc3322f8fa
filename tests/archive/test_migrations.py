"""An archive of any earlier version opens as one of today, with all that was in it."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from archive.db import LATEST, connect, open_archive
from archive.reading import open_for_asking, open_for_reading
from archive.repair import repair
from archive.schema import migrations
from archive.verify import verify
from tests.archive.keep_schema import KEPT, SUFFIX, newest

FILES = sorted(KEPT.glob(f"*{SUFFIX}"))
CONTENT = ("sources", "entries", "runs", "pages", "articles", "links", "article_versions", "removals", "topic_hits",
           "stories")  # fmt: skip


@pytest.fixture(params=FILES, ids=lambda path: path.name.removesuffix(SUFFIX))
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return an archive as an earlier version left it."""
    with tarfile.open(request.param) as tar:
        tar.extractall(tmp_path, filter="data")
    return tmp_path / "archive.db"


def rows(archive: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the content of the tables, in an order of its own."""
    with closing(sqlite3.connect(archive)) as db:
        db.row_factory = sqlite3.Row
        return {
            table: sorted((dict(row) for row in db.execute(f"select * from {table}")), key=json.dumps)
            for table in CONTENT
        }


def schema(db: Database) -> dict[str, Any]:
    """Return what the tables, indexes, views and triggers of an archive are."""
    objects = db.execute("select type, name, tbl_name from sqlite_master where name not like 'sqlite_%'").fetchall()
    tables = {name: db.execute(f"select * from pragma_table_xinfo('{name}')").fetchall() for _, name, _ in objects}
    return {"objects": sorted(objects), "columns": tables}


def test_the_newest_version_has_a_kept_archive() -> None:
    """Who appends a migration keeps an archive of it: python -m tests.archive.keep_schema."""
    kept = {path.name.removesuffix(SUFFIX) for path in FILES}
    assert newest() in kept, "type: python -m tests.archive.keep_schema"
    assert kept <= {migration.name for migration in migrations.pending(Database(memory=True))}
    assert "m001_the_river" in kept


def test_it_becomes_one_of_today(old: Path, tmp_path: Path) -> None:
    """The migrated schema is the one that a new archive has, no row is lost or changed, and verify is content."""
    before = rows(old)
    assert before["articles"]
    open_archive(old).close()
    after = rows(old)
    for table in CONTENT:
        kept = [{name: row[name] for name in before[table][0]} for row in after[table]] if before[table] else []
        assert sorted(kept, key=json.dumps) == before[table], table
    with closing(open_archive(tmp_path / "new.db")) as new, closing(connect(old, read_only=True)) as migrated:
        assert schema(migrated) == schema(new)
    # rules of the index or of counts that came later are applied by the command that verify names
    list(repair(old))
    with closing(open_for_reading(old)) as db:
        assert [str(problem) for problem in verify(db, old)] == []


def test_it_can_be_read_at_once(old: Path) -> None:
    """A reader needs no crawl first: opening for reading brings the schema up to date."""
    with closing(open_for_reading(old)) as db:
        assert not migrations.pending(db)
        assert db.execute("select count(*) from articles").fetchone()[0] == len(rows(old)["articles"])


def test_sketches_are_kept(tmp_path: Path) -> None:
    """What texts are recognised by is written otherwise since m011, and is the same: keys in order, without sign."""
    with tarfile.open(KEPT / f"m010_triggers_that_ask_first{SUFFIX}") as tar:
        tar.extractall(tmp_path, filter="data")
    path = tmp_path / "archive.db"
    with closing(sqlite3.connect(path)) as db, db:
        keys = [(684, 7, 1), (684, 258, 1), (684, -1, 1), (685, 7, 1), (684, 7, 2)]
        db.executemany("insert into story_postings(period, key, body_id) values (?, ?, ?)", keys)
    with closing(open_archive(path)) as migrated:
        found = migrated.execute("select body_id, period, hex(keys) from story_sketches order by 1, 2").fetchall()
    assert found == [(1, 684, "0700000002010000FFFFFFFF"), (1, 685, "07000000"), (2, 684, "07000000")]


def test_a_reader_knows_the_last_migration(tmp_path: Path) -> None:
    """LATEST in archive.db is what a new archive was brought to last: a reader looks for nothing else."""
    with closing(open_archive(tmp_path / "archive.db")) as db:
        assert [migration.name for migration in migrations.applied(db)][-1] == LATEST


def test_asking_brings_an_old_archive_up_to_date(old: Path) -> None:
    """A search in an archive of any earlier version migrates it first, as every command does."""
    asking = open_for_asking(old)
    assert asking.execute("select count(*) from _sqlite_migrations where name = ?", [LATEST]).fetchone() == (1,)
    asking.conn.close()
    with closing(open_for_reading(old)) as db:
        assert not migrations.pending(db)
