"""The first round stores what the press announced; the next one asks only whether anything has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.end_to_end.river import Ended, River
from tests.newsroom import Newsroom
from tests.newsroom.log import Request

OUTLETS = ("tumar", "telkol", "pribrezh")
"""Two editions with AMP twins and a Crawl-delay; only a section, days without hours; windows-1251, a broken feed.
Nothing moves by itself on their pages."""


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """Two rounds, an hour apart, in which nothing was published."""

    river: River
    ledger: dict[str, Any]
    first: Ended
    asked_first: list[Request]
    second: Ended
    asked_second: list[Request]


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    """Run two rounds over three outlets."""
    with Newsroom(outlets=OUTLETS, clock="2026-02-26T12:00:00Z") as newsroom:
        river = River(folder=tmp_path_factory.mktemp("rounds"), newsroom=newsroom)
        ledger = newsroom.ledger()
        first = river.once()
        mark = newsroom.log.mark()
        newsroom.advance(hours=1)
        assert newsroom.ledger()["articles"] == ledger["articles"], "the hour was to pass without news"
        yield Rounds(
            river=river,
            ledger=ledger,
            first=first,
            asked_first=newsroom.log.since()[:mark],
            second=river.once(),
            asked_second=newsroom.log.since(mark),
        )


def test_what_was_announced_is_stored_once_with_its_facts(rounds: Rounds) -> None:
    """Every announced article on the topic is stored once, with the ledger's date, precision, language, title, text."""
    stored = rounds.river.articles()
    expected = {article["url"]: article for article in rounds.ledger["articles"] if article["on_topic"]}
    assert stored.keys() == expected.keys()
    assert len({article["language"] for article in expected.values()}) == 2
    assert {article["published_precision"] for article in expected.values()} == {"second", "minute", "day"}
    for url, article in expected.items():
        row = stored[url]
        day_only = article["published_precision"] == "day"
        assert row["published_at"] == (article["published_day"] if day_only else article["published_at"]), url
        assert row["published_precision"] == article["published_precision"], url
        assert (row["language"], row["script"]) == (article["language"], article["script"]), url
        assert row["title"] == article["title"], url
        # a byline under the text may be taken for its last line
        bylines = rounds.river.newsroom.press.pieces[article["id"]].authors
        assert [line for line in row["text"].splitlines() if line not in bylines] == article["paragraphs"], url
        assert (row["versions"], row["gone_at"]) == (1, None), url


def test_off_topic_articles_are_links_without_text(rounds: Rounds) -> None:
    """What was read and is on no topic stays in `links`, and its text is nowhere in the archive."""
    off = {article["url"]: article for article in rounds.ledger["articles"] if not article["on_topic"]}
    states = {row["url"]: row["state"] for row in rounds.river.rows("select url, state from links")}
    assert off
    assert {states[url] for url in off} == {"off-topic"}
    kept = rounds.river.archive.read_bytes()
    assert not [url for url, article in off.items() if article["paragraphs"][0].encode() in kept]


def test_robots_and_pace_are_kept(rounds: Rounds) -> None:
    """Nothing is fetched that robots.txt forbids, robots.txt comes first, and no host has two requests at a time."""
    asked = [*rounds.asked_first, *rounds.asked_second]
    assert not [request.path for request in asked if request.forbidden]
    assert {request.in_flight for request in asked} == {1}
    first = {request.host: request.path for request in reversed(asked)}
    assert set(first.values()) == {"/robots.txt"}
    assert all(request.headers["user-agent"].startswith("Dauys/") for request in asked)


def test_no_page_is_fetched_twice_in_a_round(rounds: Rounds) -> None:
    """One request for each article in the first round, whichever feeds and sitemaps list it, with or without AMP."""
    asked = Counter((request.host, request.path) for request in rounds.asked_first if request.status == 200)
    assert {address: count for address, count in asked.items() if count > 1} == {}
    pages = sum(row["pages"] for row in rounds.river.rows("select pages from runs"))
    assert pages == len(rounds.ledger["articles"])


def test_the_newest_articles_come_first(rounds: Rounds) -> None:
    """Of what waits in the frontier the newest is asked for first, so that a crawl cut short has today's news."""
    published = {article["url"]: article["published_at"] for article in rounds.ledger["articles"]}
    asked = [f"http://{request.host}{request.path}" for request in rounds.asked_first if request.outlet == "pribrezh"]
    times = [published[url] for url in asked if url in published]
    assert len(times) > 5
    assert times == sorted(times, reverse=True)


def test_a_round_without_news_costs_only_conditional_requests(rounds: Rounds) -> None:
    """An hour later nothing but robots.txt is served with a body; what is stored is asked for with its validators."""
    bodies = [request.path for request in rounds.asked_second if request.status == 200]
    assert set(bodies) <= {"/robots.txt"}, bodies
    not_modified = [request for request in rounds.asked_second if request.status == 304]
    assert not_modified
    assert all(request.conditional for request in not_modified)
    runs = rounds.river.rows("select * from runs where articles_new or articles_changed order by id")
    assert len(runs) == len(OUTLETS), "the second round stores nothing"


def test_a_round_without_news_reads_no_page_and_hardly_a_byte(rounds: Rounds) -> None:
    """The second round's runs have no page to parse, and the press sent a thirtieth of the first round's bytes."""
    first, *later = rounds.river.rows("select pages from runs order by id limit -1 offset ?", len(OUTLETS) - 1)
    assert first["pages"] > 0
    assert later
    assert {run["pages"] for run in later} == {0}
    sent_first, sent_second = (
        sum(request.bytes for request in asked) for asked in (rounds.asked_first, rounds.asked_second)
    )
    assert sent_second <= sent_first / 30, (sent_first, sent_second)
    assert len(rounds.asked_second) <= len(rounds.asked_first)


def test_every_crawl_has_a_closed_row_and_a_line(rounds: Rounds) -> None:
    """A run says how it ended, and its operator is told in a line."""
    runs = rounds.river.rows("select * from runs")
    for run in runs:
        # one outlet lists a page that its robots.txt forbids
        assert run["outcome"] == "ok" or run["reason"].endswith("robots: disallowed"), run
    assert all(run["ended_at"] >= run["started_at"] for run in runs)
    assert sum(run["requests"] for run in runs) == len(rounds.asked_first) + len(rounds.asked_second)
    for outlet in OUTLETS:
        assert f"{outlet}: " in rounds.first.err
    refused = rounds.river.rows("select last_error from links where state = 'refused'")
    assert {row["last_error"] for row in refused} == {"robots: disallowed"}
