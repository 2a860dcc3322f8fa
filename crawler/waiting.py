"""The links that a crawl has still to ask for: rows until there is room in Scrapy's queue, requests then."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import DontCloseSpider

from archive.frontier import LinkRow

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

QUEUED = 40
"""Requests of a crawl in the queue: ten times as many as it sends at a time. A request takes 3 kB, and sixteen crawls
of 500 links each would hold 24 MB of them."""


class WaitingLinks:
    """Rows of one crawl, the new ones before those that are looked at again. None is lost when it is left here: what is
    due stands in the frontier."""

    def __init__(self, crawler: Crawler, request: Callable[[LinkRow], Request]) -> None:
        self._crawler = crawler
        self._request = request
        self._fresh: deque[LinkRow] = deque()
        self._again: deque[LinkRow] = deque()
        self._giving = False
        crawler.signals.connect(self._one_went, signals.request_reached_downloader)
        crawler.signals.connect(self._idle, signals.spider_idle)

    def add(self, links: Iterable[LinkRow]) -> Iterator[Request]:
        """Take rows, and yield requests for as many as the queue has room for."""
        for link in links:
            (self._fresh if link.article_id is None else self._again).append(link)
        self._giving = True
        try:
            for _ in range(QUEUED - self._queued()):
                row = self._next()
                if row is None:
                    return
                yield self._request(row)
        finally:
            self._giving = False

    def _queued(self) -> int:
        engine = self._crawler.engine
        queue = engine.scheduler if engine is not None else None
        return len(queue) if queue is not None else 0  # type: ignore[arg-type]

    def _next(self) -> LinkRow | None:
        rows = self._fresh or self._again
        return rows.popleft() if rows else None

    def _one_went(self) -> None:
        """Fill the place of a request that left the queue for the network, unless those of before are on their way to
        it: the next row would come in before them."""
        if self._giving:
            return
        engine = self._crawler.engine
        if engine is not None and engine.spider is not None and engine.running and self._queued() < QUEUED:
            link = self._next()
            if link is not None:
                engine.crawl(self._request(link))

    def _idle(self) -> None:
        """Go on where no request of the queue came to the network: a site may refuse all of them."""
        requests = list(self.add(()))
        for request in requests:
            assert self._crawler.engine is not None  # noqa: S101 - it tells that it is idle
            self._crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider
