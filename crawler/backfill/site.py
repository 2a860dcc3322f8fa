"""The outlet's own site as a way to fill in: its sitemaps, feeds, sections and date archives, pages as any crawl's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.http import Response

from archive.backfills import ListRow, PageRow
from archive.records import Link
from archive.times import now
from crawler.answers import header
from crawler.backfill.pace import NOT_NOW, NotTriedError
from crawler.backfill.reading import Listed, first_lists, read_list
from crawler.backfill.window import Window
from crawler.list_reader import ListReader
from crawler.reasons import Reason, reason_of
from pipelines.items import FetchedPage

if TYPE_CHECKING:
    from crawler.spider import NewsSpider


LIST_LIMIT_S = 60.0
"""Seconds for one list: a sitemap of 50,000 addresses, of which a poll takes a tenth, needs 3 s of CPU."""


class SiteWay:
    """Reads an outlet's lists; its pages join the frontier when their turn comes, so that `links` tells their fate."""

    def __init__(self, spider: NewsSpider, window: Window) -> None:
        self._spider = spider
        self._window = window
        self._lists = ListReader(timeout_s=LIST_LIMIT_S)
        spider.crawler.signals.connect(self._lists.close, signal=signals.spider_closed)

    def first_lists(self) -> Sequence[ListRow]:
        """Return the outlet's robots.txt and entries."""
        return first_lists(self._spider.source)

    async def read(self, row: ListRow, response: Response) -> Listed:
        """Read a list, in a process that a hostile one can end."""
        body = response.body if response.status == 200 else b""
        kind = header(response, "Content-Type")
        return await self._lists.run(read_list, row, body, response.url, kind, self._spider.source, self._window)

    def ask(self, page: PageRow) -> AsyncIterator[FetchedPage]:
        """Fetch a page as every crawl does."""
        return fetch(self._spider, page.key, page.link)


async def fetch(spider: NewsSpider, key: str, link: Link) -> AsyncIterator[FetchedPage]:
    """Put a link into the frontier and fetch its page now; raise NotTriedError when it must wait.

    Whatever else becomes of it is told by its row in `links`.
    """
    frontier = spider.keeper.frontier
    added = await spider.keeper.call(frontier.add, spider.source.id, {key: link}, at=now())
    spider.count("links_found", added)
    if not added:
        await spider.keeper.call(frontier.ask_anew, key)
    row = await spider.keeper.call(frontier.link_of, key)
    if row is None:
        return
    request = spider.article_request(row)
    try:
        response = await spider.download(request)
    except Exception as error:  # whatever stands in the way is recorded with the link
        reason = reason_of(error)
        if reason == Reason.SETTLED:
            return  # another crawl was quicker
        if reason in NOT_NOW:
            raise NotTriedError(reason, request.meta.get("retry_after_s")) from error
        await spider.article_failed(request, reason)
        return
    async for item in spider.parse_article(response, row):
        yield item
