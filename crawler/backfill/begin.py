"""Puts a backfill together for a crawl: the days, the way, and the crawl that carries it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.backfill.order import Order, OrderError, read_order
from crawler.backfill.site import SiteWay
from crawler.backfill.work import Backfill

if TYPE_CHECKING:
    from crawler.spider import NewsSpider

__all__ = ["Order", "backfill_for", "read_order"]


def backfill_for(spider: NewsSpider, order: Order) -> Backfill:
    """Return the backfill that a crawl of this spider is to carry out."""
    if order.way == "wayback":
        raise OrderError("from=wayback is not built yet")
    window = order.window(spider.source, spider.oldest)
    return Backfill(spider, order, SiteWay(spider, window), window)
