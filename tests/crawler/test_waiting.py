"""What waits in a process of crawls is bounded: pages by their bytes, links as rows; and nothing that waits is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from archive.db import connect
from archive.frontier import Frontier
from archive.records import Link
from crawler.crawling import REQUESTS_AHEAD, WAITING_BYTES
from crawler.crew import Crew
from crawler.runner import Crawl, CrawlOptions
from crawler.waiting import QUEUED
from pipelines.canonical import url_key
from tests.end_to_end.river import ROOT, River, wait_until
from tests.newsroom import Answer, Newsroom

START = "2026-03-10T05:00:00Z"
TEXT = "Референдум по новой Конституции Казахстана пройдёт 15 марта. Участки откроются в семь утра, сообщает комиссия."
FILLER = 200_000
PAGES = 40
REFUSED = QUEUED + 20


@pytest.fixture
def river(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[River]:
    """Return a river with an outlet of many large pages, and one of none."""
    with Newsroom(outlets=[], clock=START) as newsroom:
        for outlet in ("large", "empty"):
            newsroom.add_outlet(outlet)
        for number in range(PAGES):
            title = f"Референдум: участок {number}"
            body = f"<h1>{title}</h1><article><p>{TEXT} Участок {number}.</p></article><!--{'x' * FILLER}-->"
            newsroom.add_article("large", title=title, html=f"<html><title>{title}</title><body>{body}</body></html>")
        river = River(folder=tmp_path, newsroom=newsroom)
        river.list_outlets(monkeypatch)
        yield river


def listed(river: River, paths: list[str]) -> None:
    """Add links of the large outlet to the frontier."""
    urls = [river.newsroom.url("large", path) for path in paths]
    with closing(connect(river.archive)) as db:
        links = {url_key(url): Link(url=url, found_in="a test") for url in urls}
        assert Frontier(db).add("large", links, at=datetime.now(UTC)) == len(urls)


@pytest.fixture
def options(river: River) -> CrawlOptions:
    """Return what crawls of the river are started with: one process that reads pages."""
    return river.options(settings=(("AUTOTHROTTLE_ENABLED", "0"), ("DOWNLOAD_DELAY", "0")), readers=1)


def asked(river: River) -> int:
    """Return how many pages of the large outlet were asked for."""
    return len({one.path for one in river.asked_since(0) if one.path.startswith("/news/9")})


def to_readers(crew: Crew, number: signal.Signals) -> None:
    """Send a signal to the processes that read for a crew."""
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "reader" and os.getpgid(process.pid) == crew.pid:
            process.send_signal(number)


def test_a_crawl_asks_for_no_more_pages_than_may_wait(river: River, options: CrawlOptions) -> None:
    """While nobody reads, pages are fetched up to the room that they have; all are stored once somebody does."""
    listed(river, [f"/news/{90_000 + number}" for number in range(PAGES)])
    crew = Crew(options, root=ROOT)
    assert Crawl("empty", options, root=ROOT, crew=crew).wait().outcome == "ok"
    crawl = Crawl("large", options, root=ROOT, crew=crew)

    def is_stopped_and_full() -> bool:
        if asked(river):
            to_readers(crew, signal.SIGSTOP)
        return asked(river) >= WAITING_BYTES // FILLER

    wait_until(is_stopped_and_full, "pages that wait")
    for _ in range(3):  # the time that the process takes for this would be enough to fetch all the others
        Crawl("empty", options, root=ROOT, crew=crew).wait()
    read = len(river.articles())
    assert asked(river) <= read + WAITING_BYTES // FILLER + REQUESTS_AHEAD + 3 < PAGES
    to_readers(crew, signal.SIGCONT)
    assert crawl.wait().outcome == "ok"
    crew.close()
    assert len(river.articles()) == PAGES


def test_links_that_a_site_refuses_hold_up_none_that_wait(river: River, options: CrawlOptions) -> None:
    """More of them than the queue has room for come before the others, and never reach the network; a link whose
    request comes later is asked for in the same crawl."""
    robots = Answer(body=b"User-agent: *\nDisallow: /closed/\n", content_type="text/plain")
    river.newsroom.route("large", "/robots.txt", robots)
    listed(river, [f"/closed/{number}" for number in range(REFUSED)])
    crew = Crew(options, root=ROOT)
    assert Crawl("large", options, root=ROOT, crew=crew).wait().outcome == "ok"
    crew.close()
    states = {row["state"]: row["links"] for row in river.rows("select state, count(*) as links from links group by 1")}
    assert states == {"refused": REFUSED, "stored": len(river.articles())}
    assert len(river.articles()) > 0
