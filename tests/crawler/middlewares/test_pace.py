from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.core.downloader import Slot

from crawler.slots import floor_of, give_up_waiting, pause, raise_floor, slot_key
from tests.crawler.middlewares.crawling import crawl
from tests.mockserver import RESOURCES, Exchange, MockServer, Site, in_turn, text

EARLY = 0.9
"""Timers may fire this much before their time. Means are compared: a request that the machine held up arrives
late, and the next one then seems early."""


def gaps(site: Site, beginning: str = "/page") -> list[float]:
    times = [asked.at for asked in site.asked if asked.target.startswith(beginning)]
    return [later - earlier for earlier, later in pairwise(times)]


def fake_crawler() -> Any:
    downloader = SimpleNamespace(per_slot_settings={}, slots={"a.kz": Slot(1, 0.5)}, _delay=1.0)
    return SimpleNamespace(engine=SimpleNamespace(downloader=downloader))


def test_a_floor_only_rises_and_outlives_the_slot() -> None:
    crawler = fake_crawler()
    for seconds in (3, 10, 5):
        raise_floor(crawler, "a.kz", seconds)
    assert crawler.engine.downloader.slots["a.kz"].delay == 10
    assert crawler.engine.downloader.per_slot_settings["a.kz"]["delay"] == 10
    assert (floor_of(crawler, "a.kz"), floor_of(crawler, "b.kz")) == (10, 0)


def test_a_floor_below_the_start_delay_does_not_speed_the_start_up() -> None:
    crawler = fake_crawler()
    raise_floor(crawler, "b.kz", 0.2)
    assert crawler.engine.downloader.per_slot_settings["b.kz"]["delay"] == 1.0


def test_a_pause_is_never_shortened() -> None:
    crawler = fake_crawler()
    pause(crawler, "a.kz", 100)
    until = crawler.engine.downloader.slots["a.kz"].lastseen
    pause(crawler, "a.kz", 1)
    assert crawler.engine.downloader.slots["a.kz"].lastseen == until
    pause(crawler, "unknown.kz", 1)
    assert give_up_waiting(crawler, "unknown.kz", None) == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://kaz.zakon.kz/a", "zakon.kz"),
        ("http://127.0.0.1:8001/", "127.0.0.1:8001"),
        ("http://a..b/", "a..b"),
    ],
)
def test_the_queue_is_the_registered_domain(url: str, key: str) -> None:
    assert slot_key(url) == key


@pytest.mark.asyncio
async def test_crawl_delay_is_kept_though_the_site_is_fast(web: MockServer, tmp_path: Path) -> None:
    """AutoThrottle alone would go down to the latency, and Scrapy's jitter to half of the delay."""
    site = web.site({"/robots.txt": text(b"User-agent: *\nCrawl-delay: 0.3\n")})
    await crawl(tmp_path, [site.url(f"/page/{n}") for n in range(6)])
    assert len(gaps(site)) == 5
    assert fmean(gaps(site)) >= 0.3 * EARLY


@pytest.mark.asyncio
async def test_the_delay_of_the_source_is_kept(web: MockServer, tmp_path: Path) -> None:
    site = web.site()
    await crawl(tmp_path, [site.url(f"/page/{n}") for n in range(5)], DOWNLOAD_DELAY=0.25)
    assert fmean(gaps(site)) >= 0.25 * EARLY


@pytest.mark.asyncio
async def test_a_slow_site_is_asked_less_often(web: MockServer, tmp_path: Path) -> None:
    site = web.site(delay_s=0.2)
    await crawl(tmp_path, [site.url(f"/page/{n}") for n in range(4)])
    assert fmean(gaps(site)[1:]) >= 0.2 * EARLY


