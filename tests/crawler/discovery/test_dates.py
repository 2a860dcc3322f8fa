"""Dates of feeds and sitemaps are read in every deformation met, always aware, and never raise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.dates import parse_date

ALMATY = ZoneInfo("Asia/Almaty")
NAIVE_RANGE = (datetime(1990, 1, 1), datetime(2098, 1, 1))  # noqa: DTZ001 - hypothesis wants naive bounds


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Tue, 10 Mar 2026 12:00:00 +0500", "2026-03-10T12:00:00+05:00"),
        ("Tue, 10 Mar 2026 12:00:00 GMT", "2026-03-10T12:00:00+00:00"),
        ("Tue, 10 March 2026 12:00 EST", "2026-03-10T12:00:00-05:00"),
        ("10 Mar 26 12:00:00 Z", "2026-03-10T12:00:00+00:00"),
        ("Tue, 10 Mar 2026 12:00:00", "2026-03-10T12:00:00+05:00"),
        ("Tue, 10 Mar 2026 12:00:00 GMT+5", "2026-03-10T12:00:00+05:00"),
        ("Tue Mar 10 12:00:00 2026", "2026-03-10T12:00:00+05:00"),
        ("Вт, 10 Март 2026 12:00:00 +0500", "2026-03-10T12:00:00+05:00"),
        ("10 марта 2026, 12:00", "2026-03-10T12:00:00+05:00"),
        ("12:00, 10 наурыз 2026", "2026-03-10T12:00:00+05:00"),
        ("12:00 10.03.2026", "2026-03-10T12:00:00+05:00"),
        ("10/03/2026 12:00", "2026-03-10T12:00:00+05:00"),
        ("2026-03-10T12:00:00Z", "2026-03-10T12:00:00+00:00"),
        ("2026-03-10T12:00:00.123456+05:00", "2026-03-10T12:00:00+05:00"),
        ("2026-03-10T12:00+0500", "2026-03-10T12:00:00+05:00"),
        ("2026-03-10 12:00:00", "2026-03-10T12:00:00+05:00"),
        ("2026-03-10", "2026-03-10T00:00:00+05:00"),
        ("20260310", "2026-03-10T00:00:00+05:00"),
        ("2026-03-10T24:00:00Z", "2026-03-11T00:00:00+00:00"),
        ("1773126000", "2026-03-10T07:00:00+00:00"),
        ("Tue, 10 Mar 2026 01:05:00 PM +0500", "2026-03-10T13:05:00+05:00"),
        ("10 Mar 2024 12:00 ALMT", "2024-03-10T12:00:00+05:00"),
        ("10 Feb 2024 12:00 ALMT", "2024-02-10T12:00:00+06:00"),  # the zone moved on 2024-03-01
    ],
)
def test_a_written_moment_is_read(text: str, iso: str) -> None:
    moment = parse_date(text, ALMATY)
    assert moment is not None
    assert moment.isoformat() == iso


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        " ",
        "yesterday",
        "2026",
        "2026-02-30T25:61",
        "32 Mar 2026",
        "0000-00-00",
        "Март",
        "99999999999999",
        "a" * 5_000,
    ],
)
def test_what_names_no_day_gives_none(text: str | None) -> None:
    assert parse_date(text, ALMATY) is None


@settings(deadline=None, max_examples=150)
@given(st.datetimes(*NAIVE_RANGE), st.integers(-12, 14))
def test_rfc_822_and_iso_round_trip(moment: datetime, hours: int) -> None:
    sign, size = ("-", -hours) if hours < 0 else ("+", hours)
    rfc = f"{moment:%d %b %Y %H:%M:%S} {sign}{size:02}00"
    expected = (moment.replace(microsecond=0) - timedelta(hours=hours)).replace(tzinfo=UTC)
    assert parse_date(rfc, ALMATY) == expected
    assert parse_date(f"{moment:%Y-%m-%dT%H:%M:%S}{sign}{size:02}:00", ALMATY) == expected


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="0123456789:-+/., TZGMTмартнаурызJanabc", max_size=60))
def test_any_text_gives_an_aware_moment_or_none(text: str) -> None:
    moment = parse_date(text, ALMATY)
    assert moment is None or moment.tzinfo is not None
