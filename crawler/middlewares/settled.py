"""Asks for no link that another crawl has settled since this one read it from the frontier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from archive.frontier import LinkRow
from archive.times import now
from crawler.reasons import Reason, Refused

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request


class SettledMiddleware:
    """Refuse with `settled` a link that is no longer due when its turn comes.

    A crawl whose scheduler was killed goes on for a moment; the next one reads the frontier beside it, waits for the
    domain and would ask again for what was read meanwhile. Inside one crawl it spares the other addresses of an
    article that was stored under the first of them.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build; the spider's archive is asked."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let a request pass unless it is for a link that is not due; robots.txt, entries and retries have none."""
        link = request.cb_kwargs.get("link")
        keeper = getattr(self._crawler.spider, "keeper", None)
        if keeper is None or not isinstance(link, LinkRow) or link.url != request.url:
            return
        if not await keeper.call(keeper.frontier.is_due, link.url, now()):
            raise Refused(Reason.SETTLED, link.url)
