"""What storing costs, counted: statements, transactions and bytes of WARC, so that waste shows without a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from archive import warc
from archive.db import open_archive
from archive.frontier import EntryRow, Frontier, LinkRow, SourceRow
from archive.records import Article, Link, Page, TopicHit
from archive.warc import WarcWriter, folder_of
from crawler.polling import next_recheck
from pipelines import store
from pipelines.canonical import url_key
from pipelines.dedupe.signature import signature
from pipelines.dedupe.tokens import _table
from pipelines.items import Reading
from pipelines.store import Store

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
URL = "https://tasaryk.example/news/{n}"
HIT = TopicHit(topic_id="referendum-2026", score=9.0, terms={"референдум": 1}, in_title=True)
NEW_AT_MOST = 110
"""Statements for a new article without any like it: some are the triggers' of index and counts, which SQLite reports
as well."""
UNCHANGED_AT_MOST = 14
"""Statements for a stored article of which the site says that it is as it was."""
COMMITS = 1


class Counted:
    """A store whose statements are counted."""

    def __init__(self, folder: Path) -> None:
        self.db = open_archive(folder / "archive.db")
        self.frontier = Frontier(self.db)
        self.frontier.register(
            SourceRow(
                id="tasaryk", name="t", homepage="https://tasaryk.example/", languages=("ru",), country="KZ",
                kind="private",
            ),
            [EntryRow(url="https://tasaryk.example/rss", kind="feed")],
        )  # fmt: skip
        self.captures = WarcWriter(folder_of(folder / "archive.db"), "test")
        self.store = Store(self.db, self.captures, recheck=next_recheck, extractor="test 1")

    def link(self, number: int) -> LinkRow:
        """Return the row of an address that a feed named."""
        url = URL.format(n=number)
        self.frontier.add("tasaryk", {url_key(url): Link(url=url, found_in="feed")}, at=NOW)
        row = self.frontier.link(url)
        assert row is not None
        return row

    def reading(self, number: int) -> Reading:
        """Return a page of an article of its own."""
        words = " ".join(f"слово{number}а{n}" for n in range(200))
        url = URL.format(n=number)
        return Reading(
            page=Page(url=url, fetched_at=NOW, body=f"<p>{words}</p>".encode(), source_id="tasaryk"),
            link=self.link(number),
            article=Article(
                url=url, canonical_url=url, title=f"Новость {number}", text=f"Начало {number}.\n{words}.",
                language="ru", script="Cyrl", published_at=NOW, published_precision="second", published_from="json-ld",
            ),
            hits=(HIT,),
            signature=signature(f"Начало {number}.\n{words}."),
        )  # fmt: skip

    def counted(self, work: Callable[[], object]) -> tuple[list[str], int]:
        """Return the statements that `work` has SQLite run, and how many of them were commits."""
        said: list[str] = []
        self.db.conn.set_trace_callback(said.append)
        try:
            work()
        finally:
            self.db.conn.set_trace_callback(None)
        return said, sum(statement.strip().lower().startswith("commit") for statement in said)


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Counted]:
    """Give a store with a few articles in it, so that what is prepared once is prepared."""
    one = Counted(tmp_path)
    for number in range(5):
        one.store.put(one.reading(number))
    yield one
    one.captures.close()
    one.db.close()


def test_a_new_article_is_one_transaction_of_few_statements(counted: Counted) -> None:
    """Article, version, topics, story, capture, link and index: one commit, and no more statements as it grows."""
    costs = []
    for number in (100, 101, 102):
        reading = counted.reading(number)
        said, commits = counted.counted(lambda reading=reading: counted.store.put(reading))  # type: ignore[misc]
        assert commits == COMMITS
        costs.append(len(said))
        assert len(said) <= NEW_AT_MOST, "\n".join(said)
    for number in range(200, 260):
        counted.store.put(counted.reading(number))
    reading = counted.reading(103)
    said, _ = counted.counted(lambda: counted.store.put(reading))
    assert len(said) <= max(costs), "the archive grew by sixty articles, and so did the statements"


def test_an_unchanged_article_costs_a_mark_and_no_capture(counted: Counted) -> None:
    """A 304 is one small transaction; nothing is written to the WARC file and nothing is read of texts."""
    link = counted.link(1)
    before = [file.stat().st_size for file in sorted(folder_files(counted))]
    said, commits = counted.counted(lambda: counted.store.unchanged(link, NOW + timedelta(hours=1)))
    assert commits == COMMITS
    assert len(said) <= UNCHANGED_AT_MOST, "\n".join(said)
    assert [file.stat().st_size for file in sorted(folder_files(counted))] == before


def folder_files(counted: Counted) -> list[Path]:
    """Return the WARC files of the archive."""
    name = counted.db.execute("pragma database_list").fetchone()[2]
    return [file for file in folder_of(Path(name)).iterdir() if file.is_file()]


def test_the_page_is_packed_before_the_transaction(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a new article is being written other crawls wait: nothing is done then that needs no archive."""
    done: list[str] = []

    def told(module: ModuleType, name: str) -> None:
        work = getattr(module, name)

        def tell(*args: Any) -> Any:
            done.append(f"{name} in transaction: {counted.db.conn.in_transaction}")
            return work(*args)

        monkeypatch.setattr(module, name, tell)

    told(store, "encode_page")
    told(warc, "encode_page")
    assert counted.store.put(counted.reading(7)).kind == "new"
    assert done == ["encode_page in transaction: False"]


def test_what_the_first_text_of_a_process_waits_for_is_loaded_before_its_transaction(tmp_path: Path) -> None:
    """The tables of stories take a process a tenth of a second, once."""
    one = Counted(tmp_path)
    loaded: list[int] = []

    def look(statement: str) -> None:
        if statement.lower().startswith("begin"):
            loaded.append(_table.cache_info().currsize)

    reading = one.reading(1)
    _table.cache_clear()
    one.db.conn.set_trace_callback(look)
    assert one.store.put(reading).kind == "new"
    one.db.conn.set_trace_callback(None)
    assert loaded == [1]
    one.captures.close()
    one.db.close()
