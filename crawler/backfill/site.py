"""The outlet's own site as a way to fill in: its sitemaps, feeds, sections and date archives, pages as any crawl's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from scrapy.http import Response

from archive.backfills import ListRow, PageRow
from archive.times import now
from crawler.answers import header
from crawler.backfill.reading import Listed, first_lists, read_list
from crawler.backfill.window import Window
from crawler.backfill.work import NOT_NOW, NotTriedError
from crawler.reasons import Reason, reason_of
from pipelines.items import FetchedPage

if TYPE_CHECKING:
    from crawler.spider import NewsSpider


class SiteWay:
    """Reads an outlet's lists; its pages join the frontier when their turn comes, so that `links` tells their fate."""

    def __init__(self, spider: NewsSpider, window: Window) -> None:
        self._spider = spider
        self._window = window

    def first_lists(self) -> Sequence[ListRow]:
        """Return the outlet's robots.txt and entries."""
        return first_lists(self._spider.source)

    async def read(self, row: ListRow, response: Response) -> Listed:
        """Read a list, in a process that a hostile one can end."""
        body = response.body if response.status == 200 else b""
        kind = header(response, "Content-Type")
        return await self._spider.lists.run(read_list, row, body, response.url, kind, self._spider.source, self._window)

    async def ask(self, page: PageRow) -> AsyncIterator[FetchedPage]:
        """Fetch a page as every crawl does."""
        spider, frontier = self._spider, self._spider.keeper.frontier
        added = await spider.keeper.call(frontier.add, spider.source.id, {page.key: page.link}, at=now())
        spider.count("links_found", added)
        if not added:
            await spider.keeper.call(frontier.ask_anew, page.key)
        link = await spider.keeper.call(frontier.link_of, page.key)
        if link is None:
            return
        request = spider.article_request(link)
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
        async for item in spider.parse_article(response, link):
            yield item
