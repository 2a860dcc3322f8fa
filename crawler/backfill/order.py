"""What a person asks a backfill for: the days and the way, read from the arguments of a crawl."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args

from archive.backfills import Way
from archive.errors import DauysError
from crawler.backfill.window import Window
from crawler.source import Source

ARGUMENTS = ("since", "until", "from")
EXAMPLE = "scrapy crawl zakon -a since=2026-02-01 -a until=2026-03-20"


class OrderError(DauysError):
    """Raised when the arguments of a backfill make no sense; the message is one line for the person who typed them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A backfill as it is asked for; days are the outlet's own, both within."""

    since: date
    until: date
    way: Way = "site"

    def window(self, source: Source, oldest: date | None) -> Window:
        """Return the days to look at: not those before every topic's window, where `oldest` is its first day."""
        since = max(self.since, oldest) if oldest else self.since
        return Window(since=min(since, self.until), until=self.until, zone=source.timezone)


def read_order(arguments: Mapping[str, str], now: datetime) -> Order | None:
    """Return the backfill that crawl arguments ask for, or None when they ask for none. Raises OrderError."""
    if not any(arguments.get(name) for name in ARGUMENTS):
        return None
    if not arguments.get("since"):
        raise OrderError(f"a backfill needs the day to go back to, as in: {EXAMPLE}")
    today = now.date()
    since = _day(arguments["since"], "since")
    until = _day(arguments["until"], "until") if arguments.get("until") else today
    if since > until:
        raise OrderError(f"since={since} lies after until={until}; write the earlier day first, as in: {EXAMPLE}")
    if since > today:
        raise OrderError(f"since={since} lies in the future, there is nothing to fill in")
    way = arguments.get("from") or "site"
    if way not in get_args(Way):
        raise OrderError(f"from={way}: a backfill is made from {' or '.join(get_args(Way))}, site when nothing is said")
    return Order(since=since, until=until, way=way)  # type: ignore[arg-type]


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise OrderError(f"{name}={text} is no day; write it like {name}=2026-02-01") from None
