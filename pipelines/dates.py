"""Reads dates as pages write them: ISO and mail stamps, Russian, Kazakh and English prose, 'Сегодня, 02:47'."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from archive.records import Precision, Provenance
from pipelines.calendar_words import ZONE_HOURS, days_back, month_of

LONGEST_TEXT = 300
"""Characters of a text that are searched for dates: a date line is far shorter, and the cost stays bounded."""
FIRST_YEAR = 1990
"""No news page is older than the web."""
FUTURE_ALLOWED = timedelta(days=1)
"""How far after the fetch a publication may lie: clocks and zones differ by less than a day."""

_WORD = r"[^\W\d_]{3,14}"
_DAY_MONTH_YEAR = re.compile(
    rf"(?<![\d.,:])(\d{{1,2}})(?:st|nd|rd|th|er|-?го|\.|º|ª)?[\s-]{{0,3}}(?:of\s|de\s)?({_WORD})\.?[,\s-]{{0,3}}"
    rf"(?:de\s|del\s)?(\d{{4}})(?!\d)"
)
_MONTH_DAY_YEAR = re.compile(
    rf"(?<![^\W\d_])({_WORD})\.?\s{{0,2}}(\d{{1,2}})(?:st|nd|rd|th)?(?:,\s{{0,2}}|\s{{1,2}})(\d{{4}})(?!\d)"
)
_YEAR_DAY_MONTH = re.compile(
    rf"(?<!\d)(\d{{4}})[\s,]{{0,2}}(?:[^\W\d_]{{1,8}}\.?)?[\s,]{{1,2}}(\d{{1,2}})[\s-]({_WORD})"
)
_DAY_MONTH = re.compile(rf"(?<![\d.,:])(\d{{1,2}})(?:st|nd|rd|th|-?го|\.)?\s{{1,2}}({_WORD})(?![^\W\d_])")
_DAY_MONTH_YEAR_DIGITS = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?![\d])(?!\2\d)")
_YEAR_MONTH_DAY_DIGITS = re.compile(r"(?<![\d./-])(\d{4})([./-])(\d{1,2})\2(\d{1,2})(?!\d|-\d)")
_CJK = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_COMPACT = re.compile(r"(?<![\d.])((?:19|20)\d\d)([01]\d)([0-3]\d)(?:T?([0-2]\d)([0-5]\d)([0-5]\d)?)?(?!\d)")
_RELATIVE = re.compile(
    # A word that stands alone or before a clock: 'Сегодня в Астане' is prose.
    r"(?:^|[\d|,;•·:—–-]\s{0,3})([^\W\d_]{4,9})(?:,?\s(?:20\d\d)(?!\d))?(?=\s{0,3}(?:[,|•·—–-]\s{0,2})?(?:(?:в|at|um|сағат)\s)?\d|[\s.]*$)"
)
_AGO = re.compile(
    r"(?<!\d)(\d{1,2})\s(?:(мин|min)|(час|сағ|hour|stunde)|(дн|день|дня|күн|day|tag))[^\W\d_]{0,7}\.?\s(?:назад|бұрын|ago)"
)

_TIME = r"([01]?\d|2[0-3])(?:[:h]|\.(?=\d\d\s?uhr))([0-5]\d)(?::([0-5]\d)(?:[.,]\d{1,9})?)?\s{0,2}([ap]\.?\s?m\b)?"
_TIME_AFTER = re.compile(
    r"[\s,;|·•/–—\-(\[T]{0,4}(?:г(?:ода?)?\.?|ж(?:ыл)?\.?|year|-|–)?[\s,;|·•–—-]{0,3}"
    r"(?:в|at|um|à|às|a las|alle ore|alle|ore|o|godz\.?|kl\.?|сағат|saǵat|klo|пополудни|time:)?[\s:,]{0,2}" + _TIME,
    re.IGNORECASE,
)
_TIME_BEFORE = re.compile(
    r"(?<![\d:.])" + _TIME + r"(?:\s?uhr)?[\s,;|·•/–—()-]{0,4}(?:on|am|le|el|,)?\s{0,2}$", re.IGNORECASE
)
_ZONE_AFTER = re.compile(
    r"[\s,|(]{0,4}(?:(utc|gmt)\s{0,2}([+−-])\s?(\d{1,2})(?::?(\d\d))?|([+−-])(\d\d):?(\d\d)?(?!\d)|([a-zа-я]{1,4})(?![^\W\d_]))",
    re.IGNORECASE,
)
_ISO = re.compile(
    r"\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[T\s]\s?|:)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s?"
    r"(?:(Z|UTC|GMT)|([+-])(\d{2}):?(\d{2})?)?)?(?![\d])",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"\s*(\d{10})(\d{3})?\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A moment as a page gives it: aware, how exact, and whether the page itself gave the offset and the year."""

    when: datetime
    precision: Precision
    zone_given: bool = False
    year_given: bool = True

    @property
    def day(self) -> str:
        """Return the date of the moment on the page's own calendar, YYYY-MM-DD."""
        return self.when.date().isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A moment with the place it was read from, the place's own name as detail for people."""

    stamp: Stamp
    source: Provenance
    detail: str


