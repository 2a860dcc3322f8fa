"""The arguments of a backfill: what is typed wrong is said in one line, before anything is asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crawler.backfill.order import Order, OrderError, read_order

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_a_crawl_without_days_is_no_backfill() -> None:
    assert read_order({"due": "1"}, NOW) is None


def test_until_is_today_when_nothing_is_said() -> None:
    assert read_order({"since": "2026-02-01"}, NOW) == Order(since=date(2026, 2, 1), until=date(2026, 11, 26))
    asked = {"since": "2026-02-01", "until": "2026-03-20", "from": "wayback"}
    assert read_order(asked, NOW) == Order(since=date(2026, 2, 1), until=date(2026, 3, 20), way="wayback")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"until": "2026-03-20"}, "needs the day to go back to"),
        ({"since": "1.2.2026"}, "is no day"),
        ({"since": "2026-03-20", "until": "2026-02-01"}, "lies after"),
        ({"since": "2027-01-01", "until": "2027-02-01"}, "in the future"),
        ({"since": "2026-02-01", "from": "google"}, "site or wayback"),
    ],
)
def test_a_mistake_is_one_line(arguments: dict[str, str], said: str) -> None:
    with pytest.raises(OrderError, match=said) as caught:
        read_order(arguments, NOW)
    assert "\n" not in str(caught.value)
