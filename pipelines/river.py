"""The records of a page on its way to the archive, and the stage that has it read in a process of its own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from scrapy.exceptions import DropItem

from archive.frontier import LinkRow
from archive.records import Article, Page, TopicHit
from pipelines.crawl import crawl_of
from pipelines.topic_file import Topic, load_topics
from pipelines.worker import Poisoned, Worker

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from pipelines.dedupe.signature import Signature

RULES = 1
"""Version of our own extraction rules; raised with every change of what they give for a page."""
READER = f"dauys {RULES}, trafilatura {version('trafilatura')}"
"""What is recorded with each article as its reader, so that a replay knows what is outdated."""
POISON = "page ends its reader"
"""The reason of a page that took more time or memory to read than a page may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """A response on its way down the river: the item that a spider yields.

    `is_article_url` tells whether the address it was answered at fits the source's article patterns.
    """

    page: Page
    link: LinkRow
    zone: ZoneInfo
    is_article_url: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A page with what was read from it; `hits` is empty where no topic matches."""

    page: Page
    link: LinkRow
    article: Article
    hits: tuple[TopicHit, ...]
    signature: Signature | None = None
    is_article_url: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicChoice:
    """Which topics to match: those of a file, or the ones of them that are named. Small, so that it travels."""

    file: Path
    ids: tuple[str, ...] = ()


@lru_cache(maxsize=8)
def chosen_topics(choice: TopicChoice) -> tuple[Topic, ...]:
    """Return the chosen topics, read once a process. Raises ConfigError as `load_topics` does."""
    return tuple(topic for topic in load_topics(choice.file) if not choice.ids or topic.id in choice.ids)


def read_page(fetched: FetchedPage, choice: TopicChoice) -> Reading:
    """Read a page. What reading needs is imported where it is done: half a second that most polls never spend."""
    from pipelines.reading import read

    return read(fetched, choice)


def prepare() -> None:
    """Load what the first page of a worker would wait for."""
    from pipelines.extract import warm_up

    warm_up()


class ReadPipeline:
    """Reads each page in a process of its own, which a hostile page can end without harm to the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._worker = Worker(warm_up=prepare)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the stage; its process starts with the first page."""
        return cls(crawler)

    async def process_item(self, item: FetchedPage) -> Reading:
        """Return what was read; a page that ends its reader is recorded and dropped."""
        crawl = crawl_of(self._crawler)
        try:
            return await self._worker.run(read_page, item, crawl.topic_choice)
        except Poisoned as error:
            await crawl.page_failed(item.link, f"{POISON}: {error}")
            raise DropItem(f"{item.page.url}: {error}", log_level="INFO") from error

    async def close_spider(self) -> None:
        """End the process."""
        await asyncio.to_thread(self._worker.close)
