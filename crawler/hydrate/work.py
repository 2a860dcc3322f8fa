"""One outlet's part of a shared list during one crawl: each article asked for once, kept whatever its topic."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.hydrations import Hydrations, ListedArticle
from archive.records import Link
from crawler.backfill.pace import NotTriedError, Pace
from crawler.backfill.site import fetch
from pipelines.canonical import url_key
from pipelines.items import FetchedPage, Reading

if TYPE_CHECKING:
    from crawler.spider import NewsSpider

BATCH = 50
"""Articles taken from the archive at a time: all that a crawl holds of the list in memory."""
AT_ONCE = 4
"""Outlets asked side by side; each has its own process for reading pages."""


class Hydration:
    """What `spider.start` iterates in place of polling. `turns` bounds how many outlets are at work at once."""

    def __init__(
        self,
        spider: NewsSpider,
        *,
        hydration_id: int,
        name: str,
        turns: asyncio.Semaphore,
        tell: Callable[[int], None],
    ) -> None:
        self._spider = spider
        self._id = hydration_id
        self._name = name
        self._turns = turns
        self._tell = tell
        self._pace = Pace(spider)
        self._hydrations = Hydrations(spider.keeper.db)

    async def pages(self) -> AsyncIterator[FetchedPage]:
        """Give every listed article of the outlet that the archive has not to the pipelines."""
        call = self._spider.keeper.call
        async with self._turns:
            while self._pace.going_on():
                batch = await call(self._hydrations.next, self._id, self._spider.source.id, self._spider.run_id, BATCH)
                if not batch:
                    break
                for one in batch:
                    if not self._pace.going_on():
                        break
                    await self._pace.give_way()
                    await self._pace.room()
                    async for item in self._ask(one):
                        self._pace.taken()
                        yield item
            await self._pace.room(1)

    async def settled(self, reading: Reading) -> None:
        """Note that an article was stored, or is none."""
        await self._asked(url_key(reading.link.url))

    def pause(self) -> str | None:
        """Return who asked it to go on later and when, or None."""
        return self._pace.paused

    def trouble(self) -> str | None:
        """Return why it did not come to its end, or None."""
        stopped = self._pace.stopped_by
        return f"{stopped}; to go on, type the same command again" if stopped else None

    async def _ask(self, one: ListedArticle) -> AsyncIterator[FetchedPage]:
        given = False
        try:
            async for item in fetch(self._spider, one.key, Link(url=one.url, found_in=self._name)):
                given = True
                yield replace(item, wanted=True)
        except NotTriedError as error:
            self._spider.logger.info("%s: %s", one.url, error.reason)
            if await self._pace.wait_for(error.reason, error.wait_s):
                await self._spider.keeper.call(self._hydrations.ask_again, self._id, one.key)
            return
        self._pace.answered()
        if not given:
            await self._asked(one.key)

    async def _asked(self, key: str) -> None:
        await self._spider.keeper.call(self._hydrations.asked, self._id, key)
        self._tell(1)
