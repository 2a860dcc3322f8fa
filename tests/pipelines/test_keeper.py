"""Pages that wait are stored together: fewer waits for the disk, the same rows, and each has its own fate."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from archive.db import ArchiveError
from archive.warc_format import members
from pipelines import store as module
from pipelines.items import Reading
from pipelines.keeper import MOST_TOGETHER, Desk, Keeper
from tests.pipelines.test_store_costs import Counted

pytestmark = pytest.mark.asyncio
PAGES = MOST_TOGETHER + 4


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[tuple[Desk, list[Reading]]]:
    """Return a desk, and readings of pages that the archive has links to."""
    counted = Counted(tmp_path)
    readings = [counted.reading(number) for number in range(PAGES)]
    counted.captures.close()
    counted.db.close()
    desk = Desk(tmp_path / "archive.db", prefix="test")
    yield desk, readings
    desk.close()


async def stored(desk: Desk, readings: list[Reading]) -> tuple[list[object], int]:
    """Store readings that all wait at one moment; return what became of each, and how many commits that took."""
    keeper = Keeper(desk)
    said: list[str] = []
    hold, held = threading.Event(), threading.Event()

    def busy() -> None:
        held.set()
        hold.wait(30)
        desk.db.conn.set_trace_callback(said.append)

    waiting = asyncio.create_task(keeper.call(busy))
    await asyncio.to_thread(held.wait, 30)
    puts = [asyncio.create_task(keeper.put(reading)) for reading in readings]
    await asyncio.sleep(0)
    hold.set()
    await waiting
    outcomes = await asyncio.gather(*puts, return_exceptions=True)
    await keeper.call(desk.db.conn.set_trace_callback, None)
    return list(outcomes), sum(statement.strip().lower().startswith("commit") for statement in said)


async def count(desk: Desk, what: str) -> int:
    """Return how many of something the articles have."""
    return await desk.call(lambda: int(desk.db.execute(f"select count({what}) from articles").fetchone()[0]))


def records(folder: Path) -> int:
    """Return how many pages are in the WARC files."""
    return sum(len(list(members(path))) - 1 for path in folder.glob("warc/*"))


async def test_what_waits_is_stored_in_few_transactions(desk: tuple[Desk, list[Reading]], tmp_path: Path) -> None:
    """Twenty pages that wait take two transactions, and all of them are there."""
    one, readings = desk
    outcomes, commits = await stored(one, readings)
    assert [getattr(outcome, "kind", outcome) for outcome in outcomes] == ["new"] * PAGES
    assert commits == 2
    assert await count(one, "distinct page_id") == PAGES
    assert records(tmp_path) == PAGES


async def test_one_that_cannot_be_stored_takes_no_other_along(
    desk: tuple[Desk, list[Reading]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It alone is raised for, in plain words; the others are stored, and no record is left that nothing points at."""
    one, readings = desk
    bad = readings[3].article.title
    insert = module.articles.set_topics

    def refuse(db: object, article_id: int, hits: object) -> None:
        (title,) = one.db.execute("select title from articles where id = ?", [article_id]).fetchone()
        if title == bad:
            raise OSError(28, "No space left on device")
        insert(db, article_id, hits)  # type: ignore[arg-type]

    monkeypatch.setattr(module.articles, "set_topics", refuse)
    outcomes, _ = await stored(one, readings)
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert [type(error) for error in errors] == [ArchiveError]
    assert outcomes[3] is errors[0]
    assert await count(one, "*") == PAGES - 1
    assert records(tmp_path) == PAGES - 1
