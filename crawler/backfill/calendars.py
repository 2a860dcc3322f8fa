"""Archives by day or month: recognises their addresses on a listing and writes those of the days that are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from crawler.backfill.window import Window

LEAST_DATES = 2
"""Different dates that an address must be met with on one page: one alone may be anything."""
MAX_CALENDARS = 3
"""Calendars followed of one listing; a site that has more writes them for every tag."""

_DAY = re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<s>[/._-]?)(?P<m>\d{2})(?P=s)(?P<d>\d{2})(?!\d)")
_DAY_FIRST = re.compile(r"(?<!\d)(?P<d>\d{2})(?P<s>[/._-])(?P<m>\d{2})(?P=s)(?P<y>20\d\d)(?!\d)")
_MONTH = re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<s>[/._-])(?P<m>\d{2})(?![\d]|[/._-]\d)")


@dataclass(frozen=True, slots=True)
class Calendar:
    """An address with a date in it, in parts: what stands before, the form of the date, what stands behind."""

    before: str
    form: str
    after: str

    @property
    def monthly(self) -> bool:
        """Tell whether its pages are of months."""
        return "%d" not in self.form

    def address(self, day: date) -> str:
        """Return the address of the page of a day."""
        return f"{self.before}{day.strftime(self.form)}{self.after}"


def calendars(addresses: Iterable[str]) -> list[Calendar]:
    """Return the calendars that at least LEAST_DATES of the addresses are pages of, daily ones before monthly ones."""
    met: dict[Calendar, set[str]] = {}
    for address in addresses:
        found = _calendar(address)
        if found is not None:
            met.setdefault(found, set()).add(address)
    good = [calendar for calendar, pages in met.items() if len(pages) >= LEAST_DATES]
    return sorted(good, key=lambda calendar: (calendar.monthly, -len(met[calendar])))[:MAX_CALENDARS]


def pages_of(calendar: Calendar, window: Window) -> list[str]:
    """Return the addresses of a calendar's pages within the window, newest first.

    They are written, not followed: a calendar that links to the day before for ever leads nowhere.
    """
    return list(dict.fromkeys(calendar.address(day) for day in window.days()))


def _calendar(address: str) -> Calendar | None:
    start = address.find("/", address.find("://") + 3)
    if start < 0:
        return None
    for pattern in (_DAY, _DAY_FIRST, _MONTH):
        match = pattern.search(address, start)
        if match is None:
            continue
        named, between = match.groupdict(), match["s"].replace("%", "%%")
        order = ("%d", "%m", "%Y") if pattern is _DAY_FIRST else ("%Y", "%m", "%d")
        form = between.join(order if "d" in named else ("%Y", "%m"))
        calendar = Calendar(address[: match.start()], form, address[match.end() :])
        try:
            day = date(int(named["y"]), int(named["m"]), int(named.get("d") or 1))
        except ValueError:
            continue
        # a title behind the date makes it an article's address
        if calendar.address(day) == address and not re.search(r"[^\W\d_]{3}", calendar.after.partition("?")[0]):
            return calendar
    return None
