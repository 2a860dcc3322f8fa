"""Slows down with a slow site, and never goes below the pace that the site or its source asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.extensions.throttle import AutoThrottle

from crawler.slots import floor_of

if TYPE_CHECKING:
    from scrapy.core.downloader import Slot
    from scrapy.http import Request, Response
    from scrapy.spiders import Spider


class PoliteThrottle(AutoThrottle):
    """AutoThrottle that knows Crawl-delay: latency sets the delay, between the domain's floor and the maximum.

    Scrapy's own lets the delay fall to DOWNLOAD_DELAY whatever robots.txt says. A Crawl-delay over
    AUTOTHROTTLE_MAX_DELAY holds: the maximum bounds what latency may do, not what a site asks for.
    """

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        key, slot = self._get_slot(request, spider)
        if key is not None and slot is not None:
            self._hold(key, slot)

    def _hold(self, key: str, slot: Slot) -> None:
        slot.delay = max(slot.delay, floor_of(self.crawler, key))
