"""Where only the operating system's limit helps, a crawl meets it alone: no other outlet loses a page."""

from __future__ import annotations

from pathlib import Path

from crawler.runner import Crawl, CrawlOptions
from tests.end_to_end.river import wait_until
from tests.hostile.case import Cases
from tests.hostile.crawling import HURRY, ROOT, Source, rows_of
from tests.hostile.press import GOOD
from tests.mockserver import MIB, MockServer

CASES = Cases()
CASES.page("endless", "chunks without end", "/endless")


def test_a_crawl_that_meets_its_limit_of_memory_takes_nobody_along(tmp_path: Path) -> None:
    """One outlet sends without end to a crawl that reads without limit; the other's pages are all stored, and both
    runs are closed, the hungry one with a reason."""
    with MockServer() as web:
        bad, good = Source(web, CASES.all), Source(web, [])
        blocks = f"{bad.block('hungry')}\n{good.block('sound')}"
        (tmp_path / "sources.toml").write_text(blocks, encoding="utf-8")
        common = {
            "archive": tmp_path / "archive.db",
            "sources": tmp_path / "sources.toml",
            "topics": ROOT / "topics.toml",
            "allow_loopback": True,
        }
        unlimited = {**HURRY, "DOWNLOAD_MAXSIZE": "0", "DOWNLOAD_TIMEOUT": "600"}
        hungry = Crawl(
            "hungry", CrawlOptions(settings=tuple(unlimited.items()), memory_limit=900 * MIB, **common), root=ROOT
        )
        sound = Crawl("sound", CrawlOptions(settings=tuple(HURRY.items()), **common), root=ROOT)
        assert sound.wait().outcome == "ok"
        try:
            wait_until(lambda: hungry.has_ended or _gave_up(tmp_path), "the limit of memory")
        finally:
            hungry.stop()
        result = hungry.wait()
        assert result.outcome in ("killed", "partial", "failed")
        assert result.reason
        stored = rows_of(tmp_path / "archive.db", "select 1 from articles where source_id = 'sound'")
    assert len(stored) == GOOD
    assert not rows_of(tmp_path / "archive.db", "select 1 from runs where ended_at is null")


def _gave_up(folder: Path) -> bool:
    """Return whether the endless answer was given up, and the crawl went on."""
    rows = rows_of(folder / "archive.db", "select 1 from links where url like '%/endless' and last_error is not null")
    return bool(rows)
