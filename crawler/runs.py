"""Writes the row of a crawl in `runs`: opened at the start, brought up to date on the way, closed at the end."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Self, cast

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector
from twisted.python.failure import Failure

from archive import runs
from archive.db import ArchiveError
from archive.times import now
from crawler.housekeeping import entry_rows, source_row
from crawler.living import Life, new_token
from crawler.spider import NewsSpider

PROGRESS_S = 30
"""Seconds between two updates of the row: what a crawl had done when it was killed is known to the half minute."""

# column of `runs` -> statistic that it is read from
_STATS = {
    "links_found": "dauys/links_found",
    "requests": "downloader/request_count",
    "not_modified": "downloader/response_status_count/304",
    "pages": "dauys/pages",
    "articles_new": "dauys/new",
    "articles_changed": "dauys/changed",
    "reprints": "dauys/reprint",
    "off_topic": "dauys/off-topic",
    "errors": "dauys/errors",
    "bytes": "downloader/response_bytes",
}


class RunRecorder:
    """Keeps the row of one crawl; a spider that is no NewsSpider (of `scrapy probe`) has none."""

    def __init__(self, crawler: Crawler, stats: StatsCollector) -> None:
        self._crawler = crawler
        self._stats = stats
        self._ticking: asyncio.Task[None] | None = None
        self._life: Life | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the extension and connect it to the crawl's beginning and end."""
        assert crawler.stats is not None  # noqa: S101 - set before extensions are built
        recorder = cls(crawler, crawler.stats)
        crawler.signals.connect(recorder.opened, signal=signals.spider_opened)
        crawler.signals.connect(recorder.closed, signal=signals.spider_closed)
        crawler.signals.connect(recorder.spider_error, signal=signals.spider_error)
        return recorder

    async def opened(self) -> None:
        """Open the row."""
        spider = self._spider()
        if spider is None:
            return
        spider.run_id = await spider.keeper.call(self._begin, spider)
        self._ticking = asyncio.get_running_loop().create_task(self._tick(spider))

    async def closed(self, reason: str) -> None:
        """Close the row and the archive."""
        spider = self._spider()
        if spider is None or self._ticking is None:
            return
        self._ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._ticking
        outcome, why = self._judge(spider, reason)
        try:
            await spider.keeper.call(
                runs.end,
                spider.keeper.db,
                spider.run_id,
                at=now(),
                outcome=outcome,
                reason=why,
                counters=self._counters(),
            )
        except ArchiveError as error:
            spider.logger.error("%s", error)  # noqa: TRY400 - the message is whole; the runner closes the row
        finally:
            await spider.leave()
            if self._life is not None:
                self._life.end()

    def _begin(self, spider: NewsSpider) -> int:
        """Open the row; the source has one in the archive first, or the row could not point at it."""
        settings = self._crawler.settings
        token = settings.get("RUN_TOKEN") or new_token()
        # before the row is there: whoever sees the row must find the lock held
        self._life = Life.begin(Path(settings["ARCHIVE"]).absolute(), token)
        spider.keeper.frontier.register(source_row(spider.source), entry_rows(spider.source))
        return runs.begin(spider.keeper.db, spider.source.id, now(), token=token)

    def spider_error(self, failure: Failure) -> None:
        """Count an error of our own code, and end a crawl whose archive takes nothing more."""
        self._stats.inc_value("dauys/errors")
        error = failure.value
        if not self._stats.get_value("dauys/first_error"):
            self._stats.set_value("dauys/first_error", f"{type(error).__name__}: {error}")
        spider = self._spider()
        if spider is not None and isinstance(error, ArchiveError):
            spider.archive_failed(str(error))

    async def _tick(self, spider: NewsSpider) -> None:
        while True:
            await asyncio.sleep(PROGRESS_S)
            await spider.keeper.call(runs.progress, spider.keeper.db, spider.run_id, self._counters())

    def _judge(self, spider: NewsSpider, reason: str) -> tuple[runs.Outcome, str | None]:
        """Return the outcome: Scrapy's 'finished' says nothing of what failed on the way."""
        if reason == "shutdown":
            return "killed", spider.stopped_because
        if reason != "finished":
            return "failed", reason
        first_error = cast("str | None", self._stats.get_value("dauys/first_error"))
        if (pause := spider.pause()) is not None:
            return "partial", pause
        if (trouble := spider.trouble()) is not None:
            return "failed", first_error or trouble
        if self._stats.get_value("dauys/errors", 0):
            return "partial", first_error
        return "ok", self._stats.get_value("dauys/first_note")

    def _counters(self) -> dict[str, int]:
        return {column: int(self._stats.get_value(name, 0)) for column, name in _STATS.items()}

    def _spider(self) -> NewsSpider | None:
        spider = self._crawler.spider
        return spider if isinstance(spider, NewsSpider) else None
