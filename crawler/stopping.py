"""Lets a crawl that is told to stop end within seconds, however long the queue, the Crawl-delay and the answers."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy import signals

from crawler.reasons import Reason, Refused
from crawler.slots import give_up_waiting
from crawler.spider import NewsSpider

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_LOOK_S = 0.25
"""Seconds between two looks at whether the crawl was told to stop."""


ABANDON_S = 8.0
"""Seconds that a crawl which was told to stop waits for answers and for pages being read, before it gives them up."""


class QuickStop:
    """Once told to stop, refuse with `stopped` what waits in the downloader's queues; what is under way is finished.

    Scrapy sends all of it first: 32 requests at a Crawl-delay of ten seconds take five minutes. What is not finished
    in ABANDON_S seconds is given up and stays due: an answer may take half a minute, a hostile page a whole one, and
    other crawls share the process that would be killed for it.
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
        until: float | None = None
        while True:
            await asyncio.sleep(_LOOK_S)
            if not self._crawler.crawling:
                until = until or monotonic() + ABANDON_S
                if monotonic() >= until and isinstance(self._crawler.spider, NewsSpider):
                    self._crawler.spider.under_way.abandon()
                for key in list(self._crawler.engine.downloader.slots):
                    give_up_waiting(self._crawler, key, Refused(Reason.STOPPED))
