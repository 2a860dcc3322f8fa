"""Sitemaps of every kind give links and children; the caps hold against endless and hostile ones."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.records import Link
from crawler.discovery.sitemap import (
    MAX_LOCS,
    MAX_READ,
    ChildSitemap,
    SitemapBudget,
    SitemapResult,
    parse_sitemap,
)

ALMATY = ZoneInfo("Asia/Almaty")
URL = "https://gazeta.example/sitemap.xml"

NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://gazeta.example/news/1</loc><image:image><image:loc>https://gazeta.example/1.jpg</image:loc>
<image:title>Снимок</image:title></image:image>
<news:news><news:publication><news:name>Газета</news:name><news:language>ru</news:language></news:publication>
<news:publication_date>2026-03-10T12:00:00+05:00</news:publication_date>
<news:title>Первая &amp;quot;новость&amp;quot;</news:title>
</news:news></url>
<url><loc>https://gazeta.example/news/2</loc><lastmod>2026-03-12</lastmod>
<news:news><news:publication_date>2026-03-11</news:publication_date><news:title>Екінші</news:title></news:news></url>
</urlset>"""


def read(text: str | bytes) -> SitemapResult:
    return parse_sitemap(text.encode() if isinstance(text, str) else text, URL, zone=ALMATY)


def urlset(*rows: str) -> str:
    return "<urlset>" + "".join(f"<url>{row}</url>" for row in rows) + "</urlset>"


def test_a_news_sitemap_gives_titles_and_dates_newest_first() -> None:
    found = read(NEWS)
    assert found.kind == "news"
    assert [link.url for link in found.links] == ["https://gazeta.example/news/2", "https://gazeta.example/news/1"]
    assert [link.title_hint for link in found.links] == ["Екінші", 'Первая "новость"']
    assert [link.published_hint for link in found.links] == [
        datetime(2026, 3, 11, tzinfo=ALMATY),
        datetime(2026, 3, 10, 7, tzinfo=UTC),
    ]
    assert {link.hint_from for link in found.links} == {"sitemap"}


def test_a_news_sitemap_is_taken_whole() -> None:
    row = "<loc>/n/{}</loc><news:news><news:publication_date>2026-03-10</news:publication_date></news:news>"
    assert len(read(urlset(*(row.format(n) for n in range(MAX_LOCS + 10)))).links) == MAX_LOCS + 10


def test_lastmod_orders_links_and_is_no_date_of_publication() -> None:
    found = read(urlset(*(f"<loc>/a/{day}</loc><lastmod>2026-03-{day:02}</lastmod>" for day in (3, 9, 1))))
    assert [link.url[-1] for link in found.links] == ["9", "3", "1"]
    assert all(link.published_hint is None for link in found.links)
    assert found.modified["https://gazeta.example/a/9"] == datetime(2026, 3, 9, tzinfo=ALMATY)


def test_lastmod_that_is_today_for_all_is_ignored() -> None:
    found = read(urlset(*(f"<loc>/a/{n}</loc><lastmod>2026-03-10T{n % 24:02}:00</lastmod>" for n in range(50))))
    assert found.modified == {}
    assert found.links[0].url.endswith("/a/0")
    assert any("useless" in problem for problem in found.problems)


def test_beyond_the_cap_the_newest_are_taken() -> None:
    rows = (f"<loc>/a/{n}</loc><lastmod>{2000 + n % 27}-01-01</lastmod>" for n in range(MAX_LOCS + 500))
    found = read(urlset(*rows))
    assert len(found.links) == MAX_LOCS
    assert found.modified[found.links[0].url].year == 2026
    assert min(moment.year for moment in found.modified.values()) > 2000


def test_without_dates_both_ends_of_a_long_sitemap_are_taken() -> None:
    found = read(urlset(*(f"<loc>/a/{n}</loc>" for n in range(3 * MAX_LOCS))))
    assert len(found.links) == MAX_LOCS
    assert found.links[0].url.endswith("/a/0")
    assert found.links[-1].url.endswith(f"/a/{3 * MAX_LOCS - 1}")


def test_an_index_gives_news_first_then_the_highest_number() -> None:
    rows = "".join(f"<sitemap><loc>/sitemap-{n}.xml</loc></sitemap>" for n in (1, 2, 35, 10))
    found = read(f"<sitemapindex>{rows}<sitemap><loc>/sitemap.news.xml</loc></sitemap></sitemapindex>")
    names = [child.url.rpartition("/")[2] for child in found.children]
    assert found.kind == "index"
    assert names == ["sitemap.news.xml", "sitemap-35.xml", "sitemap-10.xml", "sitemap-2.xml", "sitemap-1.xml"]


def test_an_index_with_dates_gives_the_newest_first_and_never_itself() -> None:
    rows = "".join(
        f"<sitemap><loc>{name}</loc><lastmod>{day}</lastmod></sitemap>"
        for name, day in (("/a9.xml", "2026-01-01"), ("/a1.xml", "2026-03-01"), (URL, "2026-03-02"))
    )
    found = read(f"<sitemapindex>{rows}</sitemapindex>")
    assert [child.url.rpartition("/")[2] for child in found.children] == ["a1.xml", "a9.xml"]


def test_one_bad_address_drops_no_other_and_glued_ones_are_parted() -> None:
    found = read(
        urlset(
            "<loc>/a/1</loc>",
            "<loc>http://[::1</loc>",
            "<loc>file:///etc/passwd</loc>",
            "<loc></loc>",
            "<loc>https://gazeta.examplehttps://sport.example/x</loc>",
            "<loc>/a/2?x=1&y=2</loc>",
        )
    )
    assert [link.url for link in found.links] == [
        "https://gazeta.example/a/1",
        "https://sport.example/x",
        "https://gazeta.example/a/2?x=1&y=2",
    ]
    assert any(problem.startswith("2 addresses refused") for problem in found.problems)


