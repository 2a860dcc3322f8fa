"""Peer: what many write first, a Scrapy spider that calls trafilatura; run as `python plain_scrapy.py FEEDS OUT`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import scrapy
import trafilatura
from scrapy.crawler import CrawlerProcess


class Plain(scrapy.Spider):
    name = "plain"
    custom_settings = {  # noqa: RUF012
        "ROBOTSTXT_OBEY": False,
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "LOG_LEVEL": "ERROR",
        "RETRY_ENABLED": False,
    }

    async def start(self):
        for feed in self.feeds:
            yield scrapy.Request(feed, callback=self.feed)

    def feed(self, response):
        for url in response.xpath("//item/link/text()").getall():
            yield scrapy.Request(url, callback=self.article)

    def article(self, response):
        if self.fetch_only:
            return
        found = trafilatura.bare_extraction(response.body, url=response.url, with_metadata=True)
        if found is not None:
            got = found.as_dict()
            line = {"url": response.url, "title": got["title"], "text": got["text"], "published": got["date"]}
            self.out.write(json.dumps(line, ensure_ascii=False) + "\n")


def main() -> None:
    feeds = Path(sys.argv[1]).read_text(encoding="utf-8").split()
    # as `scrapy crawl -o` does, which adds to what a crawl before has written
    with Path(sys.argv[2]).open("a", encoding="utf-8") as out:
        process = CrawlerProcess()
        process.crawl(Plain, feeds=feeds, out=out, fetch_only=len(sys.argv) > 3)
        process.start()


if __name__ == "__main__":
    main()
