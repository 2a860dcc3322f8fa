"""`verify --repair` mends what can be mended, says what it did, and gives up nothing that was kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.cli import cli
from archive.db import connect
from archive.records import Page
from archive.repair import repair
from archive.times import now
from archive.warc import OPEN_SUFFIX, WarcWriter, folder_of, read
from tests.archive.spoiling import (
    break_a_table,
    break_an_index,
    cut_the_warc,
    flip_a_byte,
    leave_open_and_empty,
    leave_open_and_torn,
    rename_the_warc,
    sql,
    tear_the_end,
    the_warc,
)
from tests.archive.test_verify import problems


def mended(archive: Path) -> list[str]:
    return [str(done) for done in repair(archive)]


def kept(archive: Path) -> dict[int, bytes]:
    """Return the body of every page that can still be read."""
    rows = connect(archive).query("select id, warc_file, warc_offset, warc_length from pages")
    return {
        row["id"]: read(folder_of(archive), row["warc_file"], row["warc_offset"], row["warc_length"]).body
        for row in rows
    }


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (leave_open_and_torn, "150 bytes of a torn record"),
        (leave_open_and_empty, "removed, not one whole record was in it"),
        (tear_the_end, "150 bytes of a torn record"),
        (rename_the_warc, "points at its record again (moved.warc.gz"),
        (sql("update pages set warc_offset = warc_offset + 1 where id = 2"), "page 2: points at its record again"),
        (sql("update pages set warc_length = warc_length + 1 where id = 2"), "page 2: points at its record again"),
        (sql("update pages set warc_file = 'lost.warc.gz' where id = 3"), "page 3: points at its record again"),
        (break_an_index, "the indexes of the tables are made anew"),
        (sql("drop index articles_by_source", "drop index links_due"), "index links_due: made anew"),
        (sql("drop trigger articles_fts_insert"), "full-text index: begun anew"),
        (sql("drop view edits", "drop view versions"), "view versions: made anew"),
        (sql("drop table articles_fts"), "full-text index: begun anew"),
        (sql("drop table articles_fts_data"), "full-text index: begun anew"),
        (sql("drop table search_index"), "full-text index: begun anew"),
        (sql("update articles_fts_data set block = x'00' where id > 10"), "full-text index: made anew from 5 articles"),
        (sql("drop trigger articles_fts_update", "update articles set title = 'Иное' where id = 1"), "begun anew"),
        (sql("delete from search_documents where article_id = 2"), "made anew from 5 articles"),
        (sql("update articles set versions = 3 where id = 1"), "the versions of 1 articles are counted again"),
        (sql("update article_versions set text_sha256 = 'x' where article_id = 1"), "is their text's again"),
        (sql("delete from removals"), "1 removals are told alike"),
        (sql("update articles set gone_at = null, gone_status = null"), "1 removals are told alike"),
        (sql("update links set article_id = null where article_id = 1"), "1 links lead to their article again"),
        (sql("update stories set articles = 9 where id = 1"), "1 stories are counted again"),
        (sql("update stories set first_article_id = 3 where id = 1"), "begin with one of their own articles again"),
        (sql("insert into topic_hits values (99, 'x', 1, '{}', 0)"), "1 rows of topic_hits no longer refer"),
        (sql("update links set article_id = 99 where article_id = 2"), "1 rows of links no longer refer"),
    ],
)  # fmt: skip
def test_what_can_be_mended_is_mended_and_told(small: Path, spoil: Callable[[Path], None], says: str) -> None:
    before = kept(small)
    spoil(small)
    assert problems(small) or spoil in (leave_open_and_empty,), "this was no harm"
    told = mended(small)
    assert any(says in line for line in told), told
    assert problems(small) == []
    assert kept(small) == before
    assert mended(small) == [], "a second time there is nothing left to do"


@pytest.mark.parametrize("spoil", [flip_a_byte, cut_the_warc])
def test_a_capture_that_a_page_needs_is_never_cut_off(small: Path, spoil: Callable[[Path], None]) -> None:
    """What may come back from a backup stays where it is, byte for byte, and is told as before."""
    spoil(small)
    found, content = problems(small), the_warc(small).read_bytes()
    assert mended(small) == []
    assert the_warc(small).read_bytes() == content
    assert problems(small) == found


def test_a_table_that_is_broken_is_told_and_not_touched(small: Path) -> None:
    break_a_table(small)
    mended(small)
    assert any("Copy the last backup back" in line for line in problems(small))


def test_lost_text_is_not_invented(small: Path) -> None:
    sql("delete from article_versions where article_id = 3 and n = 1")(small)
    assert mended(small) == []
    assert any("has 2 versions by its own count" in line for line in problems(small))


def test_lost_sketches_are_made_empty_and_the_command_to_fill_them_is_told(small: Path) -> None:
    sql("drop table story_sketches")(small)
    assert any("story_sketches: made anew" in line for line in mended(small))
    (line,) = problems(small)
    assert "python -m pipelines reindex-stories" in line


def test_a_running_crawl_is_left_alone(small: Path) -> None:
    writer = WarcWriter(folder_of(small), "live")
    capture = writer.write(Page(url="https://dala.example/x", fetched_at=now(), body=b"x" * 500))
    opened = folder_of(small) / (capture.file + OPEN_SUFFIX)
    with opened.open("ab") as stream:
        stream.write(b"\x1f\x8b\x08torn")
    content = opened.read_bytes()
    assert mended(small) == []
    assert opened.read_bytes() == content
    os.close(writer._fd)  # type: ignore[arg-type] - as when the process dies
    writer._fd = None
    assert any("are cut off" in line for line in mended(small))


def test_the_command_says_what_it_did_and_ends_with_what_is_left(small: Path) -> None:
    tear_the_end(small)
    ran = CliRunner().invoke(cli, ["verify", "--repair", "--archive", str(small)])
    assert ran.exit_code == 0, ran.output
    assert "Mended: " in ran.output
    assert "whole. 5 articles" in ran.output
    flip_a_byte(small)
    ran = CliRunner().invoke(cli, ["verify", "--repair", "--archive", str(small)])
    assert ran.exit_code == 1
    assert "from a backup" in ran.output
