"""When to look next: at an entry, after a failure, at a stored article. Pure; randomness and time are passed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

MIN_INTERVAL = timedelta(minutes=5)
"""The busiest outlets publish an item every few minutes; more often than this would be rude."""
MAX_INTERVAL = timedelta(hours=24)
"""Feeds that died come back: even a silent one is asked once a day."""
FIRST_INTERVAL = timedelta(minutes=15)
"""For an entry whose rhythm is not known yet."""
MAX_SERVER_WAIT = timedelta(days=1)
"""What a server asks for (TTL, Cache-Control, Retry-After) is honoured up to a day; a typo is not a ban."""
DEPTH_SHARE = 0.5
"""At most this share of a feed's items may turn over between two polls, or a burst loses some."""
JITTER = 0.2
"""Failures of many entries at once are spread by this share of the wait, up or down."""

# (age of the article, time to the next look), after NewsDiffs: most edits come in the first hours
_LADDER = (
    (timedelta(hours=3), timedelta(minutes=15)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=7), timedelta(hours=3)),
    (timedelta(days=30), timedelta(days=3)),
    (timedelta(days=365), timedelta(days=30)),
)


def next_interval(
    *,
    published: Sequence[datetime],
    links: int,
    new_links: int,
    previous: timedelta | None,
    now: datetime,
    asked_wait: timedelta | None = None,
) -> timedelta:
    """Return how long to wait before the next poll of an entry that answered.

    `published` holds the aware times of the items of the answer that have one, `links` counts all of them and
    `new_links` those that were not known. `asked_wait` is the longest of what the server asked for.
    """
    interval = _from_dates(published, now)
    if interval is None:
        interval = _from_news(links, new_links, previous or FIRST_INTERVAL)
    interval = max(MIN_INTERVAL, min(interval, MAX_INTERVAL))
    if asked_wait is not None:
        interval = max(interval, min(asked_wait, MAX_SERVER_WAIT))
    return interval


def unchanged_interval(previous: timedelta | None, *, asked_wait: timedelta | None = None) -> timedelta:
    """Return the wait after an answer with nothing new in it (304, or the same bytes): a little longer each time."""
    interval = max(MIN_INTERVAL, min((previous or FIRST_INTERVAL) * 1.25, MAX_INTERVAL))
    return max(interval, min(asked_wait, MAX_SERVER_WAIT)) if asked_wait is not None else interval


def backoff(failures: int, *, chance: float, asked_wait: timedelta | None = None) -> timedelta:
    """Return the wait after the latest of `failures` (1 or more) in a row: doubling, with jitter, at most a day.

    `chance` is a random number from 0 to 1.
    """
    wait = min(MIN_INTERVAL * float(1 << min(failures, 12)), MAX_INTERVAL)
    wait *= 1 + JITTER * (2 * chance - 1)
    if asked_wait is not None:
        wait = max(wait, asked_wait)
    return min(wait, MAX_SERVER_WAIT)


def next_recheck(published: datetime | None, first_seen: datetime, now: datetime) -> datetime | None:
    """Return when to look at a stored article again, by its age; None once it is a year old."""
    born = published if published is not None and published <= now else first_seen
    age = now - born
    return next((now + step for limit, step in _LADDER if age < limit), None)


def _from_dates(published: Sequence[datetime], now: datetime) -> timedelta | None:
    """Return the interval that the dates of the items call for: one item's time, at most half of the depth."""
    times = sorted((moment for moment in published if moment <= now), reverse=True)
    if len(times) < 2:
        return None
    # the newer half tells today's rhythm; the older one may hold last week's
    recent = times[: max(2, len(times) // 2 + 1)]
    gap = (recent[0] - recent[-1]) / (len(recent) - 1)
    silence = now - times[0]
    return min(max(gap, silence / len(recent)), len(times) * max(gap, silence / len(recent)) * DEPTH_SHARE)


def _from_news(links: int, new_links: int, previous: timedelta) -> timedelta:
    """Return the next interval of an entry without dates, from the share of its links that were new."""
    if new_links == 0:
        return previous * 1.5
    share = new_links / max(links, 1)
    return previous if share <= DEPTH_SHARE / 4 else previous * max(0.25, DEPTH_SHARE / 2 / share)
