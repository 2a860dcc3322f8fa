"""`scrapy hydrate LIST`: fetch the articles of a shared list again, through the river, and compare the texts."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path

from scrapy.exceptions import UsageError

from archive.config import ConfigError
from archive.db import open_archive
from archive.errors import DauysError
from archive.hydrations import OUTCOMES, Hydrations, ListedArticle, total
from archive.times import now
from crawler.hydrate.outlets import Outlets
from crawler.hydrate.shared import digest, find_list, read_list
from crawler.hydrate.work import AT_ONCE, Hydration
from crawler.loader import sources_path, spider_for
from crawler.sources import load_sources
from crawler.visit import VisitCommand
from crawler.workshop import Workshop
from pipelines.topic_file import load_topics

STAGED_AT_ONCE = 1_000
"""Articles of the list that are written to the archive in one transaction."""


class Command(VisitCommand):
    """Hydrate a list."""

    def syntax(self) -> str:
        """Return the arguments as the usage line shows them."""
        return "[options] LIST"

    def short_desc(self) -> str:
        """Return the line for the list of commands."""
        return "Fetch the articles of a shared list again"

    def long_desc(self) -> str:
        """Return what --help says."""
        return (
            "Fetch the articles of a shared list again, from their own sites and with all manners of a crawl, and tell "
            "how many texts came back the same, changed, or not at all. LIST is the articles file of a data package "
            "without texts (CSV or JSON Lines), its folder, or a file with an address a line. What the archive has is "
            "not fetched; an interrupted run goes on when the same command is typed again. Exit code 1 while something "
            "is left to ask for. Example: scrapy hydrate shared/articles.csv -s ARCHIVE=data/again.db"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Stage the list, fetch, compare, tell."""
        if len(args) != 1:
            raise UsageError("one LIST, as in: scrapy hydrate shared/articles.csv -s ARCHIVE=data/again.db")
        assert self.settings is not None  # noqa: S101 - Scrapy sets it before it calls this
        archive = Path(self.settings["ARCHIVE"])
        try:
            path = find_list(Path(args[0]))
            load_topics(Path(self.settings["TOPICS"]))
            loopback = self.settings.getbool("ALLOW_LOOPBACK")
            outlets = Outlets(load_sources(sources_path(self.settings), allow_loopback=loopback))
            with closing(open_archive(archive)) as db:
                hydrations = Hydrations(db)
                hydration_id = hydrations.begin(digest(path), path.name, now())
                for some in _batches(outlets, path):  # in every run: the sources file may have changed
                    hydrations.stage(hydration_id, some)
                waiting = hydrations.waiting(hydration_id)
        except (DauysError, ConfigError) as error:
            raise UsageError(str(error), print_help=False) from error
        if outlets.unusable:
            print(f"{path}: {outlets.unusable:,} addresses cannot be fetched", file=sys.stderr)
        self._fetch(hydration_id, path.name, outlets, waiting)
        self._conclude(archive, hydration_id)

    def _fetch(self, hydration_id: int, name: str, outlets: Outlets, waiting: dict[str, int]) -> None:
        """Crawl the outlets that have something to be asked for, a few at a time."""
        assert self.crawler_process is not None  # noqa: S101 - Scrapy sets it before it calls run
        if not waiting:
            return
        of = sum(waiting.values())
        from archive.terminal import progress  # here: every crawl imports the modules of all commands

        with progress(f"fetching {name}", of=of) as advance:
            done = 0

            def tell(more: int) -> None:
                nonlocal done
                done += more
                advance(done)
                if not sys.stderr.isatty() and done % 100 == 0:
                    print(f"{done:,} of {of:,} articles asked for", file=sys.stderr, flush=True)

            turns = asyncio.Semaphore(AT_ONCE)
            begin = partial(Hydration, hydration_id=hydration_id, name=name, turns=turns, tell=tell)
            assert self.settings is not None  # noqa: S101 - as above
            workshop = Workshop.open(self.settings, prefix="hydrate")
            for source_id in waiting:
                spider = spider_for(outlets.sources[source_id])
                self.crawler_process.crawl(spider, begin=begin, workshop=workshop)
            try:
                self.crawler_process.start()
            finally:
                asyncio.run(workshop.close())

    def _conclude(self, archive: Path, hydration_id: int) -> None:
        with closing(open_archive(archive)) as db:
            hydrations = Hydrations(db)
            summary = hydrations.summary(hydration_id)
            left = sum(hydrations.waiting(hydration_id).values())
            if not left:
                hydrations.end(hydration_id, now())
        shown = [name for name in OUTCOMES if name in ("same", "changed", "gone") or total(summary, name)]
        rows = [[source, *(counts[name] for name in shown)] for source, counts in summary]
        if len(rows) > 1:
            rows.append(["all", *(total(summary, name) for name in shown)])
        from archive.terminal import table

        table(["source", *shown], rows)
        if left:
            print(f"{left:,} articles are left: type the same command again to go on", file=sys.stderr)
            self.exitcode = 1


def _batches(outlets: Outlets, path: Path) -> Iterator[list[ListedArticle]]:
    placed = filter(None, map(outlets.place, read_list(path)))
    while some := list(islice(placed, STAGED_AT_ONCE)):
        yield some
