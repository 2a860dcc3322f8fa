"""Reads the dates that feeds and sitemaps carry: RFC 822 and its deformations, ISO 8601, Russian and Kazakh months."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from pipelines.calendar_words import ZONE_HOURS, month_of

MAX_LENGTH = 100
"""Characters; the longest real one, with weekday and zone written out, has under 60."""

_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})"
    r"(?:[T\s]{1,3}(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d{1,9})?)?\s?(Z|UTC|GMT|[+-]\d{2}:?\d{0,2})?)?\s*\Z",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s?([ap]\.?m\b)?", re.IGNORECASE)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[./-](\d{1,2})[./-](\d{1,2})(?!\d)")
_OFFSET = re.compile(r"(?:(?:gmt|utc)\s?)?([+-])(\d{1,2}):?(\d{2})?(?!\d)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"(?<![\d:+-])\d{1,4}(?![\d:])")
_TIMESTAMP = re.compile(r"(\d{10})(?:\d{3})?\Z")

_ALMATY = dict.fromkeys(("almt", "алматы"), ZoneInfo("Asia/Almaty"))
"""The zone's name, which was UTC+6 until 2024-03-01 and is UTC+5 since: no constant offset would do."""
_ZONES: dict[str, tzinfo] = {
    **{name: timezone(timedelta(hours=hours)) for name, hours in ZONE_HOURS.items()},
    "ut": UTC,
    **_ALMATY,
}


def parse_date(raw: str | None, zone: tzinfo) -> datetime | None:
    """Return the moment that `raw` names, aware, or None when it names no day between 1970 and 2099.

    A time without an offset is one of `zone`; a day without a time is its midnight there. Never raises.
    """
    if not raw:
        return None
    text = " ".join(raw[: 2 * MAX_LENGTH].split())
    if not text or len(text) > MAX_LENGTH:
        return None
    try:
        return _from_iso(text, zone) or _from_timestamp(text) or _from_words(text.lower(), zone)
    except (ValueError, OverflowError):
        return None


def _from_iso(text: str, zone: tzinfo) -> datetime | None:
    match = _ISO.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, offset = match.groups()
    spot = zone if offset is None else _offset(offset)
    return _moment(int(year), int(month), int(day), (hour, minute, second), spot)


def _from_timestamp(text: str) -> datetime | None:
    match = _TIMESTAMP.match(text)
    return _plausible(datetime.fromtimestamp(int(match.group(1)), UTC)) if match else None


def _from_words(text: str, zone: tzinfo) -> datetime | None:
    clock = _CLOCK.search(text)
    rest = text if clock is None else f"{text[: clock.start()]} {text[clock.end() :]}"
    day = _day(rest)
    if day is None:
        return None
    spot: tzinfo | None = None
    offset = _OFFSET.search(text, clock.end()) if clock else None
    if offset is not None:
        spot = _offset(offset.group().lower().removeprefix("gmt").removeprefix("utc").strip())
    words = _WORD.findall(rest)
    if spot is None:
        spot = next((_ZONES[word] for word in words if word in _ZONES), zone)
    hms: tuple[str | None, ...] = (None, None, None)
    if clock is not None:
        hour, minute, second, half = clock.groups()
        if half and int(hour) <= 12:
            hour = str(int(hour) % 12 + (12 if half.startswith("p") else 0))
        hms = (hour, minute, second)
    return _moment(day.year, day.month, day.day, hms, spot)


def _day(text: str) -> date | None:
    match = _YEAR_FIRST.search(text)
    if match:
        return date(int(match.group(1)), int(match.group(2)), int(match.group(3)))
    match = _NUMERIC.search(text)
    if match:
        first, second, year = (int(part) for part in match.groups())
        if second > 12 >= first:  # the American order, when nothing else makes sense
            first, second = second, first
        return date(_year(year, match.group(3)), second, first)
    month = next((number for word in _WORD.findall(text) if (number := month_of(word))), None)
    numbers = _NUMBER.findall(text)
    if month is None or len(numbers) < 2:
        return None
    first, second = numbers[0], numbers[1]
    day, year = (second, first) if len(first) == 4 else (first, second)
    return date(_year(int(year), year), month, int(day))


def _year(number: int, written: str) -> int:
    if len(written) != 2:
        return number
    return number + (2000 if number < 70 else 1900)  # RFC 822's two digits


def _offset(text: str) -> tzinfo:
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    if text.count(":"):
        hours, minutes = text[1:].split(":")
        digits = f"{hours:0>2}{minutes}"
    hours_n, minutes_n = int(digits[:2]), int(digits[2:4] or 0)
    if hours_n > 14 or minutes_n > 59:
        raise ValueError(text)
    span = timedelta(hours=hours_n, minutes=minutes_n)
    return timezone(-span if text[0] == "-" else span)


def _moment(year: int, month: int, day: int, hms: tuple[str | None, ...], zone: tzinfo) -> datetime | None:
    hour, minute, second = (int(part or 0) for part in hms)
    start = datetime(year, month, day, tzinfo=zone)
    if hour == 24 and minute == 0:  # the midnight at the end of the day
        return _plausible(start + timedelta(days=1))
    return _plausible(start.replace(hour=hour, minute=minute, second=min(second, 59)))


def _plausible(moment: datetime) -> datetime | None:
    return moment if 1970 <= moment.year <= 2099 else None
