"""`verify` finds every kind of damage, and nothing in an archive that is whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.db import connect, open_archive
from archive.reading import open_for_reading
from archive.records import Page
from archive.times import now
from archive.verify import index_problems, rebuild_index, verify
from archive.warc import OPEN_SUFFIX, WarcWriter, folder_of, recover
from tests.archive.spoiling import break_a_table, cut_the_warc, flip_a_byte, lose_the_warc, sql, swap_two_pages


def problems(archive: Path) -> list[str]:
    db = open_for_reading(archive)
    try:
        return [str(problem) for problem in verify(db, archive)]
    finally:
        db.close()


def test_a_whole_archive_has_no_problem(pressed: Path) -> None:
    assert problems(pressed) == []


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (flip_a_byte, "damaged"),
        (cut_the_warc, "cut off"),
        (lose_the_warc, "is missing; 6 pages"),
        (swap_two_pages, "not the capture of page 1"),
        (sql("update pages set warc_length = warc_length + 1 where id = 2"), "page 2 says"),
        (sql("update pages set warc_offset = warc_offset + 1 where id = 2"), "no record begins"),
        (sql("update articles set text_sha256 = 'x' where id = 2"), "not the one that was stored"),
        (sql("update article_versions set text = text || ' ' where text is not null"), "not the one that was stored"),
        (sql("update articles set versions = 3 where id = 1"), "has 3 versions by its own count, 1 are there"),
        (sql("delete from article_versions where article_id = 3 and n = 1"), "has 2 versions by its own count"),
        (sql("update article_versions set text = null"), "has lost its text"),
        (sql("update article_versions set text_sha256 = 'x' where article_id = 1"), "is not its text"),
        (sql("delete from removals"), "removals say otherwise"),
        (sql("update links set article_id = null where article_id = 1"), "stored link without an article"),
        (sql("update stories set articles = 9 where id = 1"), "story 1: has 9/2 articles/sources"),
        (sql("insert into topic_hits values (99, 'x', 1, '{}', 0)"), "refers to a row of articles"),
        (sql("drop trigger articles_fts_update", "update articles set title = 'Иное' where id = 1"), "does not agree"),
        (sql("update articles_fts_data set block = x'00' where id > 10"), "full-text index"),
        (sql("drop table articles_fts"), "full-text index"),
        (sql("drop index articles_by_source"), "index articles_by_source: is missing"),
        (sql("drop trigger articles_fts_insert"), "trigger articles_fts_insert: is missing"),
        (sql("drop view edits"), "view edits: is missing"),
        (sql("drop table removals"), "table removals: is missing"),
        (
            sql("insert into tombstones values ('dala.example/news/1', 'asked', '2026-04-01T00:00:00Z', 1)"),
            "is stored, though it was forgotten on 2026-04-01",
        ),
        (sql("insert into story_index values ('scheme', 0)"), "python -m pipelines reindex-stories"),
        (
            sql("update articles set found_in = 'feed'", "update article_versions set page_id = null where n = 1"),
            "version 1 was crawled and points at no capture",
        ),
        (sql("update stories set first_article_id = 3 where id = 1"), "names article 3 as its first"),
        (break_a_table, "database is damaged"),
    ],
)  # fmt: skip
def test_damage_is_a_line_that_ends_with_what_to_do(small: Path, spoil: Callable[[Path], None], says: str) -> None:
    spoil(small)
    found = problems(small)
    assert any(says in line for line in found), found
    assert all("\n" not in line for line in found)
    assert all(line.endswith((".", small.name, "--once", "'...'")) for line in found)


def test_only_the_damage_is_told(small: Path) -> None:
    """One spoilt capture is one line; the other pages of the file stay found."""
    flip_a_byte(small)
    assert len(problems(small)) == 1


def test_a_running_crawl_is_no_damage(small: Path) -> None:
    """A file that a live process writes to may end in the middle of a record; a dead one's may not."""
    writer = WarcWriter(folder_of(small), "live")
    kept = writer.write(Page(url="https://dala.example/x", fetched_at=now(), body=b"x" * 500))
    opened = folder_of(small) / (kept.file + OPEN_SUFFIX)
    with opened.open("ab") as stream:
        stream.write(b"\x1f\x8b\x08torn")
    assert problems(small) == []
    os.close(writer._fd)  # type: ignore[arg-type] - as when the process dies
    writer._fd = None
    (line,) = problems(small)
    assert "python scheduler.py --once" in line
    recover(folder_of(small))
    assert problems(small) == []


def test_the_index_is_made_anew(small: Path) -> None:
    sql("drop trigger articles_fts_update", "update articles set title = 'Иное' where id = 1")(small)
    db = open_archive(small)
    assert list(index_problems(db, small))
    rebuild_index(small)
    assert not list(index_problems(db, small))
    db.close()


def test_a_large_or_read_only_archive_is_checked_in_a_copy(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy is judged like the original, and nothing of it stays behind."""
    monkeypatch.setattr("archive.verify.MAX_LOCKED_BYTES", 0)
    before = sorted(small.parent.iterdir())
    assert problems(small) == []
    sql("drop trigger articles_fts_update", "update articles set title = 'Иное' where id = 1")(small)
    assert any("does not agree" in line for line in problems(small))
    assert [path for path in sorted(small.parent.iterdir()) if path.suffix == ".db" or path.is_dir()] == [
        path for path in before if path.suffix == ".db" or path.is_dir()
    ]


def test_writers_are_not_kept_out(small: Path) -> None:
    """An article that is stored while the check runs is neither a problem nor refused."""
    db, other = open_for_reading(small), connect(small)
    checking = verify(db, small, progress=lambda step: other.execute("update sources set name = name || '.'"))
    assert list(checking) == []
    assert other.execute("select name from sources where id = 'dala'").fetchone()[0].count(".") > 3
    db.close()
    other.close()
