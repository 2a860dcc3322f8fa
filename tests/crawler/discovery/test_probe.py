"""A probe finds what a site offers, asks little and within the site, and prints a block that check-sources accepts."""

from __future__ import annotations

import asyncio
import re
import tomllib
from pathlib import Path

import pytest

from crawler.discovery.block import source_block
from crawler.discovery.pattern import guess_pattern
from crawler.discovery.probe import MAX_REQUESTS, Fetched, ProbeError, Report, languages_of, probe
from crawler.sources import load_sources

HOME = "https://gazeta.kz/"
CARDS = "".join(
    f'<a href="/novosti/{9000 + n}-vazhnaya-novost-{n}x/">Важная новость номер {n} о стране</a>' for n in range(30)
)
ITEMS = "".join(
    f"<item><title>Маңызды жаңалық {n}</title><link>/novosti/{9000 + n}-vazhnaya-novost-{n}x/</link>"
    f"<pubDate>Tue, 10 Mar 2026 10:{n:02}:00 +0500</pubDate></item>"
    for n in range(20)
)
SITE = {
    HOME: '<html lang="ru"><title>Степная газета | новости "дня"</title>'
    '<link rel="alternate" type="application/rss+xml" href="/all.rss"><nav><a href="/novosti/">Новости</a>'
    '<a href="/about/">О нас</a><a href="https://other.kz/news/">x</a></nav>' + CARDS,
    f"{HOME}robots.txt": "User-agent: *\nCrawl-delay: 7\nSitemap: https://gazeta.kz/index.xml",
    f"{HOME}all.rss": f"<rss><channel><title>x</title>{ITEMS}</channel></rss>",
    f"{HOME}index.xml": "<sitemapindex><sitemap><loc>/map-1.xml</loc></sitemap>"
    "<sitemap><loc>/news-map.xml</loc></sitemap></sitemapindex>",
    f"{HOME}map-1.xml": "<urlset>"
    + "".join(f"<url><loc>/novosti/{9000 + n}-vazhnaya-novost-{n}x/</loc></url>" for n in range(30))
    + "</urlset>",
    f"{HOME}news-map.xml": "<urlset><url><loc>/novosti/9001-vazhnaya-novost-1x/</loc><news:news>"
    "<news:publication_date>2026-03-10</news:publication_date></news:news></url></urlset>",
    f"{HOME}novosti/": f'<html>{CARDS}<a href="/novosti/page/2/">2</a>',
}


def run(site: dict[str, str], url: str = HOME) -> tuple[Report, list[str]]:
    asked: list[str] = []

    async def fetch(address: str) -> Fetched:
        asked.append(address)
        if address not in site:
            return Fetched(url=address, status=404, body=b"no")
        return Fetched(url=address, status=200, body=site[address].encode(), content_type="text/html; charset=utf-8")

    return asyncio.run(probe(url, fetch)), asked


def test_a_probe_finds_feed_sitemaps_and_sections() -> None:
    report, _ = run(SITE)
    assert [(found.kind, found.url) for found in report.found] == [
        ("feed", f"{HOME}all.rss"),
        ("news-sitemap", f"{HOME}news-map.xml"),
        ("sitemap", f"{HOME}index.xml"),
        ("section", f"{HOME}novosti/"),
    ]
    assert [len(found.links) for found in report.found] == [20, 1, 30, 30]
    assert report.crawl_delay == 7
    assert report.timezone == "Asia/Almaty"
    assert set(report.languages) == {"kk", "ru"}


def test_a_probe_asks_each_address_once_and_only_its_own_site() -> None:
    _, asked = run(SITE)
    assert len(asked) == len(set(asked)) <= MAX_REQUESTS + 1
    assert all(url.startswith(HOME) for url in asked)


def test_the_printed_block_is_a_source_that_can_be_loaded(tmp_path: Path) -> None:
    """Appending the output to sources.toml needs no further work, whatever the site calls itself."""
    report, _ = run(SITE)
    file = tmp_path / "sources.toml"
    file.write_text(source_block(report), encoding="utf-8")
    (source,) = load_sources(file)
    assert (source.id, source.name, source.delay) == ("gazeta", "Степная газета", 7)
    assert source.wants(f"{HOME}novosti/9005-vazhnaya-novost-5x/")
    assert not source.wants(f"{HOME}about/")


def test_names_and_addresses_cannot_break_out_of_the_block() -> None:
    report = Report(homepage=HOME, name='"""\n[[source]]\nid = "x"\\ \u0000', languages=("ru",))
    assert list(tomllib.loads(source_block(report))) == ["source"]
    assert len(tomllib.loads(source_block(report))["source"]) == 1


def test_well_known_paths_are_tried_where_a_site_names_nothing() -> None:
    site = {HOME: CARDS, f"{HOME}feed/": SITE[f"{HOME}all.rss"], f"{HOME}sitemap.xml": SITE[f"{HOME}map-1.xml"]}
    report, _ = run(site)
    assert [found.kind for found in report.found] == ["feed", "sitemap", "section"]


def test_an_unreachable_or_impossible_site_is_one_line() -> None:
    with pytest.raises(ProbeError, match=r"^https://gazeta\.kz/ cannot be had: http 404$"):
        run({})
    with pytest.raises(ProbeError, match="scheme ftp"):
        run({}, "ftp://gazeta.kz/")


def test_a_site_that_leads_on_for_ever_is_left_after_the_allowed_requests() -> None:
    site = dict.fromkeys(
        [HOME], "".join(f'<link rel="alternate" type="application/rss+xml" href="/{n}.rss">' for n in range(999))
    )
    site[f"{HOME}robots.txt"] = "\n".join(f"Sitemap: https://gazeta.kz/{n}.xml" for n in range(999))
    _, asked = run(site)
    assert len(asked) <= MAX_REQUESTS + 1


@pytest.mark.parametrize(
    ("articles", "others", "inside", "outside"),
    [
        ("https://a.kz/news/slovo-o-dolge-{}/", "https://a.kz/news/", "https://a.kz/news/x-y-123456/", "https://a.kz/tag/x-y-123456/"),
        ("https://a.kz/x/{}-slovo.html", "https://a.kz/x/", "https://a.kz/x/123456-a.html", "https://a.kz/x/about.html"),
        ("https://a.kz/2026/03/slovo-{}", "https://a.kz/category/", "https://a.kz/2026/04/slovo-99999", "https://a.kz/author/slovo"),
    ],
)  # fmt: skip
def test_a_guessed_pattern_takes_articles_and_leaves_the_rest(
    articles: str, others: str, inside: str, outside: str
) -> None:
    pattern = guess_pattern([articles.format(100_000 + n) for n in range(20)], [others, "https://a.kz/"])
    assert pattern is not None
    assert re.search(pattern, inside)
    assert not re.search(pattern, outside)


def test_no_pattern_is_guessed_from_few_or_shapeless_addresses() -> None:
    assert guess_pattern(["https://a.kz/x-1"], []) is None
    assert guess_pattern([f"https://a.kz/{'abcdefghij'[n]}" for n in range(10)], []) is None


def test_languages_are_told_by_their_letters() -> None:
    assert languages_of(["Жаңалық", "Новость", "Новости дня", "123", ""]) == ("ru", "kk")
    assert languages_of(["News of the day"]) == ("en",)
