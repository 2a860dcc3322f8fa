"""Entries and links: what is due, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.db import open_archive, write
from archive.frontier import MAX_ATTEMPTS, TOO_OLD, EntryRow, Frontier, SourceRow, settle
from archive.records import Link

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
SOURCE = SourceRow(
    id="tasaryk", name="Тасарык", homepage="https://tasaryk.example/", languages=("ru",), country="KZ", kind="private"
)
FEED = EntryRow(url="https://tasaryk.example/rss", kind="feed")
SECTION = EntryRow(url="https://tasaryk.example/news", kind="section", fallback=True)


@pytest.fixture
def frontier(tmp_path):
    db = open_archive(tmp_path / "archive.db")
    frontier = Frontier(db)
    frontier.register(SOURCE, [FEED, SECTION])
    yield frontier
    db.close()


@pytest.fixture
def db(frontier):
    return frontier._db


def link(n: int, **more) -> Link:
    return Link(url=f"https://tasaryk.example/{n}", found_in=FEED.url, **more)


def add(frontier, *links: Link, at=NOW, **more) -> int:
    return frontier.add("tasaryk", {one.url.removeprefix("https://"): one for one in links}, at=at, **more)


def due(frontier, at=NOW) -> list[str]:
    return [row.url for row in frontier.due_links("tasaryk", at, 100)]


def test_registering_again_keeps_what_was_learnt(frontier):
    """An entry that stays in the file keeps its validators and its rhythm; one that left is gone."""
    feed, section = frontier.entries("tasaryk")
    frontier.entry_answered(
        feed,
        at=NOW,
        next_check_at=NOW + timedelta(hours=1),
        interval_s=3600,
        etag='"a1"',
        last_modified=None,
        body_sha256="00",
        new_links=3,
    )
    frontier.register(SOURCE, [SECTION, FEED])
    assert [entry.url for entry in frontier.entries("tasaryk")] == [SECTION.url, FEED.url]
    frontier.register(SOURCE, [FEED])
    (kept,) = frontier.entries("tasaryk")
    assert (kept.etag, kept.interval_s, kept.last_new_at) == ('"a1"', 3600, NOW)
    assert section.url not in [entry.url for entry in frontier.entries("tasaryk")]


def test_failures_count_and_an_answer_forgives_them(frontier, db):
    """Each failure in a row is counted with its words; an answer sets the count to none."""
    feed = frontier.entries("tasaryk")[0]
    for _ in range(3):
        frontier.entry_failed(feed, next_check_at=NOW + timedelta(hours=1), error="http 500\x1b[31m")
    row = next(db.query("select failures, last_error from entries where url = ?", [feed.url]))
    assert row == {"failures": 3, "last_error": "http 500[31m"}
    frontier.entry_answered(
        feed, at=NOW, next_check_at=NOW, interval_s=300, etag=None, last_modified=None, body_sha256=None, new_links=0
    )
    assert frontier.entries("tasaryk")[0].failures == 0


def test_a_link_is_added_once_and_takes_later_hints(frontier):
    """Found again, a link is not new; what its first place did not say is taken from the next."""
    published = NOW - timedelta(hours=2)
    assert add(frontier, link(1), link(2)) == 2
    assert add(frontier, link(1, title_hint="Итоги", published_hint=published, hint_from="feed"), link(3)) == 1
    first = frontier.link("https://tasaryk.example/1")
    assert (first.title_hint, first.published_hint, first.hint_from) == ("Итоги", published, "feed")


def test_a_hint_that_is_there_stays(frontier):
    """The first word on a link is kept."""
    add(frontier, link(1, title_hint="Итоги", published_hint=NOW, hint_from="feed"))
    add(frontier, link(1, title_hint="Другое", published_hint=NOW - timedelta(days=9), hint_from="sitemap"))
    first = frontier.link("https://tasaryk.example/1")
    assert (first.title_hint, first.published_hint, first.hint_from) == ("Итоги", NOW, "feed")


def test_the_newest_links_come_first(frontier):
    """By the date of the hint, or else by when a link was found."""
    add(frontier, link(1, published_hint=NOW - timedelta(days=2)), link(2, published_hint=NOW - timedelta(days=1)))
    add(frontier, link(3), at=NOW - timedelta(hours=1))
    assert due(frontier) == [f"https://tasaryk.example/{n}" for n in (3, 2, 1)]


def test_links_older_than_every_topic_are_kept_and_not_asked_for(frontier, db):
    """They stay in the table, so that recall can be audited."""
    one = link(1)
    add(frontier, one, link(2), too_old={one.url.removeprefix("https://")})
    assert due(frontier) == ["https://tasaryk.example/2"]
    assert next(db.query("select state, last_error from links where url = ?", [one.url])) == {
        "state": "off-topic",
        "last_error": TOO_OLD,
    }


def test_a_failed_link_is_tried_again_later_and_not_for_ever(frontier):
    """It waits for its time, and after the last attempt it is left alone."""
    add(frontier, link(1))
    url = "https://tasaryk.example/1"
    for attempt in range(MAX_ATTEMPTS):
        assert due(frontier, NOW + timedelta(hours=attempt)) == [url]
        frontier.link_failed(url, state="failed", error="time-out", next_check_at=NOW + timedelta(hours=attempt + 1))
        assert due(frontier, NOW + timedelta(hours=attempt, minutes=30)) == []
    assert due(frontier, NOW + timedelta(days=900)) == []


def test_due_sources_are_those_with_something_to_do(frontier, db):
    """An entry, a new link or a failed one that is due makes its source due; a disabled source never is."""
    assert frontier.due_sources(NOW) == ["tasaryk"]
    for entry in frontier.entries("tasaryk"):
        frontier.entry_postponed(entry, NOW + timedelta(days=1))
    assert frontier.due_sources(NOW) == []
    add(frontier, link(1))
    assert frontier.due_sources(NOW) == ["tasaryk"]
    with write(db):
        settle(db, link(1).url, state="off-topic", article_id=None, next_check_at=None)
    assert frontier.due_sources(NOW) == []
    assert frontier.due_sources(NOW + timedelta(days=1)) == ["tasaryk"]
    frontier.disable_others([])
    assert frontier.due_sources(NOW + timedelta(days=1)) == []


def test_validators_that_are_absurd_are_not_kept(frontier):
    """A header of a megabyte is not sent back at every poll."""
    feed = frontier.entries("tasaryk")[0]
    frontier.entry_answered(
        feed,
        at=NOW,
        next_check_at=NOW,
        interval_s=300,
        etag='"' + "a" * 1_000_000 + '"',
        last_modified="Sun, 15 Mar 2026 07:00:00 GMT",
        body_sha256=None,
        new_links=0,
    )
    kept = frontier.entries("tasaryk")[0]
    assert (kept.etag, kept.last_modified) == (None, "Sun, 15 Mar 2026 07:00:00 GMT")
