"""A replay makes of kept pages what today's reader makes of them, and leaves everything else as it was."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive.cli import cli
from archive.db import open_archive
from archive.search import index
from archive.warc import folder_of
from pipelines.cli import main
from pipelines.reader import READER
from pipelines.worker import Worker
from tests.pipelines.collected import Crawled, Desk, html

TABLES = ("articles", "article_versions", "topic_hits", "stories", "story_members", "pages", "removals")
COPY = "Совместное заявление о референдуме по Конституции Казахстана. " + " ".join(f"пункт{n}" for n in range(60)) + "."


@pytest.fixture(scope="module")
def pressed(tmp_path_factory: pytest.TempPathFactory, reader: Worker) -> Desk:
    """Return an archive of 27 articles: one with three versions, one undated, two that share a text."""
    folder = tmp_path_factory.mktemp("pressed")
    desk = Desk(folder, reader)
    crawled = Crawled()
    for n in range(24):
        crawled.page(f"https://dala.example/{n}", html(n))
    for day, more in ((11, " Первая правка в конце заметки."), (12, " Вторая правка, и ещё несколько слов.")):
        crawled.page("https://dala.example/3", html(3, more=more), date=f"2026-03-{day}T10:00:00Z")
    undated = re.sub(rb"<meta property.*?>", b"", html(30))
    crawled.page("https://dala.example/30", undated)
    for n, host in enumerate(("jel.example", "dala.example")):
        body = html(40 + n).split(b"<p>")[0] + f"<p>{COPY}</p></article></body></html>".encode()
        crawled.page(f"https://{host}/copy", body)
    path = folder / "a.warc.gz"
    path.write_bytes(crawled.bytes())
    done = desk.imported(path)
    assert (done.counts["new"], done.counts["changed"], done.counts["reprint"]) == (27, 2, 1)
    return desk


@pytest.fixture
def filled(pressed: Desk, tmp_path: Path) -> Desk:
    """Return the archive for a test to change."""
    return pressed.copy(tmp_path)


def dumped(desk: Desk) -> dict[str, Any]:
    """Return all that a replay may write, and what a search finds."""
    tables: dict[str, Any] = {name: desk.rows(f"select * from {name} order by 1, 2") for name in TABLES}
    tables["found"] = desk.rows("select rowid from articles_fts where articles_fts match 'референдум' order by rowid")
    return tables


def test_unchanged_rules_change_nothing(filled: Desk) -> None:
    """A replay by the reader that read the pages finds no difference in any version and writes none."""
    before = dumped(filled)
    dry = filled.replayed(dry=True)
    assert (dry.counts["articles"], dry.counts["captures"], dry.counts["changed"]) == (27, 29, 0)
    assert (dict(dry.fields), dry.largest, dry.problems) == ({}, [], [])
    assert dict(filled.replayed().fields) == {}
    assert dumped(filled) == before


def test_a_better_reader_changes_the_same_versions(filled: Desk) -> None:
    """What an earlier reader left is told by the dry run, which writes nothing; applying does that and no more."""
    wanted = dumped(filled)
    bad = "Подпишитесь на наш канал. Реклама. Ещё реклама и ещё немного рекламы."
    filled.change(
        f"update articles set title = 'Плохой заголовок', text = text || char(10) || '{bad}' where id = 2",
        "update articles set published_at = '2020-01-01', published_day = '2020-01-01', published_precision = 'day',"
        " published_from = 'url', extractor = 'old' where id = 5",
        "update articles set tags = '[\"x\"]', language = 'en', extractor = 'old' where id = 6",
        "update article_versions set text = 'Короткий обрывок.', title = null where article_id = 4 and n = 1",
        "delete from topic_hits where article_id = 7",
        "update topic_hits set score = score + 1 where article_id = 8",
    )
    tampered = dumped(filled)
    dry = filled.replayed(dry=True)
    assert dumped(filled) == tampered
    assert dict(dry.fields) == {
        "title": 1, "text": 1, "published_at": 1, "published_precision": 1, "published_from": 1, "tags": 1,
        "language": 1, "earlier version": 1, "topics": 2,
    }  # fmt: skip
    assert dry.counts["changed"] == 6
    assert {(one.article_id, one.n) for one in dry.largest} == {(2, 1), (4, 1)}
    assert next(one for one in dry.largest if one.article_id == 2).removed >= len(bad.replace(" ", ""))
    done = filled.replayed()
    assert (done.counts, done.fields, done.largest) == (dry.counts, dry.fields, dry.largest)
    assert dumped(filled) == wanted
    assert not filled.replayed(dry=True).fields
    with closing(open_archive(filled.archive)) as db:
        assert list(index.faults(db)) == []


def test_stories_follow_texts_and_dates(filled: Desk) -> None:
    """A copy that an earlier reader hid finds its story again, and who was first is judged by the new dates."""
    (pair,) = filled.rows("select min(id) as a, max(id) as b from articles where url like '%/copy'")
    wanted = dumped(filled)
    other = " ".join(f"другое{n}" for n in range(70))
    filled.change(f"update articles set text = '{other}', extractor = 'old' where id = {pair['b']}")
    filled.change(f"update article_versions set text_sha256 = 'x' where article_id = {pair['b']}")
    result = CliRunner().invoke(main, ["reindex-stories", "--archive", str(filled.archive)])
    assert result.exit_code == 0, result.output
    assert len(filled.rows("select 1 from articles where story_role = 'first'")) == 27
    filled.replayed()
    roles = {row["id"]: (row["story_role"], row["text"]) for row in filled.rows("select * from articles")}
    assert roles == {row["id"]: (row["story_role"], row["text"]) for row in wanted["articles"]}


def test_a_hint_that_gave_the_date_is_not_lost(filled: Desk) -> None:
    """The date of a feed or sitemap stays the article's, from its link or, where that says nothing, from itself."""
    url = "https://dala.example/30"
    assert filled.rows(f"select published_at from articles where url = '{url}'") == [{"published_at": None}]
    filled.change(
        "insert into links (url, url_key, source_id, first_seen_at, found_in, published_hint, hint_from, state,"
        " article_id) select url, url_key, source_id, first_seen_at, 'https://dala.example/rss',"
        f" '2026-03-09T05:00:00Z', 'feed', 'stored', id from articles where url = '{url}'"
    )
    assert dict(filled.replayed().fields) == {"published_at": 1, "published_from": 1, "published_precision": 1}
    told = [{"published_at": "2026-03-09T05:00:00Z", "published_from": "feed", "published_precision": "second"}]
    sql = f"select published_at, published_from, published_precision from articles where url = '{url}'"
    assert filled.rows(sql) == told
    filled.change("update links set published_hint = null, hint_from = null")
    assert dict(filled.replayed().fields) == {}
    assert filled.rows(sql) == told


