from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest

from crawler.robots import MAX_BYTES
from tests.crawler.middlewares.crawling import crawl
from tests.crawler.middlewares.resolver import FakeResolver
from tests.mockserver import MIB, RESOURCES, Exchange, MockServer, in_turn, text

pytestmark = pytest.mark.asyncio
CLOSED = text(b"User-agent: *\nDisallow: /\n")


async def test_no_forbidden_page_is_fetched_however_many_wait(web: MockServer, tmp_path: Path) -> None:
    """Scrapy 2.19 itself fetches 38 of these 40 at 64 concurrent requests."""

    async def late(x: Exchange) -> None:
        await asyncio.sleep(0.3)
        await CLOSED(x)

    site = web.site({"/robots.txt": late})
    urls = [site.url(f"/page/{n}") for n in range(40)]
    crowd = {"CONCURRENT_REQUESTS": 64, "CONCURRENT_REQUESTS_PER_DOMAIN": 64}
    outcome = await crawl(tmp_path, urls, **crowd)
    assert site.seen("/page") == []
    assert len(site.seen("/robots.txt")) == 1
    assert set(outcome.reasons.values()) == {"robots: disallowed"}
    assert len(outcome.reasons) == 40


async def test_what_robots_txt_allows_is_fetched_and_nothing_else(web: MockServer, tmp_path: Path) -> None:
    site = web.site(
        {"/robots.txt": text(b"User-agent: *\nDisallow: /\n\nUser-agent: dauys\nDisallow: /page/private\n")},
    )
    outcome = await crawl(tmp_path, [site.url("/page/1"), site.url("/page/private/1")])
    assert list(outcome.pages) == [site.url("/page/1")]
    assert outcome.reasons == {site.url("/page/private/1"): "robots: disallowed"}


@pytest.mark.parametrize("status", ["401 No", "403 No", "404 No", "410 Gone", "418 Teapot"])
async def test_no_robots_txt_is_no_rule(web: MockServer, tmp_path: Path, status: str) -> None:
    site = web.site({"/robots.txt": text(b"User-agent: *\nDisallow: /", status)})
    outcome = await crawl(tmp_path, [site.url("/page/1")])
    assert list(outcome.pages) == [site.url("/page/1")]


UNAVAILABLE: dict[str, Any] = {
    "500": text(b"", "500 No"),
    "503": text(b"", "503 No"),
    "429": text(b"", "429 Too Many"),
    "304": text(b"", "304 Not Modified"),
    "silence": RESOURCES["/never"],
    "drop": RESOURCES["/drop"],
    "reset": RESOURCES["/reset"],
    "torn": RESOURCES["/short-body"],
    "slow": RESOURCES["/slow-body"],
    "garbage": RESOURCES["/garbage"],
    "endless headers": RESOURCES["/endless-headers"],
    "redirect to a file": text(b"", "302 Found", Location="file:///etc/passwd"),
}


@pytest.mark.parametrize("name", UNAVAILABLE)
async def test_a_robots_txt_that_cannot_be_had_forbids_for_now(web: MockServer, tmp_path: Path, name: str) -> None:
    site = web.site({"/robots.txt": UNAVAILABLE[name]})
    urls = [site.url(f"/page/{n}") for n in range(20)]
    outcome = await crawl(tmp_path, urls, DOWNLOAD_TIMEOUT=0.5)
    assert site.seen("/page") == []
    assert set(outcome.reasons.values()) == {"robots: unavailable"}
    assert len(outcome.reasons) == 20
    assert len({asked.at for asked in site.asked}) <= 4  # one retry, and the connection's own second try


async def test_an_unreachable_host_is_called_so_and_not_asked_for_each_page(web: MockServer, tmp_path: Path) -> None:
    netloc = web.dead_netloc()
    outcome = await crawl(tmp_path, [f"http://{netloc}/page/{n}" for n in range(20)])
    assert set(outcome.reasons.values()) == {"unreachable"}
    assert outcome.stats["robotstxt/request_count"] == 1


