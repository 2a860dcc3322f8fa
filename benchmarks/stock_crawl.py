"""What a competent afternoon makes of Scrapy and trafilatura: every setting as it comes, the text read in the callback.

usage: python -m benchmarks.stock_crawl KIND GOOD_FEED BAD_URL RESULT

Writes a line of JSON to RESULT for each page and list as it is done with, and touches RESULT.alive as long as the event
loop turns: the process may not live to tell it later.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import trafilatura
from scrapy import Request
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.linkextractors import LinkExtractor
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.spiders import SitemapSpider
from twisted.python.failure import Failure

_TURN_S = 0.1


class _Stock(SitemapSpider):
    name = "stock"
    kind: str
    good: str
    bad: str
    results: Path
    sitemap_rules = (("", "article"),)

    async def start(self) -> Any:
        """Ask for the feed of good pages, and for the bad entry beside it."""
        self.living = asyncio.get_running_loop().create_task(self.live())
        yield Request(self.good, self.feed)
        if self.kind in ("feed", "section"):
            yield Request(self.bad, self.feed if self.kind == "feed" else self.section, errback=self.failed)
        elif self.kind in ("sitemap", "news-sitemap"):
            yield Request(self.bad, self._parse_sitemap, errback=self.failed)

    async def live(self) -> None:
        """Touch the file that tells when the loop turned last."""
        alive = f"{self.results}.alive"
        with Path(alive).open("wb"):  # noqa: ASYNC230 - an empty file, and what is measured is stock
            pass
        while True:
            os.utime(alive)
            await asyncio.sleep(_TURN_S)

    def sitemap_filter(self, entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Give addresses without a host one; Scrapy's spider takes none without."""
        home = "{0.scheme}://{0.netloc}".format(urlsplit(self.bad))
        for entry in entries:
            yield {**entry, "loc": home + entry["loc"]} if entry.get("loc", "").startswith("/") else entry

    def _parse_sitemap(self, response: Response) -> Iterator[Request]:
        """Follow a sitemap as Scrapy's own spider does."""
        yield from self.listed(response, lambda: super(_Stock, self)._parse_sitemap(response))

    def feed(self, response: Response) -> Iterator[Request]:
        """Follow a feed's entries."""
        yield from self.listed(
            response,
            lambda: (
                response.follow(entry.link, self.article)
                for entry in feedparser.parse(response.body).entries
                if entry.get("link")
            ),
        )

    def section(self, response: Response) -> Iterator[Request]:
        """Follow a page's links."""
        yield from self.listed(
            response,
            lambda: (response.follow(link.url, self.article) for link in LinkExtractor().extract_links(response)),
        )

    def listed(self, response: Response, read: Callable[[], Iterable[Request]]) -> Iterator[Request]:
        """Yield what a list leads to, and note how much that was."""
        count = 0
        try:
            for request in read():
                count += 1
                yield request.replace(errback=self.failed)
        except Exception as error:
            self.note(asked(response.request), f"{named(error)} in the callback", links=count)
            raise
        self.note(asked(response.request), "list", links=count)

    def article(self, response: Response) -> None:
        """Read a page where it arrives."""
        try:
            found = trafilatura.bare_extraction(response.text, url=response.url, with_metadata=True)
        except Exception as error:
            self.note(asked(response.request), f"{named(error)} in the callback")
            raise
        if found is None or not found.text:
            self.note(asked(response.request), "no text", final=response.url)
            return
        self.note(
            asked(response.request), "stored", final=response.url,
            article={"url": found.url or response.url, "title": found.title or "", "text": found.text,
                     "published_at": found.date, "image_url": found.image},
        )  # fmt: skip

    def failed(self, failure: Failure) -> None:
        """Note what was not fetched."""
        request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        outcome = f"http {error.response.status}" if isinstance(error, HttpError) else named(error)
        self.note(asked(request), outcome, final=request.url)

    def note(self, url: str, outcome: str, **more: Any) -> None:
        """Write a line at once."""
        with self.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"url": url, "outcome": outcome, **more}) + "\n")


def named(error: BaseException) -> str:
    """Return the name of an error, with its module's where it says nothing alone."""
    name = type(error).__name__
    return f"{type(error).__module__}.{name}" if name == "error" else name


def asked(request: Request | None) -> str:
    """Return the address that was asked for first."""
    assert request is not None
    first: str = request.meta.get("redirect_urls", [request.url])[0]
    return first


def main() -> None:
    """Crawl."""
    kind, good, bad, results = sys.argv[1:]
    _Stock.kind, _Stock.good, _Stock.bad, _Stock.results = kind, good, bad, Path(results)
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
