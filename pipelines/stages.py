"""The Scrapy side of the river: two item pipelines, one that has pages read and one that has readings stored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, Self, cast

from scrapy.exceptions import DropItem

from archive.errors import DauysError
from archive.frontier import LinkRow
from pipelines.items import FetchedPage, Reading, TopicChoice
from pipelines.keeper import Keeper
from pipelines.readers import Readers
from pipelines.store import Outcome
from pipelines.under_way import Abandoned, UnderWay
from pipelines.worker import Poisoned

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

POISON = "page ends its reader"
"""The reason of a page that took more time or memory to read than a page may."""
READER_ERROR = "page could not be read"
"""The reason of a page on which our own code failed; the log has the cause."""


class Crawl(Protocol):
    """What the stages ask of the spider that they work for."""

    name: str
    keeper: Keeper
    readers: Readers
    topic_choice: TopicChoice
    under_way: UnderWay

    def count(self, name: str, by: int = 1) -> None:
        """Add to a statistic of the crawl."""

    async def settled(self, reading: Reading) -> None:
        """Hear what a page was read as, once its fate is stored."""

    async def page_failed(self, link: LinkRow, reason: str) -> None:
        """Record a page that was fetched and could not be read."""

    def archive_failed(self, reason: str) -> None:
        """End the crawl: the archive takes nothing more."""


class ReadPipeline:
    """Reads each page in a process of its own, which a hostile page can end without harm to the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the stage; it uses the readers that the spider was given."""
        return cls(crawler)

    async def process_item(self, item: FetchedPage) -> Reading:
        """Return what was read; a page that cannot be read is recorded and dropped, one that is given up stays due."""
        crawl = _crawl_of(self._crawler)
        try:
            async with crawl.under_way.waiting():
                reading = await crawl.readers.read(item, crawl.topic_choice, outlet=crawl.name)
        except Abandoned as error:
            raise DropItem(f"{item.page.url}: {error}", log_level="INFO") from error
        except Poisoned as error:
            await crawl.page_failed(item.link, f"{POISON}: {error}")
            raise DropItem(f"{item.page.url}: {error}", log_level="INFO") from error
        except Exception:
            # the link must not stay due for ever; what raised is logged by Scrapy with its traceback
            await crawl.page_failed(item.link, READER_ERROR)
            raise
        return replace(reading, page=item.page)


class StorePipeline:
    """Stores each reading in the archive's own thread and counts what became of it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the stage; it uses the archive that the spider holds."""
        return cls(crawler)

    async def process_item(self, item: Reading) -> Outcome:
        """Return what became of the page; an archive that takes nothing more ends the crawl, the link stays due."""
        crawl = _crawl_of(self._crawler)
        try:
            outcome = await crawl.keeper.put(item)
        except DauysError as error:
            crawl.archive_failed(str(error))
            raise DropItem(f"{item.page.url}: {error}", log_level="ERROR") from error
        await crawl.settled(item)
        crawl.count(outcome.kind)
        if outcome.detail == "reprint":
            crawl.count("reprint")
        return outcome


def _crawl_of(crawler: Crawler) -> Crawl:
    return cast("Crawl", crawler.spider)
