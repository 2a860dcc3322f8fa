"""What a competent afternoon makes of Scrapy and trafilatura: every setting as it comes, the text read in the callback.

usage: python -m benchmarks.stock_crawl KIND GOOD_FEED BAD_URL RESULT
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import feedparser
import trafilatura
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import SitemapSpider
from twisted.python.failure import Failure


class _Stock(Spider):
    name = "stock"
    bad: str
    kind: str
    results: Path

    async def start(self) -> Any:
        """Ask for the feed of good pages, and for the bad entry beside it."""
        yield Request(sys.argv[2], self.feed)
        if self.kind in ("feed", "section"):
            yield Request(self.bad, self.feed if self.kind == "feed" else self.section, errback=self.failed)
        elif self.kind in ("sitemap", "news-sitemap"):
            yield Request(self.bad, self.sitemap, errback=self.failed)

    def sitemap(self, response: Response) -> Iterator[Any]:
        """Follow a sitemap as Scrapy's own spider does."""
        own = SitemapSpider("sitemap")
        own.sitemap_rules = [("", "article")]
        own.article = self.article  # type: ignore[attr-defined]
        own._cbs = [(__import__("re").compile(""), self.article)]
        yield from own._parse_sitemap(response)

    def feed(self, response: Response) -> Iterator[Request]:
        """Follow a feed's entries."""
        for entry in feedparser.parse(response.body).entries:
            if entry.get("link"):
                yield response.follow(entry.link, self.article, errback=self.failed)

    def section(self, response: Response) -> Iterator[Request]:
        """Follow a page's links."""
        for link in LinkExtractor().extract_links(response):
            yield response.follow(link.url, self.article, errback=self.failed)

    def article(self, response: Response) -> None:
        """Read a page where it arrives."""
        found = trafilatura.bare_extraction(response.text, url=response.url, with_metadata=True)
        self.note(
            response.meta.get("redirect_urls", [response.url])[0], "stored" if found and found.text else "no text"
        )

    def failed(self, failure: Failure) -> None:
        """Note what was not fetched."""
        self.note(failure.request.url, failure.type.__name__ if failure.type else "failed")  # type: ignore[attr-defined]

    def note(self, url: str, outcome: str) -> None:
        """Write a line at once: the process may not live to write a second one."""
        with self.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps([url, outcome]) + "\n")


def main() -> None:
    """Crawl."""
    kind, _, bad, results = sys.argv[1:]
    _Stock.kind, _Stock.bad, _Stock.results = kind, bad, Path(results)
    process = CrawlerProcess(
        {
            "LOG_LEVEL": "ERROR",
            "EXTENSIONS": {"tests.hostile.heartbeat.Heartbeat": 0},
            "HEARTBEAT_FILE": f"{results}.heartbeat",
            "ROBOTSTXT_OBEY": True,
        }
    )
    process.crawl(_Stock)
    process.start()


if __name__ == "__main__":
    main()
