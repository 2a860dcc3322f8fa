"""Outlets that are crawled in one process: each has its own end, its own log, and no fate of another for long."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.crew import Crew
from crawler.dispatcher import Dispatcher
from crawler.runner import Crawl, CrawlOptions, CrawlResult
from crawler.sources import load_sources
from tests.end_to_end.river import LIMIT_S, ROOT, River, wait_until
from tests.newsroom import Answer, Newsroom

START = "2026-03-10T05:00:00Z"
TEXT = "Референдум по новой Конституции Казахстана пройдёт 15 марта. Участки откроются в семь утра, сообщает комиссия."
OUTLETS = ("stalling", "sound", "quick")
STALLED = "/news/7"


@pytest.fixture
def river(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[River]:
    """Return a river with three listed outlets, one of which has an article that never comes."""
    with Newsroom(outlets=[], clock=START, stall_s=60) as newsroom:
        for outlet in OUTLETS:
            newsroom.add_outlet(outlet)
            newsroom.add_article(outlet, title=f"Референдум: {outlet}", text=TEXT, published="2026-03-10T04:00:00Z")
        newsroom.add_article("stalling", title="Референдум: ждём", text=TEXT, path=STALLED, published="2026-03-10")
        newsroom.route("stalling", STALLED, Answer(stall=True))
        river = River(folder=tmp_path, newsroom=newsroom)
        river.list_outlets(monkeypatch)
        yield river


@pytest.fixture
def options(river: River) -> CrawlOptions:
    """Return what crawls of the river are started with."""
    return river.options(settings=(("AUTOTHROTTLE_ENABLED", "0"), ("DOWNLOAD_DELAY", "0")))


def stored(river: River) -> set[str]:
    """Return the titles in the archive."""
    return {row["title"] for row in river.rows("select title from articles")}


def test_crawls_of_one_process_end_one_by_one(river: River, options: CrawlOptions) -> None:
    """One that waits for ever is stopped, with the reason in its row; the others had ended well in the same process,
    and each has a log of its own with nothing of another in it."""
    crew = Crew(options, root=ROOT)
    crawls = {outlet: Crawl(outlet, options, root=ROOT, crew=crew) for outlet in OUTLETS}
    assert [crawls[outlet].wait().outcome for outlet in ("sound", "quick")] == ["ok", "ok"]
    wait_until(lambda: len(stored(river)) == len(OUTLETS), "what the stalling outlet gives")
    assert not crawls["stalling"].has_ended
    crawls["stalling"].stop("stopped for a test")
    result = crawls["stalling"].wait()
    assert (result.outcome, result.reason) == ("killed", "stopped for a test")
    assert [crawl.was_lost for crawl in crawls.values()] == [False, False, False]
    crew.close()
    logs = {path.stem: path.read_text(encoding="utf-8") for path in (river.folder / "logs").glob("*.log")}
    assert set(logs) >= set(OUTLETS)
    for outlet in OUTLETS:
        assert "Spider opened" in logs[outlet]
        assert not [other for other in OUTLETS if other != outlet and f"'{other}'" in logs[outlet]]


def test_after_its_end_a_process_takes_no_crawl(river: River, options: CrawlOptions) -> None:
    """A crawl that is given to one that has ended has ended itself, and says so."""
    crew = Crew(options, root=ROOT)
    crew.close()
    assert (crew.why, crew.exitcode) == (None, 0), "it ended by itself when it was told"
    crawl = Crawl("quick", options, root=ROOT, crew=crew)
    assert crawl.wait().outcome == "failed"
    assert crawl.was_lost
    assert not river.rows("select 1 from runs")


def test_the_death_of_the_process_is_nobodys_loss(river: River, options: CrawlOptions) -> None:
    """When it is killed, each of its outlets is crawled again at once in a process of its own, and all is stored; the
    next round has one process again."""
    sources = {source.id: source for source in load_sources(river.sources, allow_loopback=True).enabled}
    told: list[CrawlResult] = []
    one = Dispatcher(sources, options, root=ROOT, parallel=3, report=told.append)
    draining = threading.Thread(target=one.drain)
    draining.start()
    try:
        wait_until(lambda: [r for r in river.asked_since(0) if r.path == STALLED], "the stalled request")
        with one._changed:
            shared = {crawl.source_id: crawl.crew for crawl in one._state.running.values()}
            river.newsroom.route("stalling", STALLED, None)
            os.kill(shared["stalling"].pid, signal.SIGKILL)
        draining.join(LIMIT_S)
        assert not draining.is_alive()
        assert len(stored(river)) == len(OUTLETS) + 1
        killed = {result.source_id for result in told if result.outcome == "killed"}
        assert killed == set(shared)
        assert {result.source_id for result in told if result.outcome == "ok"} == set(OUTLETS)
        assert not river.rows("select 1 from runs where ended_at is null")
        assert not one._state.suspects
    finally:
        one.stop()
