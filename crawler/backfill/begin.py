"""Puts a backfill together for a crawl: the days, the way, and the crawl that carries it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.backfill.order import Order, read_order
from crawler.backfill.site import SiteWay
from crawler.backfill.wayback import WaybackWay, WebArchive
from crawler.backfill.work import Backfill, Way

if TYPE_CHECKING:
    from crawler.spider import NewsSpider

__all__ = ["Order", "backfill_for", "read_order"]


def backfill_for(spider: NewsSpider, order: Order) -> Backfill:
    """Return the backfill that a crawl of this spider is to carry out."""
    window = order.window(spider.source, spider.oldest)
    way: Way = SiteWay(spider, window)
    if order.way == "wayback":
        way = WaybackWay(spider, window, WebArchive.of(spider.settings))
    return Backfill(spider, order, way, window)
