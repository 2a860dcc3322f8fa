"""When to look next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawler import polling

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
ages = st.lists(st.timedeltas(timedelta(0), timedelta(days=400)), max_size=60)
waits = st.none() | st.timedeltas(timedelta(0), timedelta(days=400))


@given(ages=ages, links=st.integers(0, 500), new=st.integers(0, 500), previous=waits, asked=waits)
def test_every_interval_lies_between_five_minutes_and_a_day(ages, links, new, previous, asked):
    """Whatever an entry and its server say, it is asked again within a day and never within five minutes."""
    interval = polling.next_interval(
        published=[NOW - age for age in ages],
        links=links,
        new_links=min(new, links),
        previous=previous,
        now=NOW,
        asked_wait=asked,
    )
    assert polling.MIN_INTERVAL <= interval <= polling.MAX_INTERVAL


@given(ages=ages.filter(lambda ages: len(ages) > 1), asked=st.timedeltas(timedelta(0), timedelta(days=1)))
def test_a_server_that_asks_for_a_wait_gets_it(ages, asked):
    """TTL, Cache-Control and Retry-After are a floor, up to a day."""
    published = [NOW - age for age in ages]
    interval = polling.next_interval(
        published=published, links=len(ages), new_links=0, previous=None, now=NOW, asked_wait=asked
    )
    assert interval >= asked


@given(depth=st.integers(4, 100), gap=st.timedeltas(timedelta(minutes=11), timedelta(hours=20)))
def test_at_most_half_of_a_steady_feed_turns_over_between_polls(depth, gap):
    """A feed of N items at a steady rhythm is asked again before N/2 new ones have come."""
    published = [NOW - gap * n for n in range(depth)]
    interval = polling.next_interval(published=published, links=depth, new_links=0, previous=None, now=NOW)
    assert interval <= max(gap * depth / 2, polling.MIN_INTERVAL)


def test_a_ten_item_feed_that_turns_over_in_eleven_hours_is_polled_more_often_than_every_five():
    """The feed that the design names: ten items in eleven hours."""
    published = [NOW - timedelta(hours=1.1) * n for n in range(10)]
    interval = polling.next_interval(published=published, links=10, new_links=3, previous=None, now=NOW)
    assert timedelta(minutes=30) < interval < timedelta(hours=5)


def test_a_listing_without_dates_is_asked_more_often_the_more_of_it_is_new():
    """Without dates the share of unknown links is the rhythm."""

    def interval(new: int) -> timedelta:
        return polling.next_interval(published=[], links=40, new_links=new, previous=timedelta(hours=2), now=NOW)

    assert interval(40) < interval(20) < interval(2) < interval(0)


@given(failures=st.integers(1, 1_000), chance=st.floats(0, 1), asked=waits)
def test_a_failing_entry_is_asked_less_often_and_never_given_up(failures, chance, asked):
    """However long it fails, it is asked once a day at least."""
    wait = polling.backoff(failures, chance=chance, asked_wait=asked)
    assert timedelta(minutes=5) < wait <= timedelta(days=1)


@given(chance=st.floats(0, 1))
def test_the_wait_grows_with_the_failures(chance):
    """At the same chance more failures never mean a shorter wait."""
    waits = [polling.backoff(n, chance=chance) for n in range(1, 20)]
    assert waits == sorted(waits)


@given(interval=waits)
def test_an_entry_that_does_not_change_is_asked_a_little_less_often(interval):
    """304 after 304 drifts towards a day."""
    after = polling.unchanged_interval(interval)
    assert polling.MIN_INTERVAL <= after <= polling.MAX_INTERVAL
    if interval and polling.MIN_INTERVAL < interval < polling.MAX_INTERVAL:
        assert after > interval


def test_the_ladder_of_rechecks():
    """Fresh articles are looked at every quarter of an hour, old ones monthly, and after a year no more."""
    steps = {
        timedelta(hours=1): timedelta(minutes=15),
        timedelta(hours=5): timedelta(hours=1),
        timedelta(days=2): timedelta(hours=3),
        timedelta(days=8): timedelta(days=3),
        timedelta(days=100): timedelta(days=30),
    }
    for age, step in steps.items():
        assert polling.next_recheck(NOW - age, NOW, NOW) == NOW + step
    assert polling.next_recheck(NOW - timedelta(days=400), NOW, NOW) is None


def test_a_date_in_the_future_is_not_trusted_for_the_ladder():
    """An article that claims to be from tomorrow is as old as our knowledge of it."""
    assert polling.next_recheck(NOW + timedelta(days=2), NOW - timedelta(days=2), NOW) == NOW + timedelta(hours=3)
