"""What the Scrapy adapters of the stages ask of the crawl that they work for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from archive.frontier import LinkRow
    from pipelines.keeper import Keeper
    from pipelines.river import TopicChoice


class Crawl(Protocol):
    """A spider that holds an archive open."""

    keeper: Keeper
    topic_choice: TopicChoice

    def count(self, name: str, by: int = 1) -> None:
        """Add to a statistic of the crawl."""

    async def page_failed(self, link: LinkRow, reason: str) -> None:
        """Record a page that was fetched and could not be read."""


def crawl_of(crawler: Crawler) -> Crawl:
    """Return the spider of a crawler that is running."""
    return cast("Crawl", crawler.spider)