def plausible(stamp: Stamp, now: datetime) -> bool:
    """Tell whether the moment lies between the first web pages and a day after `now`, the time of the fetch."""
    return stamp.when.year >= FIRST_YEAR and stamp.when.astimezone(UTC) <= now.astimezone(UTC) + FUTURE_ALLOWED


def read_stamp(value: str, *, zone: tzinfo, now: datetime, month_first: bool = False) -> Stamp | None:
    """Read a machine-made date (an attribute, JSON-LD, a header), or the first date of a text; None when there is none.

    A stamp without an offset is read in `zone`. Midnight to the second is a day: so content systems write a date
    that has no time.
    """
    value = value[:LONGEST_TEXT].strip()
    if match := _ISO.match(value):
        year, month, day, hour, minute, second, utc, sign, zone_hours, zone_minutes = match.groups()
        offset = _offset(sign, zone_hours, zone_minutes) if sign else (UTC if utc else None)
        clock = (int(hour), int(minute), int(second) if second else None) if hour else None
        return _stamp(int(year), int(month), int(day), clock, offset, zone)
    if match := _EPOCH.match(value):
        return Stamp(when=datetime.fromtimestamp(int(match[1]), UTC), precision="second", zone_given=False)
    return next((stamp for _, _, stamp in locate_stamps(value, zone=zone, now=now, month_first=month_first)), None)


def locate_stamps(
    text: str, *, zone: tzinfo, now: datetime, month_first: bool = False
) -> Iterator[tuple[int, int, Stamp]]:
    """Yield start, end and moment of the dates written in `text`, in its order, with the clock and offset beside them.

    Only the first LONGEST_TEXT characters are read. `now` is what 'today', '3 hours ago' and a date without its
    year are counted from; `month_first` reads 03/10/2026 as the tenth of March.
    """
    text = text[:LONGEST_TEXT].replace("\xa0", " ").replace("\u202f", " ")
    local_now = now.astimezone(zone)
    taken = 0
    for start, end, year, month, day, year_given, clock in sorted(_dates(text, local_now, month_first), key=_rank):
        if start < taken:
            continue
        offset: tzinfo | None = None
        if clock is None:
            clock, offset, end = _clock_beside(text, start, end)
        stamp = _stamp(year, month, day, clock, offset, zone, year_given=year_given)
        if stamp is None:
            continue
        taken = end
        yield start, end, stamp


_Clock = tuple[int, int, int | None]
_Found = tuple[int, int, int, int, int, bool, _Clock | None]


def _rank(found: _Found) -> tuple[int, int]:
    return found[0], -found[1]