async def test_five_redirects_are_followed_and_more_are_absence(web: MockServer, tmp_path: Path) -> None:
    def chain(hops: int) -> dict[str, Any]:
        steps: dict[str, Any] = {
            f"/step{n}": text(b"", "302 Found", Location=f"/step{n + 1}" if n < hops else "/rules")
            for n in range(1, hops + 1)
        }
        return {**steps, "/robots.txt": steps["/step1"], "/step1": steps["/step1"], "/rules": CLOSED}

    five, six = web.site(chain(5)), web.site(chain(6))
    outcome = await crawl(tmp_path, [five.url("/page/1"), six.url("/page/1")])
    assert outcome.reasons == {five.url("/page/1"): "robots: disallowed"}
    assert list(outcome.pages) == [six.url("/page/1")]


LONG = b"User-agent: *\nDisallow: /page\n" + b"# padding\n" * (20 * MIB // 10)


async def endless_robots(x: Exchange) -> None:
    await x.head(headers={"Content-Type": "text/plain", "Transfer-Encoding": "chunked"})
    await x.raw(b"1e\r\nUser-agent: *\nDisallow: /page\n\r\n")
    while True:
        await x.raw(b"10000\r\n" + b"#" * 65535 + b"\n\r\n")


@pytest.mark.parametrize(
    "robots",
    [
        text(LONG),
        text(gzip.compress(LONG), Content_Encoding="gzip"),
        text(gzip.compress(LONG)[:-9], Content_Encoding="gzip"),
        endless_robots,
    ],
    ids=["20 MB", "a bomb", "a torn bomb", "endless"],
)
async def test_of_a_huge_robots_txt_the_beginning_counts(web: MockServer, tmp_path: Path, robots: Any) -> None:
    site = web.site({"/robots.txt": robots})
    outcome = await crawl(tmp_path, [site.url("/page/1"), site.url("/status/200")])
    assert outcome.reasons == {site.url("/page/1"): "robots: disallowed"}
    assert list(outcome.pages) == [site.url("/status/200")]
    assert outcome.stats["downloader/response_bytes"] < 4 * MAX_BYTES


async def test_robots_txt_is_tried_once_more(web: MockServer, tmp_path: Path) -> None:
    site = web.site({"/robots.txt": in_turn(RESOURCES["/drop"], RESOURCES["/drop"], CLOSED)})
    outcome = await crawl(tmp_path, [site.url("/page/1")])
    assert outcome.reasons == {site.url("/page/1"): "robots: disallowed"}


async def test_each_host_of_a_crawl_has_its_own_rules(web: MockServer, tmp_path: Path) -> None:
    """A redirect to another host meets that host's rules."""
    closed = web.site({"/robots.txt": CLOSED})
    open_ = web.site()
    url = open_.url(f"/to?{closed.url('/page/1')}")
    outcome = await crawl(tmp_path, [url, open_.url("/page/1")])
    assert outcome.reasons == {url: "robots: disallowed"}
    assert closed.seen("/page") == []


async def test_a_second_crawl_does_not_ask_again(web: MockServer, tmp_path: Path) -> None:
    """For a real outlet, that is: what a loopback port says is not kept."""
    site = web.site({"/robots.txt": CLOSED})
    url = f"http://press.example:{site.netloc.rpartition(':')[2]}/page/1"
    FakeResolver.answers["press.example"] = [["127.0.0.1"]]
    for _ in range(2):
        outcome = await crawl(tmp_path, [url, site.url("/page/1")], HOST_RESOLVER=FakeResolver)
        assert set(outcome.reasons.values()) == {"robots: disallowed"}
    assert [asked.headers["host"].partition(":")[0] for asked in site.asked].count("press.example") == 1
    assert len(site.asked) == 3


async def test_an_outage_of_robots_txt_is_not_kept(web: MockServer, tmp_path: Path) -> None:
    site = web.site({"/robots.txt": in_turn(text(b"", "500 No"), text(b"", "500 No"), text(b"", "404 No"))})
    url = f"http://press.example:{site.netloc.rpartition(':')[2]}/page/1"
    FakeResolver.answers["press.example"] = [["127.0.0.1"]]
    first = await crawl(tmp_path, [url], HOST_RESOLVER=FakeResolver)
    second = await crawl(tmp_path, [url], HOST_RESOLVER=FakeResolver)
    assert (first.reasons, list(second.pages)) == ({url: "robots: unavailable"}, [url])
