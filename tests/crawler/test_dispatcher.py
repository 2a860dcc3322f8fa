"""Crawls are started within limits: so many at a time, never two on one registered domain, none for ever."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archive.db import open_archive
from crawler import crews as crews_module
from crawler import dispatcher as module
from crawler.dispatcher import MAX_ROUNDS, Dispatcher
from crawler.housekeeping import register
from crawler.runner import CrawlOptions, CrawlResult
from crawler.source import Entry, Source
from tests.end_to_end.river import LIMIT_S, wait_until


def source(source_id: str, domain: str) -> Source:
    """Return an outlet with one feed."""
    return Source(
        id=source_id, name=source_id, homepage=f"https://{domain}/", languages=("ru",), country="KZ", kind="private",
        timezone=ZoneInfo("Asia/Almaty"), domains=(domain,),
        entries=(Entry(kind="feed", url=f"https://{source_id}.{domain}/rss"),),
    )  # fmt: skip


class FakeCrawl:
    """A crawl that lasts until it is told to end, and leaves everything due."""

    lock = threading.Lock()
    running: list[FakeCrawl]
    most: int
    met: set[frozenset[str]]
    started: Counter[str]
    outcome = "ok"
    endless = True
    was_lost = False

    def __init__(self, source_id: str, options: CrawlOptions, *, root: Path, crew: object) -> None:
        self.source_id = source_id
        self.crew = crew
        self.end = threading.Event()
        if not self.endless:
            self.end.set()
        with self.lock:
            cls = type(self)
            cls.running.append(self)
            cls.started[source_id] += 1
            cls.most = max(cls.most, len(cls.running))
            cls.met |= {frozenset((source_id, other.source_id)) for other in cls.running if other is not self}

    def wait(self) -> CrawlResult:
        assert self.end.wait(LIMIT_S)
        with self.lock:
            type(self).running.remove(self)
        return CrawlResult(source_id=self.source_id, outcome=self.outcome, reason=None, counters={})

    def stop(self) -> None:
        self.end.set()


class FakeCrew:
    """A process that is there and does nothing."""

    has_ended = False

    def __init__(self, options: CrawlOptions, *, root: Path) -> None: ...

    def close(self) -> None:
        """End."""
        self.has_ended = True


@pytest.fixture
def crawls(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeCrawl]]:
    """Put fake crawls in the place of subprocesses."""
    fresh = type(
        "Crawls", (FakeCrawl,), {"running": [], "most": 0, "met": set(), "started": Counter(), "lock": threading.Lock()}
    )
    monkeypatch.setattr(module, "Crawl", fresh)
    monkeypatch.setattr(crews_module, "Crew", FakeCrew)
    yield fresh
    for crawl in list(fresh.running):
        crawl.end.set()


def dispatcher(tmp_path: Path, *sources: Source, parallel: int, told: list[CrawlResult] | None = None) -> Dispatcher:
    """Return a dispatcher over outlets that have never been polled."""
    archive = tmp_path / "archive.db"
    open_archive(archive).close()
    register(archive, sources, all_listed=True)
    options = CrawlOptions(archive=archive, sources=tmp_path / "s.toml", topics=tmp_path / "t.toml")
    report = (told if told is not None else []).append
    return Dispatcher({one.id: one for one in sources}, options, root=tmp_path, parallel=parallel, report=report)


def test_no_more_than_so_many_at_a_time(tmp_path: Path, crawls: type[FakeCrawl]) -> None:
    """With room for two, two of four due outlets are crawled, and one more for each that ends."""
    one = dispatcher(tmp_path, *(source(f"s{n}", f"s{n}.kz") for n in range(4)), parallel=2)
    assert one.start_due() == ["s0", "s1"]
    assert one.start_due() == []
    crawls.running[0].end.set()
    started: list[str] = []
    wait_until(lambda: started.extend(one.start_due()) or started, "room for the next")
    # the one that ended is due still, since a fake crawl polls nothing
    assert len(crawls.running) == 2
    one.stop()
    assert crawls.most == 2
    assert crawls.running == []


def test_never_two_on_one_domain(tmp_path: Path, crawls: type[FakeCrawl]) -> None:
    """Two outlets of one registered domain wait for each other; a third on its own does not."""
    crawls.endless = False
    sources = (source("kaz", "zhurnal.kz"), source("rus", "zhurnal.kz"), source("other", "other.kz"))
    told: list[CrawlResult] = []
    one = dispatcher(tmp_path, *sources, parallel=3, told=told)
    one.drain()
    one.stop()
    assert frozenset(("kaz", "rus")) not in crawls.met
    assert set(crawls.started) == {"kaz", "rus", "other"}
    assert len(told) == sum(crawls.started.values())


def test_what_is_always_due_is_not_crawled_for_ever(tmp_path: Path, crawls: type[FakeCrawl]) -> None:
    """One round polls an outlet that stays due so often and no more, and one that failed only once."""
    crawls.endless = False
    one = dispatcher(tmp_path, source("busy", "busy.kz"), parallel=1)
    one.drain()
    assert crawls.started == {"busy": MAX_ROUNDS}
    crawls.outcome = "failed"
    crawls.started.clear()
    one.drain()
    assert crawls.started == {"busy": 1}
    one.stop()


def test_a_report_that_fails_stops_nobody(
    tmp_path: Path, crawls: type[FakeCrawl], caplog: pytest.LogCaptureFixture
) -> None:
    """An error while a crawl's end is told leaves the domain free and the others running."""
    crawls.endless = False

    def broken(result: CrawlResult) -> None:
        raise OSError("the terminal is gone")

    one = dispatcher(tmp_path, source("a", "a.kz"), source("b", "b.kz"), parallel=1)
    one._report = broken
    one.drain()
    one.stop()
    assert set(crawls.started) == {"a", "b"}
    assert "could not be recorded" in caplog.text


def test_after_stop_nothing_starts(tmp_path: Path, crawls: type[FakeCrawl]) -> None:
    """A stopped dispatcher starts no crawl, and its drain returns."""
    one = dispatcher(tmp_path, source("a", "a.kz"), parallel=1)
    one.stop()
    assert one.start_due() == []
    one.drain()
    assert not crawls.started
