from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.retry_after import LONGEST_S, retry_after_s

NOW = datetime(2026, 3, 15, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0), ("120", 120), (" 120 ", 120), ("86400", 86400), ("99999999999", LONGEST_S),
        ("Sun, 15 Mar 2026 07:02:00 GMT", 120), ("Sun, 15 Mar 2026 06:00:00 GMT", 0),
        ("Sun, 15 Mar 2026 12:02:00 +0500", 120), ("Wed, 15 Mar 2028 07:00:00 GMT", LONGEST_S),
        (None, None), ("", None), ("soon", None), ("-5", None), ("1.5", None), ("१२०", None),
        ("Sun, 99 Mar 2026 07:02:00 GMT", None), ("9" * 5000, None),
    ],
)  # fmt: skip
def test_seconds_and_dates_are_read_within_a_day(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, NOW) == seconds


@given(st.integers(-(10**6), 10**6))
@settings(deadline=None, max_examples=100)
def test_a_date_is_as_good_as_its_distance(distance: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=distance), usegmt=True)
    assert retry_after_s(date, NOW) == min(max(distance, 0), LONGEST_S)


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=300)
def test_anything_else_is_none_or_a_wait_within_a_day(value: str) -> None:
    seconds = retry_after_s(value, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_S
