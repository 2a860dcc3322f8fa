"""Archives by day: their addresses are written for the days that are asked for, and never followed."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from crawler.backfill.calendars import calendars, pages_of
from crawler.backfill.window import Window

WINDOW = Window(since=date(2026, 2, 27), until=date(2026, 3, 2), zone=ZoneInfo("Asia/Almaty"))


@pytest.mark.parametrize(
    ("form", "newest"),
    [
        ("https://a.example/archive/%Y/%m/%d/", "https://a.example/archive/2026/03/02/"),
        ("https://a.example/news?date=%Y-%m-%d", "https://a.example/news?date=2026-03-02"),
        ("https://a.example/%d.%m.%Y/", "https://a.example/02.03.2026/"),
        ("https://a.example/arhiv/%Y%m%d", "https://a.example/arhiv/20260302"),
    ],
)
def test_a_calendar_is_known_by_two_of_its_days(form: str, newest: str) -> None:
    """Its pages are those of the days asked for, newest first, also days that nothing linked to."""
    shown = [f"{date(2026, 11, 20) + timedelta(days=n):{form}}" for n in range(3)]
    (found,) = calendars(shown)
    assert pages_of(found, WINDOW)[0] == newest
    assert len(pages_of(found, WINDOW)) == 4
    assert calendars(shown[:1]) == []


def test_months_are_a_calendar_too() -> None:
    """Two months are touched by four days."""
    (found,) = calendars(["https://a.example/2025/11/", "https://a.example/2025/10/"])
    assert found.monthly
    assert pages_of(found, WINDOW) == ["https://a.example/2026/03/", "https://a.example/2026/02/"]


def test_articles_with_dates_are_no_calendar() -> None:
    """A title behind the date is an article's."""
    assert calendars(f"https://a.example/2026/03/{day:02}/title-of-it" for day in range(1, 20)) == []


def test_a_calendar_that_goes_on_for_ever_gives_the_days_asked_for() -> None:
    """A thousand years of links are four pages."""
    endless = (f"https://a.example/day/{date(2026, 1, 1) + timedelta(days=n)}" for n in range(20_000))
    (found,) = calendars(endless)
    assert len(pages_of(found, WINDOW)) == 4
