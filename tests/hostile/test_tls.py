"""A certificate that nobody vouches for ends a crawl, or is excepted by the source and told in each page's row."""

from __future__ import annotations

from pathlib import Path

from crawler.runner import Crawl, CrawlOptions
from tests.crawler.middlewares.test_tls import self_signed
from tests.hostile.crawling import HURRY, ROOT, Source, rows_of
from tests.hostile.press import GOOD
from tests.mockserver import MockServer


def test_an_exception_is_the_sources_own_and_is_recorded(tmp_path: Path) -> None:
    """Of two outlets with such a certificate the strict one has no page and a reason, the other's pages are marked."""
    with MockServer() as web:
        context = self_signed(tmp_path)
        strict, lenient = Source(web, [], context), Source(web, [], context)
        excepted = lenient.block("lenient").replace("delay = 0", "delay = 0\ntls_verify = false")
        (tmp_path / "sources.toml").write_text(f"{strict.block('strict')}\n{excepted}", encoding="utf-8")
        options = CrawlOptions(
            archive=tmp_path / "archive.db",
            sources=tmp_path / "sources.toml",
            topics=ROOT / "topics.toml",
            allow_loopback=True,
            settings=tuple(HURRY.items()),
        )
        refused = Crawl("strict", options, root=ROOT).wait()
        crawled = Crawl("lenient", options, root=ROOT).wait()
    assert refused.outcome == "failed"
    assert str(refused.reason).endswith("tls")
    assert crawled.outcome == "ok", crawled.reason
    rows = rows_of(options.archive, "select source_id, tls_verified, count(*) as n from pages group by 1, 2")
    assert rows == [{"source_id": "lenient", "tls_verified": 0, "n": GOOD}]
