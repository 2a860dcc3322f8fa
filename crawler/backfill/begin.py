"""What a crawl may do in place of polling, and a backfill put together as one such task."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Protocol

from crawler.backfill.order import Order, read_order
from pipelines.items import FetchedPage, Reading

if TYPE_CHECKING:
    from crawler.backfill.work import Backfill, Way
    from crawler.spider import NewsSpider

__all__ = ["Task", "backfill_for", "read_order"]


class Task(Protocol):
    """A crawl's work in place of polling: pages to give to the pipelines, until there are no more."""

    def pages(self) -> AsyncIterator[FetchedPage]:
        """Yield the pages that were fetched."""

    async def settled(self, reading: Reading) -> None:
        """Hear that a page was stored, or is none of ours."""

    def trouble(self) -> str | None:
        """Return why the task failed, or None."""

    def pause(self) -> str | None:
        """Return who asked the task to go on later and when, or None; it did not fail then."""


def backfill_for(spider: NewsSpider, order: Order) -> Backfill:
    """Return the backfill that a crawl of this spider is to carry out; what it needs is loaded for it alone."""
    from crawler.backfill.site import SiteWay
    from crawler.backfill.wayback import WaybackWay, WebArchive
    from crawler.backfill.work import Backfill

    window = order.window(spider.source, spider.oldest)
    way: Way = SiteWay(spider, window)
    if order.way == "wayback":
        way = WaybackWay(spider, window, WebArchive.of(spider.settings))
    return Backfill(spider, order, way, window)
