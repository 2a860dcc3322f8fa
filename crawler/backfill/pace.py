"""The manners of a crawl without an end: few pages in hand, way given to others, waits where a wait is all it takes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from scrapy import signals

from archive.times import now, stored
from crawler.middlewares.domain_lock import DomainLockMiddleware
from crawler.reasons import NOT_TRIED, Reason

if TYPE_CHECKING:
    from crawler.spider import NewsSpider

IN_HAND = 4
"""Pages that may be read and stored while the next one is fetched."""
PATIENCE_S = 45 * 60
"""Seconds that are waited in a row, for a Retry-After or for another crawl of the domain (which has half an hour at
most), before the crawl ends, to be gone on with later."""
BUSY_S = 5.0
"""Seconds between two looks whether another crawl has let go of the domain."""
UNREACHED = 20
"""Pages in a row that could not be asked for, whatever host they are on, after which it ends."""
NOT_NOW = NOT_TRIED | {Reason.ROBOTS_UNAVAILABLE}
"""Reasons for which nothing was asked, so that the same may be asked later."""


class NotTriedError(Exception):
    """Raised when a page could not be asked for now; `wait_s` is what the server asks for, where it asks."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_s = wait_s


class UnansweredError(Exception):
    """Raised when a page was asked for and not had; one that is not `final` is asked for once more, in the next run."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


class Pace:
    """What one crawl has in hand, how long it has waited, and why it stops, if it does: `stopped_by`.

    `paused` says where that is no failure: somebody asked it to wait for longer than it does, and until when.
    """

    def __init__(self, spider: NewsSpider) -> None:
        self.stopped_by: str | None = None
        self.paused: str | None = None
        self._spider = spider
        self._in_hand = 0
        self._changed = asyncio.Event()
        self._waited_s = 0.0
        self._unreached = 0
        for signal in (signals.item_scraped, signals.item_dropped, signals.item_error):
            spider.crawler.signals.connect(self._item_ended, signal=signal)

    def going_on(self) -> bool:
        """Tell whether the crawl goes on."""
        return self.stopped_by is None and self._spider.crawler.crawling

    def taken(self) -> None:
        """Note that a page was given to the pipelines."""
        self._in_hand += 1

    def answered(self) -> None:
        """Note that something was answered: what was waited for before is forgotten."""
        self._waited_s, self._unreached = 0.0, 0

    async def room(self, most: int = IN_HAND) -> None:
        """Wait until fewer than `most` pages are being read and stored."""
        while self._in_hand >= most and self._spider.crawler.crawling:
            self._changed.clear()
            await self._changed.wait()

    async def give_way(self) -> None:
        """Let another crawl have the domain when it waits for it: the news of today goes before that of last month."""
        if self._lock().wanted():
            self._lock().let_go()
            await asyncio.sleep(BUSY_S)

    async def wait_for(self, reason: str, wait_s: float | None) -> bool:
        """Wait where a wait is all that is needed, and return whether to ask the same again; else leave it, or stop."""
        wait = {Reason.DOMAIN_BUSY: BUSY_S, Reason.RETRY_AFTER: (wait_s or BUSY_S) + 1}.get(Reason(reason))
        if reason == Reason.STOPPED:
            self.stopped_by = "stopped"
        elif wait is None:
            self._unreached += 1
            if self._unreached >= UNREACHED:
                self.stopped_by = reason
        elif self._waited_s + wait > PATIENCE_S:
            self.stopped_by = f"{reason}, {wait_s:,.0f} s" if wait_s else reason
            again = now() + timedelta(seconds=wait)
            self.paused = f"paused: {self.stopped_by}; to go on, type the same command again after {stored(again)}"
        else:
            self._waited_s += wait
            self._lock().let_go()
            await asyncio.sleep(wait)
            return True
        return False

    def _lock(self) -> DomainLockMiddleware:
        found = self._spider.crawler.get_downloader_middleware(DomainLockMiddleware)
        assert found is not None  # noqa: S101 - part of every crawl, see crawler.middlewares
        return found

    def _item_ended(self) -> None:
        self._in_hand -= 1
        self._changed.set()
