from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.crawler.middlewares.crawling import crawl
from tests.mockserver import MIB, MockServer

pytestmark = pytest.mark.asyncio

TAKEN = {
    "/page/1": 200,
    "/not-gzip": 200,
    "/until-close": 200,
    "/bare-newlines": 200,
    "/hops/5": 200,
}
REFUSED = {
    "/drop": "broken answer",
    "/reset": "broken answer",
    "/short-body": "truncated",
    "/reset-body": "truncated",
    "/torn-chunks": "truncated",
    "/bad-chunks": "broken answer",
    "/torn-gzip": "truncated",
    "/bad-brotli": "broken encoding",
    "/unknown-encoding": "broken encoding",
    "/many-encodings": "broken encoding",
    "/huge": "too large",
    "/endless": "too large",
    "/bomb-gzip": "too large",
    "/bomb-deflate": "too large",
    "/bomb-br": "too large",
    "/bomb-zstd": "too large",
    "/bomb-nested": "too large",
    "/endless-headers": "broken answer",
    "/long-header": "broken answer",
    "/many-headers": "broken answer",
    "/http09": "broken answer",
    "/garbage": "broken answer",
    "/double-length": "broken answer",
    "/bad-length": "broken answer",
    "/negative-length": "broken answer",
    "/no-colon": "broken answer",
    "/hops/6": "too many redirects",
    "/round": "too many redirects",
    "/never": "time-out",
    "/slow-body": "time-out",
    "/slow-headers": "time-out",
    "/status/404": "http 404",
    "/status/500": "http 500",
    "/status/999": "http 999",
}


@pytest.mark.parametrize("path", TAKEN)
async def test_what_is_odd_but_whole_is_taken(web: MockServer, tmp_path: Path, path: str) -> None:
    site = web.site()
    outcome = await crawl(tmp_path, [site.url(path)])
    assert outcome.pages[site.url(path)].status == TAKEN[path]
    assert outcome.reasons == {}


@pytest.mark.parametrize("path", REFUSED)
async def test_each_misbehaviour_has_its_reason_and_good_pages_go_on(
    web: MockServer, tmp_path: Path, path: str
) -> None:
    """Five good pages of the same site and twenty of another are fetched whatever the bad one does."""
    bad, good = web.site(), web.site()
    urls = [bad.url(path), *(bad.url(f"/page/{n}") for n in range(5)), *(good.url(f"/page/{n}") for n in range(20))]
    # a busy machine may take seconds for a bomb: only what never comes is waited for in vain
    outcome = await crawl(tmp_path, urls, DOWNLOAD_TIMEOUT=2 if REFUSED[path] == "time-out" else 60)
    assert outcome.reasons == {bad.url(path): REFUSED[path]}
    assert len(outcome.pages) == 25


async def test_a_torn_page_is_asked_for_again_and_never_kept(web: MockServer, tmp_path: Path) -> None:
    site = web.site()
    torn = [site.url(path) for path in ("/torn-gzip", "/short-body", "/torn-chunks")]
    await crawl(tmp_path, torn)
    assert [len(site.seen(path)) for path in ("/torn-gzip", "/short-body", "/torn-chunks")] == [3, 3, 3]


async def test_what_another_attempt_would_meet_again_is_asked_for_once(web: MockServer, tmp_path: Path) -> None:
    site = web.site()
    paths = ["/huge", "/bomb-gzip", "/bad-brotli", "/status/404"]
    await crawl(tmp_path, [site.url(path) for path in paths])
    assert [len(site.seen(path)) for path in paths] == [1, 1, 1, 1]


async def test_the_event_loop_goes_on_while_bombs_come_in(web: MockServer, tmp_path: Path) -> None:
    """Between two turns of a ticking task the loop's thread spends less than a second of CPU."""
    gaps = [0.0]

    async def tick() -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0.01)
            gaps.append(time.thread_time() - last)
            last = time.thread_time()

    ticking = asyncio.create_task(tick())
    paths = ["/bomb-gzip", "/bomb-br", "/bomb-zstd", "/bomb-deflate", "/bomb-nested", "/endless", "/many-headers"]
    sites = [web.site() for _ in paths]
    await crawl(tmp_path, [site.url(path) for site, path in zip(sites, paths, strict=True)])
    ticking.cancel()
    assert max(gaps) < 1


async def test_the_limit_of_size_is_for_the_decoded_body_too(web: MockServer, tmp_path: Path) -> None:
    site = web.site()
    outcome = await crawl(tmp_path, [site.url("/bomb-gzip")], DOWNLOAD_MAXSIZE=65 * MIB)
    response = outcome.pages[site.url("/bomb-gzip")]
    assert len(response.body) == 64 * MIB
    assert "was:gzip" in response.flags
    assert b"Content-Encoding" not in response.headers
