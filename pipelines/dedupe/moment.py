"""Says when an article counts as published, for deciding who was first. Pure."""

from __future__ import annotations

from datetime import timedelta

from archive.times import parsed

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def moment(published_at: str | None, first_seen_at: str) -> int:
    """Return seconds since 1970 from the stored publication time, or from when the article was first seen.

    Of a plain date only the day is known, so the article counts as published at the latest moment its date
    allows: when it was first seen, if that was on that day, else the day's last second (UTC). An article that
    only gives its day therefore never comes before one that shows an earlier time on the same day.
    """
    seen = parsed(first_seen_at)
    if not published_at:
        return int(seen.timestamp())
    published = parsed(published_at)
    if len(published_at) == len("2026-03-10"):
        last = published + _DAY - _SECOND
        published = seen if published <= seen < last else last
    return int(published.timestamp())
