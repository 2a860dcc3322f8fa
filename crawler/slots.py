"""One queue for each registered domain: its key, its slowest allowed pace, pauses, and giving up what waits in it."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from twisted.python.failure import Failure

from pipelines.canonical import BadURL, registered_domain

if TYPE_CHECKING:
    from scrapy.core.downloader import Downloader
    from scrapy.crawler import Crawler

    from crawler.reasons import Refused

_FLOOR = "floor"
_LEAST_DELAY_S = 0.001
"""Scrapy looks at the time of a slot's last request only when the slot has a delay at all."""


def slot_key(url: str) -> str:
    """Return the registered domain that requests for this address queue under.

    An address without one keeps its host as it is written; connecting to it will fail on its own.
    """
    try:
        return registered_domain(url)
    except BadURL:
        return urlsplit(url).netloc


def raise_floor(crawler: Crawler, key: str, seconds: float) -> None:
    """Let at least `seconds` pass between two requests of a domain, for the rest of the crawl."""
    downloader = _downloader(crawler)
    # Scrapy forgets an idle slot after a minute; what it makes a new one from is kept here.
    wanted = downloader.per_slot_settings.setdefault(key, {})
    wanted[_FLOOR] = max(wanted.get(_FLOOR, 0.0), seconds)
    wanted["delay"] = max(wanted.get("delay", downloader._delay), seconds)
    slot = downloader.slots.get(key)
    if slot is not None:
        slot.delay = max(slot.delay, seconds)


def floor_of(crawler: Crawler, key: str) -> float:
    """Return the least seconds between two requests of a domain that were asked for, 0 when none were."""
    return float(_downloader(crawler).per_slot_settings.get(key, {}).get(_FLOOR, 0.0))


def pause(crawler: Crawler, key: str, seconds: float) -> None:
    """Send nothing to a domain for `seconds`; what waits goes on waiting."""
    slot = _downloader(crawler).slots.get(key)
    if slot is not None:
        slot.delay = max(slot.delay, _LEAST_DELAY_S)
        slot.lastseen = max(slot.lastseen, monotonic() + seconds - slot.delay)


def give_up_waiting(crawler: Crawler, key: str, error: Refused, *, netloc: str | None = None) -> int:
    """Refuse what waits to be sent to a domain, or only to one host of it; return how many requests that were."""
    slot = _downloader(crawler).slots.get(key)
    if slot is None:
        return 0
    waiting = list(slot.queue)
    slot.queue.clear()
    dropped = [entry for entry in waiting if netloc is None or urlsplit(entry[0].url).netloc == netloc]
    slot.queue.extend(entry for entry in waiting if entry not in dropped)
    for _, deferred in dropped:
        deferred.errback(Failure(error))  # type: ignore[no-untyped-call]
    return len(dropped)


def _downloader(crawler: Crawler) -> Downloader:
    return crawler.engine.downloader