def test_a_stopped_replay_goes_on_where_it_was(filled: Desk) -> None:
    """What was applied before the stop is not read again, and the end is that of an undisturbed one."""
    wanted = dumped(filled)
    filled.change("update articles set section = 'old', extractor = 'old'")

    def stop(done: int, total: int) -> None:
        assert total == 27
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filled.replayed(progress=stop)
    assert len(filled.rows("select 1 from articles where section = 'old'")) == 7
    done = filled.replayed()
    assert (done.resumed_after, done.counts["articles"]) == (20, 7)
    assert dumped(filled) == wanted
    assert filled.replayed().resumed_after == 0


def test_only_what_is_chosen_is_read_again(filled: Desk) -> None:
    """A source, a moment: the others stay as the earlier reader left them."""
    filled.change("update articles set section = 'old', extractor = 'old'")
    assert filled.replayed(source_id="jel.example").counts["articles"] == 1
    assert filled.replayed(since=datetime(2026, 3, 12, tzinfo=UTC)).counts["articles"] == 1
    left = {row["id"] for row in filled.rows("select id from articles where extractor = 'old'")}
    assert len(left) == 25
    assert {row["extractor"] for row in filled.rows("select extractor from articles")} == {"old", READER}


def test_a_lost_capture_keeps_what_was_read(filled: Desk) -> None:
    """Where the WARC file is gone, each version of it is told, and nothing of it changes; the command ends with 1."""
    filled.change("update articles set section = 'kept'")
    before = filled.rows("select * from articles")
    for path in folder_of(filled.archive).glob("*.warc.gz"):
        path.unlink()
    done = filled.replayed()
    assert (done.counts["no capture"], done.counts["changed"]) == (29, 0)
    assert len(done.problems) == 20
    after = filled.rows("select * from articles")
    assert [row | {"extractor": None} for row in after] == [row | {"extractor": None} for row in before]


def test_what_was_forgotten_stays_so(filled: Desk) -> None:
    """A replay brings nothing back of an article that was forgotten."""
    result = CliRunner().invoke(
        cli, ["forget", "https://dala.example/3", "--reason", "asked", "--yes", "--archive", str(filled.archive)]
    )
    assert result.exit_code == 0, result.output
    done = filled.replayed()
    assert (done.counts["articles"], done.counts["captures"], done.problems) == (26, 26, [])
    assert filled.rows("select 1 from articles where url = 'https://dala.example/3'") == []


def test_the_command_shows_first_and_then_does(filled: Desk) -> None:
    """--dry-run prints fields and largest differences; the same, but for its last line, is printed when it is done."""
    filled.change("update articles set text = text || ' Лишние слова.', tags = '[\"x\"]' where id = 9")
    command = ["replay", "--archive", str(filled.archive), "--processes", "1"]
    dry = CliRunner().invoke(main, [*command, "--dry-run"])
    assert dry.exit_code == 0, dry.output
    assert "would change" in dry.stdout
    assert "https://dala.example/8" in dry.stdout
    assert json.loads(filled.rows("select tags from articles where id = 9")[0]["tags"]) == ["x"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    told = dry.stdout.replace("would change", "changed").splitlines()
    assert done.stdout.splitlines() == told[:-1]
    assert CliRunner().invoke(main, [*command, "--source", "nobody"]).exit_code == 2
