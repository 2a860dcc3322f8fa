"""The Scrapy side of the river: two item pipelines, one that has pages read and one that has readings stored."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, Self, cast

from scrapy.exceptions import DropItem

from archive.errors import DauysError
from archive.frontier import LinkRow
from pipelines.items import FetchedPage, Reading, TopicChoice
from pipelines.keeper import Keeper
from pipelines.page_reader import READY, prepare, read_page
from pipelines.store import Outcome
from pipelines.worker import GROWTH_BYTES, TIMEOUT_S, Poisoned, TooMuchMemory, Worker

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

BACKLOG = 4
"""Pages that wait for one process before another one is started: a poll that brings three pages needs no second."""
MOST_READERS = 2
"""Processes of one crawl: one reads thirty pages a second, and the crawl's processes together are to stay under 500 MB
whatever the pages do; each takes some 75 MB before it reads."""
SECOND_GROWTH_BYTES = 60 * 1024**2
"""Memory that a page may take in the second process; one that needs more is read by the first, which gives twice as
much, so that two hostile pages at once do not pass the bound."""
LARGE_BYTES = 500_000
"""A body from which a page is read by the first process at once: honest ones of this size take 50 MB."""
POISON = "page ends its reader"
"""The reason of a page that took more time or memory to read than a page may."""
READER_ERROR = "page could not be read"
"""The reason of a page on which our own code failed; the log has the cause."""


class Crawl(Protocol):
    """What the stages ask of the spider that they work for."""

    keeper: Keeper
    topic_choice: TopicChoice

    def count(self, name: str, by: int = 1) -> None:
        """Add to a statistic of the crawl."""

    async def settled(self, reading: Reading) -> None:
        """Hear what a page was read as, once its fate is stored."""

    async def page_failed(self, link: LinkRow, reason: str) -> None:
        """Record a page that was fetched and could not be read."""

    def archive_failed(self, reason: str) -> None:
        """End the crawl: the archive takes nothing more."""


class ReadPipeline:
    """Reads each page in a process of its own, which a hostile page can end without harm to the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        time_limit_s = crawler.settings.getfloat("READ_TIME_LIMIT_S", TIMEOUT_S)
        readers = crawler.settings.getint("READERS", 1)
        growths = (GROWTH_BYTES, *[SECOND_GROWTH_BYTES] * (MOST_READERS - 1))[: max(1, readers)]
        self._workers = [
            Worker(warm_up=prepare, ready=READY, timeout_s=time_limit_s, growth_bytes=growth) for growth in growths
        ]
        self._waiting = [0] * len(self._workers)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build with READ_TIME_LIMIT_S (30), seconds for one page, and READERS (1), processes for a backlog of pages.

        There are at most MOST_READERS. The first process starts with the first page, another one when BACKLOG pages
        wait for each that there is.
        """
        return cls(crawler)

    async def process_item(self, item: FetchedPage) -> Reading:
        """Return what was read; a page that cannot be read is recorded and dropped."""
        crawl = _crawl_of(self._crawler)
        try:
            reading = await self._read(item, crawl.topic_choice)
        except Poisoned as error:
            await crawl.page_failed(item.link, f"{POISON}: {error}")
            raise DropItem(f"{item.page.url}: {error}", log_level="INFO") from error
        except Exception:
            # the link must not stay due for ever; what raised is logged by Scrapy with its traceback
            await crawl.page_failed(item.link, READER_ERROR)
            raise
        return replace(reading, page=item.page)

    async def close_spider(self) -> None:
        """End the processes."""
        for worker in self._workers:
            await asyncio.to_thread(worker.close)

    async def _read(self, item: FetchedPage, choice: TopicChoice) -> Reading:
        """Have a page read by the first process that has few waiting, else by the one that has fewest.

        Large pages are the first one's, and those that were too much for another.
        """
        few = (number for number, waiting in enumerate(self._waiting) if waiting < BACKLOG)
        number = next(few, self._waiting.index(min(self._waiting)))
        if number and len(item.page.body) < LARGE_BYTES:
            with suppress(TooMuchMemory):  # the first one gives more
                return await self._read_by(number, item, choice)
        return await self._read_by(0, item, choice)

    async def _read_by(self, number: int, item: FetchedPage, choice: TopicChoice) -> Reading:
        self._waiting[number] += 1
        try:
            return await self._workers[number].run(read_page, item, choice)
        finally:
            self._waiting[number] -= 1


class StorePipeline:
    """Stores each reading in the archive's own thread and counts what became of it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the stage; it uses the archive that the spider holds."""
        return cls(crawler)

    async def process_item(self, item: Reading) -> Outcome:
        """Return what became of the page; an archive that takes nothing more ends the crawl, the link stays due."""
        crawl = _crawl_of(self._crawler)
        try:
            store = crawl.keeper.store
            outcome = await crawl.keeper.call(store.recover if item.captured else store.put, item)
        except DauysError as error:
            crawl.archive_failed(str(error))
            raise DropItem(f"{item.page.url}: {error}", log_level="ERROR") from error
        await crawl.settled(item)
        crawl.count(outcome.kind)
        if outcome.detail == "reprint":
            crawl.count("reprint")
        return outcome


def _crawl_of(crawler: Crawler) -> Crawl:
    return cast("Crawl", crawler.spider)
