"""Lets a crawl that is told to stop end within seconds, however long the queue and the Crawl-delay."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from scrapy import signals

from crawler.reasons import Reason, Refused
from crawler.slots import give_up_waiting

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_LOOK_S = 0.25
"""Seconds between two looks at whether the crawl was told to stop."""


class QuickStop:
    """After SIGTERM, refuse with `stopped` what waits in the downloader's queues; what is under way is finished.

    Scrapy sends all of it first: 32 requests at a Crawl-delay of ten seconds take five minutes.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build, and watch while the spider is open."""
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_opened(self) -> None:
        """Begin to watch."""
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    def spider_closed(self) -> None:
        """Watch no more."""
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            if not self._crawler.crawling:
                for key in list(self._crawler.engine.downloader.slots):
                    give_up_waiting(self._crawler, key, Refused(Reason.STOPPED))
