"""`scrapy try-url SOURCE URL`: one page through the whole river, nothing stored."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scrapy.exceptions import UsageError

from archive.config import ConfigError
from crawler.loader import sources_path
from crawler.sources import SourcesError, UnknownSourceError, load_sources
from crawler.visit import VisitCommand
from pipelines.canonical import BadURL, canonical_url
from pipelines.topic_file import load_topics


class Command(VisitCommand):
    """Try one page."""

    def syntax(self) -> str:
        """Return the arguments as the usage line shows them."""
        return "[options] SOURCE URL"

    def short_desc(self) -> str:
        """Return the line for the list of commands."""
        return "Show what one page of an outlet gives, storing nothing"

    def long_desc(self) -> str:
        """Return what --help says."""
        return (
            "Fetch one page as the crawl of its source would and show each field with where it came from, and what "
            "each topic says to it and why. Nothing is stored. Exit code 1 when the page gives no article. "
            "Example: scrapy try-url zakon https://www.zakon.kz/politika/6000000-example.html"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Fetch, read, print, set the exit code."""
        if len(args) != 2:
            raise UsageError("a source and a URL, as in: scrapy try-url zakon https://www.zakon.kz/...")
        assert self.settings is not None  # noqa: S101 - Scrapy sets it before it calls this
        assert self.crawler_process is not None  # noqa: S101
        # Scrapy imports the module of each command before any of them runs: a crawl would wait for the extractor
        from crawler.trial import Trial, TrialSpider, lines_of

        source_id, url = args
        try:
            loopback = self.settings.getbool("ALLOW_LOOPBACK")
            source = load_sources(sources_path(self.settings), allow_loopback=loopback).by_id(source_id)
            topics = load_topics(Path(self.settings["TOPICS"]))
            url = canonical_url(url)
        except (SourcesError, UnknownSourceError, ConfigError, BadURL) as error:
            raise UsageError(str(error), print_help=False) from error
        outcome: list[Trial] = []
        self.crawler_process.crawl(TrialSpider, source=source, url=url, topics=topics, outcome=outcome)
        self.crawler_process.start()
        if not outcome:
            print(f"{url}: interrupted", file=sys.stderr)
            self.exitcode = 1
            return
        for line in lines_of(outcome[0]):
            print(line)
        if outcome[0].article is None or not outcome[0].article.text:
            self.exitcode = 1
