"""The scheduler alone on its archive, stopped in order and out of order: nothing is lost, nothing comes twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.end_to_end.river import LIMIT_S, River, wait_until
from tests.newsroom import Newsroom

START = "2026-03-10T05:00:00Z"
PARAGRAPH = (
    "Референдум по новой Конституции Казахстана обсудили жители улицы {0}: {1}. "
    "Голосование пройдёт 15 марта, участок откроется в семь утра, бюллетени уже привезли."
)
STREETS = (
    "Степная", "Речная", "Садовая", "Полевая", "Вокзальная", "Школьная", "Мирная", "Зелёная", "Рыбацкая", "Горная",
    "Почтовая", "Ключевая", "Снежная", "Лесная",
)  # fmt: skip
TALK = (
    "дворники", "врачи", "певцы", "пекари", "связисты", "портные", "гончары", "шахтёры", "рыбаки", "пастухи", "маляры",
    "повара", "плотники", "часовщики",
)  # fmt: skip
LATENCY_S = 1.2
"""Seconds before every answer of a slow day: a reader of pages has started before the last of them was sent."""


@pytest.fixture
def river(tmp_path: Path) -> Iterator[River]:
    """Return a river over one slow outlet with fourteen articles."""
    with Newsroom(outlets=[], clock=START, latency_s=LATENCY_S) as newsroom:
        newsroom.add_outlet("medlenny", name="Медленный вестник")
        for number, (street, people) in enumerate(zip(STREETS, TALK, strict=True)):
            newsroom.add_article(
                "medlenny",
                title=f"Референдум: {street} улица, {people}",
                text=PARAGRAPH.format(street, people),
                published=newsroom.clock.now() - timedelta(hours=number + 2),
            )
        yield River(folder=tmp_path, newsroom=newsroom)


def stored(river: River) -> set[str]:
    """Return the addresses of what is stored."""
    return {row["url"] for row in river.rows("select url from articles")}


def announced(river: River) -> set[str]:
    """Return the addresses of what was announced."""
    return {article["url"] for article in river.newsroom.ledger()["articles"]}


def wait_for_articles(river: River) -> None:
    """Wait until a crawl has stored some, while it goes on."""
    wait_until(lambda: stored(river), "an article")


def hurry(river: River) -> None:
    """End the slow day."""
    river.newsroom._desk.latency = 0.0


def fetched_twice(river: River) -> list[str]:
    """Return the addresses of articles whose page was served more than once."""
    served = Counter(request.path for request in river.asked_since(0) if request.status == 200)
    return [path for path, count in served.items() if count > 1 and "/news/9" in path]


def verified(river: River) -> None:
    """Demand that the archive holds together."""
    checked = river.run([sys.executable, "-m", "archive", "verify", "--archive", str(river.archive)])
    assert checked.code == 0, checked.said


def kill(process: subprocess.Popen[str]) -> None:
    """End a scheduler at once, as the kernel does when memory runs out."""
    process.kill()
    process.wait(LIMIT_S)


def test_stopped_in_order_it_loses_nothing(river: River) -> None:
    """SIGTERM in the middle of a crawl ends the scheduler with 0: its run is closed with a reason, what it stored is
    whole and the rest is due. The next round brings the rest once; after that nothing is due, and a scheduler that
    waits asks nothing, refuses a second one on its archive in a line, and ends with 0 as well."""
    first = river.begin()
    try:
        wait_for_articles(river)
        first.send_signal(signal.SIGTERM)
        assert first.wait(LIMIT_S) == 0
    finally:
        kill(first)
    (run,) = river.rows("select * from runs")
    assert run["outcome"] == "killed"
    assert "stopped" in run["reason"]
    assert run["ended_at"]
    before = stored(river)
    assert 1 <= len(before) < len(STREETS)
    assert run["articles_new"] == len(before)
    waiting = river.rows("select url, next_check_at, attempts from links where state = 'new'")
    assert {row["url"] for row in waiting} == announced(river) - before
    assert {(row["next_check_at"], row["attempts"]) for row in waiting} == {(None, 0)}
    verified(river)

    hurry(river)
    river.once()
    assert stored(river) == announced(river)
    assert fetched_twice(river) == []
    mark = river.newsroom.log.mark()
    waiting_one = river.begin()
    try:
        log = river.folder / "scheduler.log"
        wait_until(lambda: "crawling 1 outlets" in log.read_text(encoding="utf-8"), "a scheduler that waits")
        second = river.run(river.scheduler("--once"))
        assert second.code != 0
        assert second.err.splitlines() == [f"Error: {river.archive}: another scheduler is at work on this archive"]
        waiting_one.send_signal(signal.SIGTERM)
        assert waiting_one.wait(LIMIT_S) == 0
    finally:
        kill(waiting_one)
    assert river.asked_since(mark) == []


def test_killed_with_its_crawl_it_goes_on(river: River) -> None:
    """After kill -9 of the scheduler and of its crawl the next one closes the dead run, takes the locks over, mends
    the WARC file and brings what is missing; nothing is stored or counted twice."""
    process = river.begin()
    try:
        wait_for_articles(river)
    finally:
        kill(process)
    (run,) = river.rows("select * from runs")
    assert run["ended_at"] is None
    os.killpg(run["pid"], signal.SIGKILL)
    before = stored(river)
    assert len(before) < len(STREETS)

    hurry(river)
    river.once()
    dead, alive = river.rows("select * from runs order by id")
    assert (dead["outcome"], dead["ended_at"] is not None) == ("killed", True)
    assert dead["reason"]
    assert alive["outcome"] == "ok"
    assert stored(river) == announced(river)
    assert river.rows("select count(*) as n from articles")[0]["n"] == len(STREETS)
    # a page that was on its way when the crawl died is fetched again, and none that was stored
    assert {river.newsroom.url("medlenny", path) for path in fetched_twice(river)}.isdisjoint(before)
    assert not list(river.archive.parent.glob("warc/*.open"))
    verified(river)


def test_killed_alone_its_crawl_ends_with_it(river: River) -> None:
    """After kill -9 of the scheduler alone its crawl stops in order by itself, long before it is through. The next
    scheduler, started beside it, never asks the outlet at the same time, nor again for what the orphan had read."""
    process = river.begin()
    try:
        wait_for_articles(river)
    finally:
        kill(process)
    assert len(stored(river)) < len(STREETS)
    next_one = river.begin("--once")
    try:
        wait_until(lambda: len(river.rows("select 1 from runs")) == 2, "the second crawl")
        wait_until(lambda: river.rows("select 1 from runs where ended_at is not null"), "the end of the orphan")
        (orphan,) = river.rows("select * from runs where ended_at is not null")
        assert (orphan["outcome"], orphan["reason"]) == ("killed", "stopped by a signal")
        assert orphan["articles_new"] < len(STREETS)
        hurry(river)
        assert next_one.wait(LIMIT_S) == 0
    finally:
        kill(next_one)
    assert fetched_twice(river) == []
    river.newsroom.advance(minutes=20)
    river.once()
    assert stored(river) == announced(river)
    assert river.rows("select count(*) as n from articles")[0]["n"] == len(STREETS)
    assert {request.in_flight for request in river.asked_since(0)} == {1}
    verified(river)


def test_an_unknown_source_is_told_with_the_nearest(river: River) -> None:
    """A mistyped --source is one line with the id that was meant; nothing is asked and no archive is made."""
    ended = river.run(river.scheduler("--once", "--source", "medleny"))
    assert ended.code in (1, 2)
    (line,) = ended.err.splitlines()
    assert '"medleny"' in line or "medleny" in line
    assert "medlenny" in line
    assert not river.archive.exists()
    assert river.asked_since(0) == []
