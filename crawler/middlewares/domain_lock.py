"""Keeps two crawls from asking one registered domain at the same time, in one process or in several."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy import signals

from crawler.locks import DomainLocks
from crawler.reasons import Reason, Refused
from crawler.slots import slot_key

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request

_POLL_S = 0.2
"""Seconds between two looks at a lock that another crawl holds."""


class DomainLockMiddleware:
    """Take a domain's lock before its first request and hold it until the spider closes.

    Settings: LOCKS_DIR, by default `locks` beside ARCHIVE; DOMAIN_LOCK_WAIT_S, the seconds to wait for
    another crawl before its requests are refused with `domain busy`. After a wait that was in vain the
    domain's other requests do not wait again.
    """

    def __init__(self, folder: Path, *, wait_s: float, going_on: Callable[[], bool]) -> None:
        self._going_on = going_on
        self._locks = DomainLocks(folder)
        self._wait_s = wait_s
        self._waits: dict[str, asyncio.Lock] = {}
        self._waited: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build with LOCKS_DIR or ARCHIVE and DOMAIN_LOCK_WAIT_S; release when the spider closes."""
        settings = crawler.settings
        beside = Path(settings.get("ARCHIVE") or "data/archive.db").parent / "locks"
        middleware = cls(
            Path(settings.get("LOCKS_DIR") or beside),
            wait_s=settings.getfloat("DOMAIN_LOCK_WAIT_S", 60),
            going_on=lambda: crawler.crawling,
        )
        crawler.signals.connect(middleware.spider_closed, signal=signals.spider_closed)
        return middleware

    async def process_request(self, request: Request) -> None:
        """Return once the domain is ours; refuse with `domain busy` when another crawl keeps it."""
        domain = slot_key(request.url)
        if self._locks.holds(domain):
            return
        async with self._waits.setdefault(domain, asyncio.Lock()):
            await self._take(domain)

    async def _take(self, domain: str) -> None:
        until = monotonic() + (0 if domain in self._waited else self._wait_s)
        try:
            while not self._locks.take(domain):
                self._locks.want(domain)
                if monotonic() >= until:
                    self._waited.add(domain)
                    raise Refused(Reason.DOMAIN_BUSY, domain)
                if not self._going_on():
                    raise Refused(Reason.STOPPED, domain)
                await asyncio.sleep(_POLL_S)
        finally:
            self._locks.give_up(domain)

    def wanted(self) -> bool:
        """Tell whether another crawl waits for a domain of this one; a crawl without an end asks now and then."""
        return self._locks.others_want()

    def let_go(self) -> None:
        """Let other crawls have the domains for now; the next request takes its own again, and waits for it again.

        For a crawl that has no request under way.
        """
        self._locks.release()
        self._waited.clear()

    def spider_closed(self) -> None:
        """Let other crawls have the domains."""
        self._locks.release()