@pytest.mark.parametrize(
    ("body", "kind", "count"),
    [
        (gzip.compress(NEWS.encode(), mtime=0), "news", 2),
        (gzip.compress(NEWS.encode(), mtime=0)[:-30], "news", 2),
        (b"https://gazeta.example/1\r\nhttps://gazeta.example/2\r\nnonsense://x\r\n", "text", 2),
        ("\ufeffhttps://gazeta.example/1".encode(), "text", 1),
        (b"<rss><channel><item><link>/1</link></item></channel></rss>", "feed", 1),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/1"/></entry></feed>', "feed", 1),
        (b"<urlset><url><loc>/1</loc><url><loc>/2</loc>", "urlset", 2),
        (NEWS.encode("utf-16"), "news", 2),
        (NEWS.replace('"UTF-8"', '"windows-1251"').replace("Екінші", "Вторая").encode("cp1251"), "news", 2),
        (b"<urlset></urlset>", "urlset", 0),
        (b"<sitemapindex/>", "index", 0),
    ],
)
def test_every_form_of_sitemap_is_read(body: bytes, kind: str, count: int) -> None:
    found = read(body)
    assert (found.kind, len(found.links)) == (kind, count)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not a sitemap: empty body"),
        (b"<!DOCTYPE html><html></html>", "not a sitemap: HTML"),
        (b"<svg/>", "not a sitemap: <svg>"),
        (b"hello", "not a sitemap: no markup"),
        (gzip.compress(b"x" * 100, mtime=0)[:10], "gzip cut short"),
        (b"\x1f\x8bnonsense", "damaged gzip"),
    ],
)
def test_what_is_no_sitemap_says_what_it_is(body: bytes, problem: str) -> None:
    found = read(body)
    assert (found.kind, found.links) == (None, ())
    assert problem in found.problems


@pytest.mark.parametrize(
    ("name", "made"),
    [  # made when the test runs: every test worker collects them all
        ("a million", lambda: b"<urlset>" + b"".join(b"<url><loc>/%d</loc></url>" % n for n in range(1_000_000))),
        ("bomb of addresses", lambda: gzip.compress(b"<urlset>" + b"<url><loc>/a</loc></url>" * 2_000_000)),
        ("bomb of blanks", lambda: gzip.compress(b"<urlset>" + b" " * 300_000_000)),
        ("bomb of zeros", lambda: gzip.compress(b"\x00" * 100_000_000)),
        ("lines", lambda: b"https://a.kz/1\n" * 1_000_000),
        ("one line", lambda: b"https://a.kz/" + b"1" * 5_000_000),
        ("deep", lambda: b"<urlset>" + b"<url>" * 500_000),
        ("flat", lambda: b"<urlset>" + b"<x/>" * 2_000_000),
        ("parts", lambda: b"<urlset><url>" + b"<loc>/1</loc>" * 300_000),
        (
            "laughs",
            lambda: b'<!DOCTYPE a [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><urlset><url><loc>/&c;</loc></url></urlset>',
        ),
        (
            "index",
            lambda: b"<sitemapindex>" + b"".join(b"<sitemap><loc>/%d</loc></sitemap>" % n for n in range(100_000)),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_sitemaps_are_read_within_bounds(name: str, made: Callable[[], bytes]) -> None:
    found = read(made())
    assert len(found.links) <= MAX_LOCS, name
    assert len(found.children) <= MAX_READ, name


def test_a_budget_ends_an_index_that_generates_itself() -> None:
    """Each sitemap names ten new ones: fifty are fetched, none deeper than three, and no address twice."""
    budget = SitemapBudget(root=URL)
    queue, fetched, number = [URL], 0, 0
    while queue:
        parent = queue.pop(0)
        fetched += 1
        children = [ChildSitemap(url=f"https://gazeta.example/{number + n}.xml") for n in range(10)]
        number += 10
        queue += [child.url for child in budget.admit([*children, *children, ChildSitemap(url=URL)], parent)]
    assert fetched == budget.max_sitemaps
    assert budget.refused["sitemaps"] > 0
    deep = SitemapBudget(root="a")
    assert deep.admit([ChildSitemap(url="b")], "a")
    assert deep.admit([ChildSitemap(url="c")], "b")
    assert not deep.admit([ChildSitemap(url="d")], "c")
    assert deep.refused["depth"] == 1


def test_a_budget_takes_no_more_links_than_its_cap_over_all_sitemaps() -> None:
    budget = SitemapBudget(root=URL, max_locs=10)
    links = [Link(url=f"https://gazeta.example/{n}", found_in=URL) for n in range(7)]
    assert [len(budget.take(links)) for _ in range(3)] == [7, 3, 0]
    assert budget.refused["locs"] == 11
    assert budget.admit([ChildSitemap(url="x")], URL) == []


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.binary(max_size=12)), min_size=1, max_size=6))
def test_mutated_sitemaps_never_raise(edits: list[tuple[float, int, bytes]]) -> None:
    for seed in (NEWS.encode(), gzip.compress(NEWS.encode(), mtime=0)):
        body = seed
        for place, length, piece in edits:
            at = int(place * len(body))
            body = body[:at] + piece + body[at + length :]
        found = read(body)
        assert all(link.url.startswith(("http://", "https://")) for link in found.links)
        assert found.kind or found.problems
