from __future__ import annotations

from pathlib import Path

import pytest

from crawler.locks import DomainLocks
from tests.crawler.middlewares.crawling import crawl
from tests.mockserver import MockServer, text

pytestmark = pytest.mark.asyncio


async def test_a_crawl_that_is_told_to_stop_sends_nothing_more(tmp_path: Path) -> None:
    """The queue would take ten minutes at this Crawl-delay."""
    with MockServer() as web:
        site = web.site({"/robots.txt": text(b"User-agent: *\nCrawl-delay: 30\n")})
        urls = [site.url(f"/page/{n}") for n in range(20)]
        outcome = await crawl(tmp_path, urls, stop_when=lambda: len(site.asked) >= 1)
    assert len(site.seen("/page")) <= 1
    assert set(outcome.reasons.values()) <= {"stopped"}


async def test_it_does_not_wait_for_another_crawl_either(tmp_path: Path) -> None:
    with MockServer() as web:
        site = web.site()
        locks = DomainLocks(tmp_path / "locks")
        assert locks.take(site.netloc)
        asked = iter([False] * 20)
        outcome = await crawl(
            tmp_path, [site.url("/page/1")], stop_when=lambda: next(asked, True), DOMAIN_LOCK_WAIT_S=600
        )
        locks.release()
    assert list(outcome.reasons.values()) == ["stopped"]
