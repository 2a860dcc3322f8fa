"""Times that a clock which was wrong left ahead of all that is ever planned: found, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from archive.database import Database
from archive.db import write
from archive.times import stored

ENTRY_WAIT = timedelta(days=1, hours=1)
"""An entry is polled once a day at least, whatever its server asks for; the hour is for clocks of other machines."""
LINK_WAIT = timedelta(days=31)
"""A stored article is looked at once in 30 days at least, as long as it is looked at."""
SIGHT_SLACK = timedelta(hours=1)
"""A first sight of an absence lies in the past."""

_AHEAD = (
    ("entries", "next_check_at", ENTRY_WAIT, "next_check_at = :now", "{n} entries would not be polled until {last}"),
    ("links", "next_check_at", LINK_WAIT, "next_check_at = :now", "{n} links would not be looked at until {last}"),
    ("links", "missing_since", SIGHT_SLACK, "missing_since = null, missing_status = null",
     "{n} articles were seen missing in the future, the last at {last}"),
)  # fmt: skip


def ahead(db: Database, now: datetime) -> Iterator[str]:
    """Yield what lies ahead of all that is planned: the clock was ahead when it was written, or is behind now."""
    for table, column, wait, _, sentence in _AHEAD:
        n, last = db.execute(
            f"select count(*), max({column}) from {table} where {column} > ?", [stored(now + wait)]
        ).fetchone()
        if n:
            yield sentence.format(n=n, last=last)


def take_back(db: Database, now: datetime) -> list[str]:
    """Make due at once what lies too far ahead, and return what that was.

    The first sights of absences are forgotten: they are seen again.
    """
    found = list(ahead(db, now))
    if found:
        with write(db):
            for table, column, wait, change, _ in _AHEAD:
                db.execute(
                    f"update {table} set {change} where {column} > :limit",
                    {"now": stored(now), "limit": stored(now + wait)},
                )
    return found