@pytest.mark.asyncio
@pytest.mark.parametrize("status", ["429", "503"])
async def test_a_short_retry_after_is_waited_for(web: MockServer, tmp_path: Path, status: str) -> None:
    """The whole domain waits, not only the request that was told to."""
    busy = text(b"", f"{status} Busy", Retry_After="1")
    site = web.site({"/page": in_turn(busy, RESOURCES["/page"])})
    outcome = await crawl(tmp_path, [site.url(f"/page/{n}") for n in range(3)])
    assert len(outcome.pages) == 3
    assert gaps(site)[0] >= EARLY


def later(seconds: int) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("value", "least", "most"),
    [("3600", 3600, 3600), ("99999999", 86400, 86400), (None, 6900, 7200)],
    ids=["seconds", "for ever", "a date"],
)
async def test_a_long_retry_after_ends_the_visit(
    web: MockServer, tmp_path: Path, value: str | None, least: float, most: float
) -> None:
    """No further request of the domain is sent, and each is told how long to wait."""
    site = web.site({"/page": text(b"", "429 Too Many", Retry_After=value or later(7200))})
    other = web.site()
    urls = [site.url(f"/page/{n}") for n in range(10)]
    outcome = await crawl(tmp_path, [*urls, other.url("/page/1")])
    assert len(site.seen("/page")) == 1
    assert set(outcome.reasons.values()) == {"retry-after"}
    assert list(outcome.pages) == [other.url("/page/1")]
    waits = [outcome.errors[url].retry_after_s for url in urls]  # type: ignore[attr-defined]
    assert all(least - 30 <= wait <= most for wait in waits)
    assert [outcome.requests[url].meta["retry_after_s"] for url in urls] == waits


@pytest.mark.asyncio
async def test_retries_are_bounded_and_an_unreadable_wait_is_none(web: MockServer, tmp_path: Path) -> None:
    site = web.site()
    url = site.url("/retry-after/503/soon")
    outcome = await crawl(tmp_path, [url])
    assert outcome.reasons == {url: "http 503"}
    assert len(site.seen("/retry-after")) == 3


@pytest.mark.asyncio
@pytest.mark.parametrize("status", ["301", "200", "404"])
async def test_retry_after_with_another_status_changes_nothing(web: MockServer, tmp_path: Path, status: str) -> None:
    async def moved(x: Exchange) -> None:
        await x.answer(b"", f"{status} Whatever", {"Retry-After": "3600", "Location": "/page/1"})

    site = web.site({"/moved": moved})
    outcome = await crawl(tmp_path, [site.url("/moved"), site.url("/page/2")])
    assert site.url("/page/2") in outcome.pages
    assert outcome.reasons == ({site.url("/moved"): "http 404"} if status == "404" else {})


@pytest.mark.asyncio
async def test_a_dead_host_is_given_up_and_the_good_ones_do_not_wait(web: MockServer, tmp_path: Path) -> None:
    """24 addresses of three hosts that never answer, 20 good ones: all good pages, and of a dead host three
    attempts and the one that the queue had sent before the third was known to have failed."""
    dead = [web.site() for _ in range(3)]
    good = web.site()
    urls = [site.url(f"/never/{n}") for n in range(8) for site in dead]
    pages = [good.url(f"/page/{n}") for n in range(20)]
    outcome = await crawl(tmp_path, [*urls, *pages], DOWNLOAD_TIMEOUT=0.5)
    assert sorted(outcome.pages) == sorted(pages)
    assert all(len(site.seen("/never")) <= 4 for site in dead)
    assert set(outcome.reasons.values()) <= {"time-out", "host down"}
    assert list(outcome.reasons.values()).count("host down") >= 18


@pytest.mark.asyncio
async def test_a_host_that_answers_now_and_then_is_not_down(web: MockServer, tmp_path: Path) -> None:
    site = web.site({"/mixed": in_turn(*[RESOURCES["/never"], RESOURCES["/never"], RESOURCES["/page"]] * 3)})
    requests = [Request(site.url(f"/mixed/{n}"), priority=-n) for n in range(3)]
    outcome = await crawl(tmp_path, requests, DOWNLOAD_TIMEOUT=0.3, RETRY_TIMES=5)
    assert len(outcome.pages) == 3
