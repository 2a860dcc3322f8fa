"""What a list may bring: bounded whatever it says, and never in the way of an honest one."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import frontier as frontier_module
from archive import link_budget
from archive.db import open_archive
from archive.frontier import EntryRow, Frontier
from archive.link_budget import FEW_A_DAY, LINKS_A_DAY, MAX_WAITING, room
from archive.records import Link
from tests.archive.test_frontier import FEED, SECTION, SOURCE

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_day_is_bounded_and_the_few_always_pass(today: int, waiting: int) -> None:
    """No entry passes its day, or adds to a full queue more than the few that keep today's news flowing."""
    most, why = room(today=today, waiting=waiting)
    assert 0 <= most <= LINKS_A_DAY
    assert today + most <= max(today, LINKS_A_DAY)
    assert most >= FEW_A_DAY - today
    assert most <= max(0, MAX_WAITING - waiting, FEW_A_DAY - today)
    assert "new ones a day" in why or "wait" in why


def test_an_honest_first_look_is_taken_whole() -> None:
    """Four sitemaps of archives, 5,000 addresses each, and a feed beside them that is looked at all day."""
    waiting = 0
    for _ in range(4):
        assert room(today=0, waiting=waiting)[0] >= 5_000
        waiting += 5_000
    assert room(today=900, waiting=waiting)[0] >= 100


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a handful be many."""
    for name, value in (("LINKS_A_DAY", 10), ("MAX_WAITING", 12), ("FEW_A_DAY", 3)):
        monkeypatch.setattr(link_budget, name, value)
    monkeypatch.setattr(frontier_module, "MAX_WAITING", 12)


def listed(first: int, last: int, found_in: str = FEED.url) -> dict[str, Link]:
    return {
        f"tasaryk.example/{n}": Link(url=f"https://tasaryk.example/{n}", found_in=found_in) for n in range(first, last)
    }


@pytest.mark.usefixtures("small")
def test_an_entry_brings_so_many_a_day_and_goes_on_the_next(tmp_path: Path) -> None:
    """What is known is no part of it, too old links are, and what was left out comes on another day."""
    with closing(open_archive(tmp_path / "archive.db")) as db:
        frontier = Frontier(db)
        frontier.register(SOURCE, [FEED, SECTION])
        feed, section = frontier.entries("tasaryk")
        old = listed(0, 8)
        assert frontier.take(feed, old, at=NOW, too_old=old.keys()).new == 8
        taken = frontier.take(feed, listed(0, 15), at=NOW + timedelta(hours=1))
        assert (taken.new, taken.left_out, taken.why) == (2, 5, "more than 10 new ones a day")
        # another entry has a budget of its own, and nobody's is used up by looking twice
        assert frontier.take(section, listed(100, 105), at=NOW).new == 5
        assert frontier.take(section, listed(100, 106), at=NOW).new == 1
        (row,) = db.query("select links_day, links_on_day, links_left_out from entries where kind = 'feed'")
        assert row == {"links_day": "2026-03-15", "links_on_day": 10, "links_left_out": 5}
        taken = frontier.take(feed, listed(0, 15), at=NOW + timedelta(days=1))
        assert (taken.new, taken.left_out) == (4, 1)
        assert taken.why == "more than 12 wait"
        # what a backfill or a person asks for is bounded by who asks
        assert frontier.add("tasaryk", listed(200, 260), at=NOW) == 60


@pytest.mark.usefixtures("small")
def test_a_full_queue_keeps_no_news_out(tmp_path: Path) -> None:
    """Where one entry has piled links up, another one still brings its few a day, a new entry as well."""
    extra = EntryRow(url="https://tasaryk.example/rss2", kind="feed")
    with closing(open_archive(tmp_path / "archive.db")) as db:
        frontier = Frontier(db)
        frontier.register(SOURCE, [FEED, SECTION, extra])
        feed, section, late = frontier.entries("tasaryk")
        assert frontier.take(feed, listed(0, 20), at=NOW).new == 10
        assert frontier.take(section, listed(100, 120), at=NOW).new == 3
        taken = frontier.take(late, listed(200, 220), at=NOW)
        assert (taken.new, taken.left_out, taken.why) == (3, 17, "more than 12 wait")
        assert frontier.take(late, listed(200, 203), at=NOW).left_out == 0
