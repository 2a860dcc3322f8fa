"""A backlog of pages is read by as many processes as the crawl may have; a few pages by one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy.settings import Settings

from pipelines.items import FetchedPage, TopicChoice
from pipelines.stages import BACKLOG, ReadPipeline

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


async def given(readers: int, pages: int) -> list[int]:
    """Return how many pages each reader was given while none was read."""
    done = asyncio.Event()
    stage = ReadPipeline(cast("Any", SimpleNamespace(settings=Settings({"READERS": readers}))))
    desks = [Desk(done) for _ in stage._workers]
    stage._workers = cast("Any", desks)
    page = cast("FetchedPage", object())
    reading = [asyncio.create_task(stage._read(page, CHOICE)) for _ in range(pages)]
    await asyncio.sleep(0)
    done.set()
    await asyncio.gather(*reading)
    assert stage._waiting == [0] * readers
    return [desk.given for desk in desks]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("readers", "pages", "expected"),
    [(2, 3, [3, 0]), (2, BACKLOG + 1, [BACKLOG, 1]), (2, 4 * BACKLOG, [2 * BACKLOG, 2 * BACKLOG]), (1, 9, [9])],
)
async def test_a_backlog_has_every_reader(readers: int, pages: int, expected: list[int]) -> None:
    """A poll that brings three pages starts one process; a backlog is shared evenly by those there are."""
    assert await given(readers, pages) == expected
