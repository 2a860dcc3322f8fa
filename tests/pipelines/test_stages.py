"""A backlog of pages is read by as many processes as the crawl may have; a few pages by one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy.settings import Settings

from pipelines import stages
from pipelines.items import FetchedPage, TopicChoice
from pipelines.stages import BACKLOG, LARGE_BYTES, SECOND_GROWTH_BYTES, ReadPipeline

CHOICE = TopicChoice(file=Path("topics.toml"))


class Desk:
    """Stands for a worker: counts what it is given and is done when told."""

    def __init__(self, done: asyncio.Event) -> None:
        self.given = 0
        self._done = done

    async def run(self, *task: object) -> None:
        """Take a page."""
        self.given += 1
        await self._done.wait()


async def given(readers: int, pages: int, size: int = 1000) -> list[int]:
    """Return how many pages each reader was given while none was read."""
    done = asyncio.Event()
    stage = ReadPipeline(cast("Any", SimpleNamespace(settings=Settings({"READERS": readers}))))
    desks = [Desk(done) for _ in stage._workers]
    stage._workers = cast("Any", desks)
    page = cast("FetchedPage", SimpleNamespace(page=SimpleNamespace(body=b"x" * size)))
    reading = [asyncio.create_task(stage._read(page, CHOICE)) for _ in range(pages)]
    await asyncio.sleep(0)
    done.set()
    await asyncio.gather(*reading)
    assert stage._waiting == [0] * len(desks)
    return [desk.given for desk in desks]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("readers", "pages", "expected"),
    [(2, 3, [3, 0]), (2, BACKLOG + 1, [BACKLOG, 1]), (2, 4 * BACKLOG, [2 * BACKLOG, 2 * BACKLOG]), (1, 9, [9])],
)
async def test_a_backlog_has_every_reader(readers: int, pages: int, expected: list[int]) -> None:
    """A poll that brings three pages starts one process; a backlog is shared evenly by those there are."""
    assert await given(readers, pages) == expected


@pytest.mark.anyio
async def test_large_pages_are_read_by_one() -> None:
    """Only one process at a time may need the memory of a large page; more than two there never are."""
    assert await given(2, 4 * BACKLOG, LARGE_BYTES) == [4 * BACKLOG, 0]
    assert await given(9, 4 * BACKLOG) == [2 * BACKLOG, 2 * BACKLOG]


def grow(item: FetchedPage, choice: TopicChoice) -> int:
    """Take as much memory as the second process does not give."""
    return len(bytearray(SECOND_GROWTH_BYTES + 20 * 1024**2)) + len(item.page.body)


@pytest.mark.anyio
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is told in /proc, on Linux")
async def test_what_is_too_much_for_the_second_process_is_read_by_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """An honest page that needs the memory is read wherever its turn fell; none is called poison for its place."""
    monkeypatch.setattr(stages, "read_page", grow)
    monkeypatch.setattr(stages, "prepare", None)
    stage = ReadPipeline(cast("Any", SimpleNamespace(settings=Settings({"READERS": 2}))))
    page = cast("FetchedPage", SimpleNamespace(page=SimpleNamespace(body=b"x")))
    try:
        sizes = await asyncio.gather(*(stage._read(page, CHOICE) for _ in range(BACKLOG + 3)))
    finally:
        await stage.close_spider()
    assert sizes == [SECOND_GROWTH_BYTES + 20 * 1024**2 + 1] * (BACKLOG + 3)
