"""What a hint tells: a date of publication decides, a name or a last change may, and the rest is asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import Link
from crawler.backfill.window import Span, Window, span_of_article, span_of_list, summed_up

ALMATY = ZoneInfo("Asia/Almaty")
WINDOW = Window(since=date(2026, 2, 1), until=date(2026, 3, 20), zone=ALMATY)


def link(url: str = "https://a.example/n/1", **more) -> Link:
    return Link(url=url, found_in="https://a.example/list", **more)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("/sitemap-2026-03.xml", "2026-03-01", "2026-03-31"),
        ("/sitemap_2026_2.xml.gz", "2026-02-01", "2026-02-28"),
        ("/sitemaps/20260315.xml", "2026-03-15", "2026-03-15"),
        ("/news-202602.xml", "2026-02-01", "2026-02-28"),
        ("/archive/2026/03/15/", "2026-03-15", "2026-03-15"),
        ("/arhiv/15-03-2026", "2026-03-15", "2026-03-15"),
        ("/sitemap.xml?yyyy=2026&mm=03&dd=15", "2026-03-15", "2026-03-15"),
        ("/sitemap.xml?year=2025", "2025-01-01", "2025-12-31"),
        ("/posts-2025.xml", "2025-01-01", "2025-12-31"),
        ("/2026/03/sitemap-2026-03-15.xml", "2026-03-15", "2026-03-15"),
    ],
)
def test_the_name_of_a_list_tells_its_days(name: str, first: str, last: str) -> None:
    """Years, months and days as outlets write them into names and queries."""
    span = span_of_list(f"https://a.example{name}")
    assert span is not None
    assert (span.first.isoformat(), span.last.isoformat()) == (first, last)


@pytest.mark.parametrize("name", ["/sitemap.xml", "/sitemap-35.xml", "/post-sitemap12.xml", "/map-2026-13.xml?x=1"])
def test_a_number_is_no_date(name: str) -> None:
    """Numbered sitemaps, and a thirteenth month, tell at most a year."""
    span = span_of_list(f"https://a.example{name}")
    assert span is None or span.of == "year"


@pytest.mark.parametrize(
    ("path", "days"),
    [
        ("/news/2026/03/15/title-of-it/", ("2026-03-15", "2026-03-15")),
        ("/politika/2026-03-15/3_11_title.html", ("2026-03-15", "2026-03-15")),
        ("/20260315/title", ("2026-03-15", "2026-03-15")),
        ("/habar/2026/03/1664/", ("2026-03-01", "2026-03-31")),
        ("/news/title-20260315", None),
        ("/news/202603151234-title", None),
        ("/news/6000123-title-2026.html", None),
        ("/news/2026", None),
    ],
)
def test_an_article_address_tells_only_by_folders(path: str, days: tuple[str, str] | None) -> None:
    """A date that is a folder, or begins one, is believed; a number within a name is more often an article's."""
    span = span_of_article(f"https://a.example{path}")
    assert (span and (span.first.isoformat(), span.last.isoformat())) == days


def test_a_date_of_publication_decides_on_the_outlets_own_calendar() -> None:
    """Half past midnight in Almaty is the day before in UTC, and within."""
    late = datetime(2026, 1, 31, 19, 30, tzinfo=UTC)
    assert WINDOW.of_link(link(published_hint=late)) == ("inside", date(2026, 2, 1))
    assert WINDOW.of_link(link(published_hint=late - timedelta(hours=1)))[0] == "older"
    assert WINDOW.of_link(link(published_hint=datetime(2026, 3, 20, 19, 30, tzinfo=UTC)))[0] == "newer"


def test_a_last_change_tells_only_of_what_is_older() -> None:
    """What has not changed since before is older; what has changed since may be of any age."""
    assert WINDOW.of_link(link(), datetime(2026, 1, 30, tzinfo=UTC))[0] == "older"
    assert WINDOW.of_link(link(), datetime(2026, 11, 1, tzinfo=UTC)) == ("unknown", date(2026, 11, 1))
    assert WINDOW.of_list("https://a.example/s-7.xml", datetime(2026, 1, 30, tzinfo=UTC)) == "older"
    assert WINDOW.of_list("https://a.example/s-7.xml", datetime(2026, 11, 1, tzinfo=UTC)) == "unknown"
    assert WINDOW.of_list("https://a.example/s-2026-01.xml", datetime(2026, 11, 1, tzinfo=UTC)) == "inside"  # 1 day
    assert WINDOW.of_list("https://a.example/s-2025-12.xml", datetime(2026, 11, 1, tzinfo=UTC)) == "older"
    assert WINDOW.of_list("https://a.example/s-2026-04.xml", None) == "newer"


@given(st.dates(date(1996, 1, 1), date(2098, 1, 1)))
def test_every_day_is_read_back_from_an_address(day: date) -> None:
    """A day written as folders is that day, whatever it is, and no other."""
    assert span_of_article(f"https://a.example/n/{day:%Y/%m/%d}/title") == Span(day, day, "day")
    assert span_of_list(f"https://a.example/sitemap-{day:%Y-%m-%d}.xml") == Span(day, day, "day")


@given(st.text(max_size=80))
def test_no_address_is_too_odd(text: str) -> None:
    """Addresses are what strangers wrote."""
    for function in (span_of_list, span_of_article):
        span = function(f"https://a.example/{text.replace('[', '')}")
        assert span is None or span.first <= span.last


def test_one_article_within_makes_a_list_worth_going_on() -> None:
    """A page is older only when nothing on it is within or without a date."""
    assert summed_up(["older", "inside", "newer"]) == "inside"
    assert summed_up(["older", "unknown"]) == "unknown"
    assert summed_up(["newer", "older"]) == "older"
    assert summed_up(["newer"]) == "newer"
    assert summed_up([]) == "nothing new"
