"""The days of a backfill, and what a hint tells of a link: within them, older, newer, or nothing."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from archive.backfills import Told
from archive.records import Link

SLACK = timedelta(days=1)
"""How far a day in an address may be beside the day of publication: midnights of other zones, late evenings."""
FIRST_YEAR = 1995
LAST_YEAR = 2099

_Y, _M, _D = r"(?P<y>19\d\d|20\d\d)", r"(?P<m>0?[1-9]|1[0-2])", r"(?P<d>0?[1-9]|[12]\d|3[01])"
_SEPARATED = (
    re.compile(rf"(?<!\d){_Y}[/._-]{_M}[/._-]{_D}(?!\d)"),
    re.compile(rf"(?<!\d){_D}[/._-]{_M}[/._-]{_Y}(?!\d)"),
)
_COMPACT = re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(rf"(?<!\d){_Y}[/._-]{_M}(?!\d)")
_COMPACT_MONTH = re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?P<y>19\d\d|20\d\d)(?!\d)")
_QUERY = re.compile(r"(?:^|&)(yyyy|year|y|mm|month|m|dd|day|d)=(\d{1,4})(?=&|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both within; `of` says how exactly an address named them."""

    first: date
    last: date
    of: Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days that are asked for, in the outlet's `zone`; both ends belong to it."""

    since: date
    until: date
    zone: ZoneInfo

    def place(self, first: date, last: date) -> Told:
        """Tell where days that are surely between `first` and `last` lie."""
        if last < self.since:
            return "older"
        return "newer" if first > self.until else "inside"

    def day(self, moment: datetime) -> date:
        """Return the outlet's own day of a moment."""
        return moment.astimezone(self.zone).date()

    def of_link(self, link: Link, changed: datetime | None = None) -> tuple[Told, date | None]:
        """Tell where a link lies, and the day to put it in order by.

        A publication date decides; else a date in the address; else `changed`, the last change: what has not changed
        since before the window was published before it, and what has changed may be of any age.
        """
        if link.published_hint is not None:
            day = self.day(link.published_hint)
            return self.place(day, day), day
        span = span_of_article(link.url)
        if span is not None:
            told = self.place(span.first - SLACK, span.last + SLACK)
            return told, span.first if span.of == "day" else min(span.last, self.until)
        if changed is not None:
            day = self.day(changed)
            return ("older" if day < self.since else "unknown"), day
        return "unknown", None

    def of_list(self, url: str, changed: datetime | None) -> Told:
        """Tell where all that a sitemap lists lies, by the date in its name and by its last change."""
        span = span_of_list(url)
        if span is not None:
            told = self.place(span.first - SLACK, span.last + SLACK)
            if told != "inside":
                return told
        if changed is not None and self.day(changed) < self.since:
            return "older"
        return "inside" if span is not None else "unknown"

    def days(self) -> Iterable[date]:
        """Yield the days, the newest first."""
        day = self.until
        while day >= self.since:
            yield day
            day -= timedelta(days=1)


def summed_up(told: Iterable[Told]) -> Told:
    """Return what the links of a list tell together of the list."""
    all_told = set(told)
    if not all_told:
        return "nothing new"
    for one in ("inside", "unknown", "older"):
        if one in all_told:
            return one
    return "newer"


def span_of_list(url: str) -> Span | None:
    """Return the days that the name of a sitemap or an archive page says it holds, or None.

    `sitemap-2026-03.xml`, `sitemap_20260315.xml`, `/archive/2026/03/15/`, `?yyyy=2026&mm=03`, `posts-2025.xml`.
    """
    parts = urlsplit(url)
    given: dict[str, int] = {}
    for name, number in _QUERY.findall(parts.query):
        given.setdefault(name[0].lower(), int(number))
    if FIRST_YEAR <= given.get("y", 0) <= LAST_YEAR:
        return _span(given.get("y"), given.get("m"), given.get("d"))
    name = unquote(parts.path) + ("?" + unquote(parts.query) if parts.query else "")
    for pattern in (*_SEPARATED, _COMPACT, _MONTH, _COMPACT_MONTH, _YEAR):
        for match in reversed(list(pattern.finditer(name))):
            found = match.groupdict()
            span = _span(int(found["y"]), _number(found.get("m")), _number(found.get("d")))
            if span is not None:
                return span
    return None


def span_of_article(url: str) -> Span | None:
    """Return the day or month that an article's address carries as folders or as a whole, or None.

    Stricter than for lists: a number in an address is more often an article's than a day.
    """
    path = unquote(urlsplit(url).path)
    for pattern in (*_SEPARATED, _COMPACT):
        for match in pattern.finditer(path):
            if _stands_alone(path, match):
                span = _span(int(match["y"]), int(match["m"]), int(match["d"]))
                if span is not None:
                    return span
    month = re.search(rf"/{_Y}/{_M}/", path)
    return _span(int(month["y"]), int(month["m"]), None) if month else None


def _stands_alone(path: str, match: re.Match[str]) -> bool:
    """Tell whether a date is a folder or begins one: `/2026/03/15/`, `/2026-03-15-title`, not `/id-20260315`."""
    return path[match.start() - 1 : match.start()] == "/" and path[match.end() : match.end() + 1] in ("", "/", "-", "_")


def _span(year: int | None, month: int | None, day: int | None) -> Span | None:
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        if month is None:
            return Span(date(year, 1, 1), date(year, 12, 31), "year")
        if day is None:
            return Span(date(year, month, 1), date(year, month, monthrange(year, month)[1]), "month")
        return Span(date(year, month, day), date(year, month, day), "day")
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text else None
