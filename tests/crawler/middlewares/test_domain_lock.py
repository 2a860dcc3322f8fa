from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from crawler.locks import DomainLocks
from tests.crawler.middlewares.crawling import crawl, crawl_elsewhere
from tests.mockserver import MockServer

pytestmark = pytest.mark.asyncio


async def test_a_domain_is_asked_one_request_at_a_time(web: MockServer, tmp_path: Path) -> None:
    site = web.site(delay_s=0.01)
    other = web.site(delay_s=0.01)
    urls = [where.url(f"/page/{n}") for n in range(40) for where in (site, other)]
    outcome = await crawl(tmp_path, urls, CONCURRENT_REQUESTS=64)
    assert len(outcome.pages) == 80
    assert (site.most_at_once, other.most_at_once) == (1, 1)


async def test_a_redirect_to_another_domain_queues_there(web: MockServer, tmp_path: Path) -> None:
    home, target = web.site(delay_s=0.01), web.site(delay_s=0.01)
    urls = [home.url(f"/to?{target.url(f'/page/{n}')}") for n in range(10)]
    urls += [target.url(f"/page/own/{n}") for n in range(10)]
    outcome = await crawl(tmp_path, urls, CONCURRENT_REQUESTS=64)
    assert len(outcome.pages) == 20
    assert (home.most_at_once, target.most_at_once) == (1, 1)


async def test_two_processes_take_turns(web: MockServer, tmp_path: Path) -> None:
    site = web.site(delay_s=0.02)
    first = crawl_elsewhere(tmp_path, [site.url(f"/page/one/{n}") for n in range(15)], DOMAIN_LOCK_WAIT_S=30)
    second = await crawl(tmp_path, [site.url(f"/page/two/{n}") for n in range(15)], DOMAIN_LOCK_WAIT_S=30)
    told, _ = await asyncio.to_thread(first.communicate, None, 60)
    assert len(json.loads(told)["pages"]) == len(second.pages) == 15
    assert site.most_at_once == 1
    turns = ["one" if "/one/" in target else "two" for target in site.seen("/page")]
    assert turns in (["one"] * 15 + ["two"] * 15, ["two"] * 15 + ["one"] * 15)


async def test_two_crawls_of_one_process_take_turns(web: MockServer, tmp_path: Path) -> None:
    site = web.site(delay_s=0.01)
    both = [crawl(tmp_path, [site.url(f"/page/{name}/{n}") for n in range(10)]) for name in ("one", "two")]
    outcomes = await asyncio.gather(*both)
    assert [len(outcome.pages) for outcome in outcomes] == [10, 10]
    assert site.most_at_once == 1


async def test_a_domain_that_stays_busy_is_given_up_and_others_go_on(web: MockServer, tmp_path: Path) -> None:
    busy, free = web.site(), web.site()
    locks = DomainLocks(tmp_path / "locks")
    assert locks.take(busy.netloc)
    urls = [where.url(f"/page/{n}") for n in range(10) for where in (busy, free)]
    outcome = await crawl(tmp_path, urls, DOMAIN_LOCK_WAIT_S=0.5)
    locks.release()
    assert len(outcome.pages) == 10
    assert set(outcome.reasons.values()) == {"domain busy"}
    assert len(outcome.reasons) == 10
    assert busy.asked == []


async def test_the_locks_lie_beside_the_archive(web: MockServer, tmp_path: Path) -> None:
    site = web.site()
    await crawl(tmp_path, [site.url("/page/1")], LOCKS_DIR=None, ARCHIVE=str(tmp_path / "kept" / "archive.db"))
    assert len(list((tmp_path / "kept" / "locks").iterdir())) == 1
