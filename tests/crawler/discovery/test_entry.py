"""What of an entry is followed: an archive of years is read once, its newest parts at every poll."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from archive.frontier import EntryState
from crawler.discovery.answer import read_answer
from crawler.discovery.entry import MAX_UNDATED, EntryReader
from crawler.source import Entry, Source

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
INDEX = "https://tasaryk.example/sitemap.xml"
SECTION = "https://tasaryk.example/news/"


def reader(kind, url, *, last_ok_at=None, pages=1):
    source = Source(
        id="tasaryk",
        name="Тасарык",
        homepage="https://tasaryk.example/",
        languages=("ru",),
        country="KZ",
        kind="private",
        timezone=ZoneInfo("Asia/Almaty"),
        entries=(Entry(kind=kind, url=url, pages=pages),),
        domains=("tasaryk.example",),
    )
    state = EntryState(
        source_id="tasaryk", url=url, kind=kind, fallback=False, etag=None, last_modified=None, body_sha256=None,
        next_check_at=None, interval_s=None, failures=0, last_ok_at=last_ok_at, last_new_at=None,
    )  # fmt: skip
    return EntryReader(state, source)


def index(*children: str) -> bytes:
    rows = "".join(f"<sitemap>{child}</sitemap>" for child in children)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'.encode()


def child(n, lastmod=None):
    dated = f"<lastmod>{lastmod.isoformat()}</lastmod>" if lastmod else ""
    return f"<loc>https://tasaryk.example/sitemap-{n}.xml</loc>{dated}"


def read(one, body, url=INDEX):
    return one.take(read_answer(one.answer(body, url, None)), asked=url)


def test_all_sitemaps_of_an_index_are_read_once():
    """At the first poll nothing is known of any."""
    found = read(reader("sitemap", INDEX), index(*(child(n) for n in range(20))))
    assert len(found.next_urls) == 20
    assert found.children == tuple(f"https://tasaryk.example/sitemap-{n}.xml" for n in range(19, 19 - MAX_UNDATED, -1))


def test_later_only_what_may_have_changed_is_read():
    """Those dated after the last poll, and the newest of those without a date."""
    body = index(child(1, NOW - timedelta(days=40)), child(2, NOW), *(child(n) for n in range(10, 20)))
    found = read(reader("sitemap", INDEX, last_ok_at=NOW - timedelta(days=1)), body)
    numbers = [int(url.rpartition("-")[2].removesuffix(".xml")) for url in found.next_urls]
    assert sorted(numbers) == [2, 15, 16, 17, 18, 19]


def test_as_many_pages_of_a_section_are_followed_as_the_source_says():
    """`pages = 2` follows one page after the first."""
    page = b'<a href="/news/1-a-long-address">An article about the vote</a><a rel="next" href="/news/page/%d">2</a>'
    one = reader("section", SECTION, pages=2)
    assert read(one, page % 2, SECTION).next_urls == ("https://tasaryk.example/news/page/2",)
    assert read(one, page % 3, f"{SECTION}page/2").next_urls == ()


def test_what_is_no_feed_is_a_failure_with_its_cause():
    """A page of HTML in place of a feed is told as such."""
    found = read(reader("feed", "https://tasaryk.example/rss"), b"<!doctype html><html><body>404</body></html>")
    assert found.failure == "not a feed: HTML"