def _dates(text: str, now: datetime, month_first: bool) -> Iterator[_Found]:
    for match in _DAY_MONTH_YEAR.finditer(text):
        if month := month_of(match[2]):
            yield match.start(), match.end(), int(match[3]), month, int(match[1]), True, None
    for match in _MONTH_DAY_YEAR.finditer(text):
        if month := month_of(match[1]):
            yield match.start(), match.end(), int(match[3]), month, int(match[2]), True, None
    for match in _YEAR_DAY_MONTH.finditer(text):
        if month := month_of(match[3]):
            yield match.start(), match.end(), int(match[1]), month, int(match[2]), True, None
    for match in _DAY_MONTH.finditer(text):
        if month := month_of(match[2]):
            day = int(match[1])
            year = now.year if (month, day) <= (now.month, now.day) else now.year - 1
            yield match.start(), match.end(), year, month, day, False, None
    for match in _DAY_MONTH_YEAR_DIGITS.finditer(text):
        first, second = int(match[1]), int(match[3])
        year = int(match[4]) + (2000 if len(match[4]) == 2 else 0)
        if second > 12 or (month_first and match[2] == "/" and first <= 12):
            first, second = second, first
        yield match.start(), match.end(), year, second, first, True, None
    for pattern in (_YEAR_MONTH_DAY_DIGITS, _CJK):
        for match in pattern.finditer(text):
            year, month, day = (
                int(match[1]),
                int(match[match.lastindex - 1 if match.lastindex else 2]),
                int(match[match.lastindex or 3]),
            )
            yield match.start(), match.end(), year, month, day, True, None
    for match in _COMPACT.finditer(text):
        time = (int(match[4]), int(match[5]), int(match[6]) if match[6] else None) if match[4] else None
        yield match.start(), match.end(), int(match[1]), int(match[2]), int(match[3]), True, time
    yield from _relative_dates(text, now)


def _relative_dates(text: str, now: datetime) -> Iterator[_Found]:
    for match in _RELATIVE.finditer(text):
        back = days_back(match[1])
        if back is not None:
            day = now - timedelta(days=back)
            yield match.start(), match.end(), day.year, day.month, day.day, True, None
    for match in _AGO.finditer(text.lower()):
        number = int(match[1])
        if match[2]:
            moment = now - timedelta(minutes=number)
            clock: _Clock | None = (moment.hour, moment.minute, None)
        else:
            # An age in hours or days is rounded by the page: only the day is worth keeping.
            moment, clock = now - (timedelta(hours=number) if match[3] else timedelta(days=number)), None
        yield match.start(), match.end(), moment.year, moment.month, moment.day, True, clock


def _clock_beside(text: str, start: int, end: int) -> tuple[_Clock | None, tzinfo | None, int]:
    """Return the time of day next to a date at text[start:end], its offset and where the whole ends."""
    found = _TIME_AFTER.match(text, end)
    before = None if found else _TIME_BEFORE.search(text, max(0, start - 24), start)
    match = found or before
    if match is None:
        return None, None, end
    hour, minute, second, half = match.groups()
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    if found:
        end = found.end()
    offset, end = _zone_after(text, end)
    return (hours, int(minute), int(second) if second else None), offset, end


def _zone_after(text: str, end: int) -> tuple[tzinfo | None, int]:
    match = _ZONE_AFTER.match(text, end)
    if match is None:
        return None, end
    named, sign, hours, minutes, bare_sign, bare_hours, bare_minutes, name = match.groups()
    if named:
        return _offset(sign, hours, minutes), match.end()
    if bare_sign:
        return _offset(bare_sign, bare_hours, bare_minutes), match.end()
    known = ZONE_HOURS.get(name.lower())
    return (timezone(timedelta(hours=known)), match.end()) if known is not None else (None, end)


def _offset(sign: str, hours: str, minutes: str | None) -> timezone | None:
    """Return an offset east of Greenwich, None when it is none that exists (beyond 14 hours)."""
    total = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if total > timedelta(hours=14):
        return None
    return timezone(total if sign == "+" else -total)


def _stamp(
    year: int,
    month: int,
    day: int,
    clock: _Clock | None,
    offset: tzinfo | None,
    zone: tzinfo,
    *,
    year_given: bool = True,
) -> Stamp | None:
    hour, minute, second = clock or (0, 0, None)
    try:
        when = datetime(year, month, day, hour, minute, second or 0, tzinfo=offset or zone)
    except ValueError:
        return None
    if clock is None or (hour, minute, second) == (0, 0, 0):
        precision: Precision = "day"
    else:
        precision = "minute" if second is None else "second"
    return Stamp(when=when, precision=precision, zone_given=offset is not None, year_given=year_given)
