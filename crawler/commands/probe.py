"""`scrapy probe URL`: find a site's feeds, sitemaps and sections, and print a block for `sources.toml`."""

from __future__ import annotations

import argparse
import sys

from scrapy.exceptions import UsageError

from archive.clean import clean_line
from crawler.visit import VisitCommand


class Command(VisitCommand):
    """Probe a site."""

    def syntax(self) -> str:
        """Return the arguments as the usage line shows them."""
        return "[options] URL"

    def short_desc(self) -> str:
        """Return the line for the list of commands."""
        return "Find a site's feeds, sitemaps and sections"

    def long_desc(self) -> str:
        """Return what --help says."""
        return (
            "Find the feeds (link tags, well-known paths), sitemaps (robots.txt, well-known paths) and sections of a "
            "site, show on stderr what each would yield, and print a [[source]] block on stdout. Obeys robots.txt and "
            "makes at most 40 requests, one at a time. Exit code 1 when the site cannot be reached or lists nothing. "
            "Example: scrapy probe https://tengrinews.kz >> sources.toml"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Probe, print, set the exit code."""
        if len(args) != 1 or args[0].startswith("-"):
            raise UsageError("one URL, as in: scrapy probe https://tengrinews.kz")
        assert self.crawler_process is not None  # noqa: S101 - Scrapy sets it before it calls run
        # Scrapy imports the module of each command before any of them runs: a crawl would wait for this
        from crawler.discovery.block import source_block
        from crawler.discovery.probe import ProbeError, Report
        from crawler.probing import ProbeSpider, describe

        outcome: list[Report | ProbeError] = []
        self.crawler_process.crawl(ProbeSpider, url=args[0], outcome=outcome)
        self.crawler_process.start()
        report = outcome[0] if outcome else ProbeError(f"{args[0]}: the probe was interrupted")
        if isinstance(report, ProbeError):
            print(clean_line(str(report), 300), file=sys.stderr)
            self.exitcode = 1
            return
        for line in describe(report):
            print(line, file=sys.stderr)
        if not report.found:
            print(f"{report.homepage}: no feed, no sitemap, no section found", file=sys.stderr)
            self.exitcode = 1
            return
        print(source_block(report))
