"""`scrapy crawl SOURCE`: Scrapy's own command, which here also fills in what an outlet published earlier."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, cast

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

from archive.times import now
from crawler.backfill.order import OrderError, read_order

if TYPE_CHECKING:
    from crawler.backfill.work import Backfill
    from crawler.spider import NewsSpider


class Command(ScrapyCrawl):
    """Crawl one outlet."""

    def syntax(self) -> str:
        """Return the arguments as the usage line shows them."""
        return "[options] SOURCE"

    def short_desc(self) -> str:
        """Return the line for the list of commands."""
        return "Crawl one outlet, or fill in what it published earlier"

    def long_desc(self) -> str:
        """Return what --help says."""
        return (
            "Poll the entries of an outlet and fetch what is new. With -a since=DAY (and -a until=DAY, by default "
            "today) fill in what it published on those days instead, newest first, from its sitemaps, sections and "
            "date archives; with -a from=wayback from the captures of a web archive. A backfill that was stopped or "
            "killed goes on when the same command is typed again. Exit code 1 when it could not come to its end. "
            "Example: scrapy crawl zakon -a since=2026-02-01 -a until=2026-03-20"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the arguments of a backfill; on a terminal its bar stands in place of Scrapy's log."""
        super().process_options(args, opts)
        try:
            self._order = read_order(opts.spargs, now())
        except OrderError as error:
            raise UsageError(str(error), print_help=False) from error
        if self._order is not None and sys.stderr.isatty() and not opts.loglevel:
            assert self.settings is not None  # noqa: S101 - Scrapy sets it before it calls this
            self.settings.set("LOG_LEVEL", "WARNING", priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl; tell what a backfill came to."""
        if self._order is None:
            super().run(args, opts)
            return
        if len(args) != 1:
            raise UsageError("one source, as in: scrapy crawl zakon -a since=2026-02-01", print_help=False)
        from crawler.backfill.telling import summary  # it draws bars, with a library that no other crawl loads

        assert self.crawler_process is not None  # noqa: S101 - Scrapy sets it before it calls run
        crawler = self._create_crawler(args[0])
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        backfill = cast("Backfill | None", cast("NewsSpider", crawler.spider).task) if crawler.spider else None
        if self.crawler_process.bootstrap_failed or backfill is None or backfill.counts is None:
            print("stopped; if it had begun, type the same command again to go on", file=sys.stderr)
            self.exitcode = 1
            return
        print(f"{args[0]}, {backfill.order.since} to {backfill.order.until}: {summary(backfill.counts)}")
        if not backfill.ended:
            print(f"not finished ({backfill.stopped_by}): type the same command again to go on", file=sys.stderr)
            self.exitcode = 1
