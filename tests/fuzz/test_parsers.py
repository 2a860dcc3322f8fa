"""No input makes a parser of ours raise what it does not announce, leave the web's addresses, or date outside of time.

A short run in every test; `make fuzz` runs each of them for as many examples as FUZZ says.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archive.clean import clean_line, clean_text
from archive.config import ConfigError
from archive.records import Link, Page
from archive.search.query import QueryError, forgiving_expression, match_expression
from crawler.discovery.dates import parse_date
from crawler.discovery.feed import parse_feed
from crawler.discovery.section import parse_section
from crawler.discovery.sitemap import parse_sitemap
from crawler.retry_after import retry_after_s
from crawler.robots import MAX_DELAY_S, Rules
from crawler.sources import load_sources
from pipelines.canonical import BadURL, believe_canonical, canonical_url, registered_domain, url_key
from pipelines.charset import decode
from pipelines.dates import plausible, read_stamp
from pipelines.extract import extract
from pipelines.metadata.jsonld import read_jsonld
from pipelines.topic_file import load_topics
from tests.fuzz.mutations import corpus, mutated, mutated_text

ZONE = ZoneInfo("Asia/Almaty")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
fuzz = settings(
    max_examples=int(os.environ.get("FUZZ", "40")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)

FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Шам</title><ttl>60</ttl>
<item><title>Референдум &amp; сұрақтар</title><link>https://sham.example/news/1?utm_source=rss</link>
<pubDate>Sun, 15 Mar 2026 09:00:00 +0500</pubDate><guid isPermaLink="false">7</guid></item></channel></rss>""".encode()
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://sham.example/"><entry>
<title type="html">&lt;b&gt;Итоги</title>
<link rel="alternate" href="news/2"/><updated>2026-03-16T08:00:00Z</updated></entry></feed>""".encode()
JSON_FEED = b"""{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "https://sham.example/3", "title":
"Third", "date_published": "2026-03-15T09:00:00+05:00"}]}"""
SITEMAP = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://sham.example/news/4</loc><lastmod>2026-03-15</lastmod><n:news><n:title>Four</n:title>
<n:publication_date>2026-03-15T09:00:00+05:00</n:publication_date></n:news></url></urlset>"""
INDEX = b"""<sitemapindex><sitemap><loc>https://sham.example/sitemap-2026-03.xml.gz</loc></sitemap></sitemapindex>"""
LISTING = """<html><body><div class="list"><article>
<a href="/ru/news/15032026-referendum-itogi">Референдум: итоги дня</a>
<time datetime="2026-03-15T21:00">Вчера, 21:00</time></article>
<a rel="next" href="?page=2">дальше</a></div></body>""".encode()
JSON_LD = """{"@context": "https://schema.org", "@graph": [{"@type": "NewsArticle", "headline": "Дауыс беру",
"datePublished": "2026-03-15T09:00:00+05:00", "author": [{"@type": "Person", "name": "Сәуле"}], "keywords": "а, ә",
"mainEntityOfPage": {"@id": "https://sham.example/1"}, "image": {"url": "https://sham.example/i.jpg"},}]}"""
PAGE = f"""<!doctype html><html lang="kk"><head><meta charset="utf-8"><title>Дауыс беру | Шам</title>
<meta property="article:published_time" content="2026-03-15T09:00:00+05:00">
<link rel="canonical" href="https://sham.example/1"><script type="application/ld+json">{JSON_LD}</script></head><body>
<nav><a href="/">Басты бет</a></nav><article><h1>Дауыс беру</h1><p>15 наурыз 2026, 09:00</p>
<p>{"Учаскелер ашылды. " * 30}</p></article></body></html>"""
ROBOTS = b"""User-agent: *
Disallow: /admin
Crawl-delay: 5
Request-rate: 1/10

User-agent: dauys
Allow: /
Sitemap: https://sham.example/s.xml
"""
DATES = (
    "2026-03-15T09:00:00+05:00", "15 наурыз 2026, 09:00", "15 марта 2026 г. в 09:00", "Сегодня, 12:30", "Кеше 23:59",
    "Sun, 15 Mar 2026 09:00:00 GMT", "15.03.2026 09:00", "1773547200", "1773547200000", "March 15, 2026 9:00 AM",
)  # fmt: skip
URLS = (
    "https://kaz.sham.example/news/15?utm_source=x&ID=7", "http://WWW.sham.example:80/a/../б/?amp", "https://сайт.рф/%D2%9B",
    "//sham.example/x", "https://user:pass@sham.example/", "https://sham.example./news.amp.html#top", "https://[::ffff:7f00:1]/",
    "https://sham-example.cdn.ampproject.org/c/s/sham.example/1", "http://0x7f.1/",
)  # fmt: skip
QUERIES = ("дауыс беру", '"жаңа конституция" AND NOT бюджет', "title:референд* OR (vote)", "сайлау -2022", "NEAR(a b)")

feeds = mutated(corpus("feeds", (FEED, ATOM, JSON_FEED), "gofeed_testdata", "miniflux_testdata", "reader_testdata"))
sitemaps = mutated(corpus("sitemaps", (SITEMAP, INDEX), "crawler-commons_sitemaps", "trafilatura_resources"))
pages = mutated(corpus("bad_input", (PAGE.encode(), LISTING), "html5lib_encoding", "html5lib_tokenizer"))
scripts = mutated(corpus("structured_data", (JSON_LD.encode(),), "extruct_samples")).map(
    lambda body: body.decode("utf-8", "surrogateescape")
)
robots = mutated(corpus("robots", (ROBOTS,), "temoto_fuzz_corpus", "crawler-commons_robots"))


def held(links: tuple[Link, ...]) -> None:
    """Assert of links what the rest of the program relies on."""
    for link in links:
        parts = urlsplit(link.url)
        assert parts.scheme in ("http", "https")
        assert parts.hostname
        assert link.url.isprintable()
        link.url.encode()
        if link.published_hint is not None:
            assert link.published_hint.tzinfo is not None
            assert 1970 <= link.published_hint.year <= 2100


@fuzz
@given(feeds)
def test_feeds(body: bytes) -> None:
    held(parse_feed(body, "https://sham.example/rss", zone=ZONE).links)


@fuzz
@given(sitemaps)
def test_sitemaps(body: bytes) -> None:
    found = parse_sitemap(body, "https://sham.example/sitemap.xml", zone=ZONE)
    held(found.links)
    assert all(urlsplit(child.url).scheme in ("http", "https") for child in found.children)


@fuzz
@given(pages)
def test_sections(body: bytes) -> None:
    found = parse_section(body, "https://sham.example/news/", zone=ZONE, domains=frozenset({"sham.example"}))
    held(found.links)
    assert found.next_url is None or urlsplit(found.next_url).scheme in ("http", "https")


@fuzz
@given(
    pages,
    st.sampled_from((None, "text/html; charset=windows-1251", "text/html; charset=zlib", "text/html; charset=idna")),
)
def test_pages(body: bytes, content_type: str | None) -> None:
    """Any page is an article or none: clean text, dates that can be, addresses of the web."""
    headers = (("content-type", content_type),) if content_type else ()
    page = Page(url="https://sham.example/news/1", body=body, fetched_at=NOW, headers=headers)
    article = extract(page, zone=ZONE)
    assert urlsplit(article.canonical_url).scheme in ("http", "https")
    assert article.image_url is None or urlsplit(article.image_url).scheme in ("http", "https")
    for moment in (article.published_at, article.modified_at):
        assert moment is None or moment.astimezone(UTC) <= NOW + timedelta(days=1)
    for text in (article.title or "", article.text, *article.authors, *article.tags):
        clean_text(text).encode()


@fuzz
@given(pages, st.binary(max_size=40))
def test_charsets(body: bytes, label: bytes) -> None:
    """Any bytes under any label are text that can be stored."""
    clean_text(decode(body, f"text/html; charset={label.decode('latin-1')}").text).encode()


@fuzz
@given(scripts)
def test_jsonld(script: str) -> None:
    data = read_jsonld([script], page_url="https://sham.example/1", titles=["Дауыс беру"])
    assert data.image is None or isinstance(data.image, str)
    assert all(isinstance(author, str) for author in data.authors)


@fuzz
@given(st.one_of(mutated_text(DATES), st.text(max_size=80)), st.booleans())
def test_dates(text: str, month_first: bool) -> None:
    moment = parse_date(text, ZONE)
    assert moment is None or (moment.tzinfo is not None and 1970 <= moment.year <= 2099)
    stamp = read_stamp(text, zone=ZONE, now=NOW, month_first=month_first)
    if stamp is not None and plausible(stamp, NOW):
        stamp.when.astimezone(UTC).isoformat()


@fuzz
@given(st.one_of(mutated_text(URLS), st.text(max_size=80)))
def test_addresses(url: str) -> None:
    """An address is refused, or has one spelling that is its own canonical form, and one key."""
    try:
        canonical = canonical_url(url)
    except BadURL:
        return
    assert canonical_url(canonical) == canonical
    assert url_key(canonical) == url_key(url)
    assert urlsplit(canonical).scheme in ("http", "https")
    canonical.encode("ascii")
    registered_domain(canonical)
    believe_canonical("https://sham.example/news/1", url)


@fuzz
@given(robots, mutated_text(("/", "/admin/x?y=z", "/%D2%9B", "/a*$")))
def test_robots(body: bytes, path: str) -> None:
    rules = Rules(body)
    assert rules.allowed("https://sham.example" + quote(path, errors="replace")) in (True, False)
    assert 0 <= rules.delay_s <= MAX_DELAY_S
    assert all(isinstance(url, str) for url in rules.sitemaps)


@fuzz
@given(st.one_of(mutated_text(QUERIES), st.text(max_size=60)))
def test_queries(query: str) -> None:
    forgiving_expression(query)
    with suppress(QueryError):
        match_expression(query)


@fuzz
@given(st.one_of(st.text(max_size=80), mutated_text(("120", "Sun, 15 Mar 2026 09:00:00 GMT", "-5", "1e9"))))
def test_waits(value: str) -> None:
    wait = retry_after_s(value, NOW)
    assert wait is None or 0 <= wait <= 86_400


@fuzz
@given(
    topics=mutated([(ROOT / "topics.toml").read_bytes()[:6_000]]),
    sources=mutated([(ROOT / "sources.toml").read_bytes()[:4_000]]),
)
def test_configuration(topics: bytes, sources: bytes, tmp_path: Path) -> None:
    """A configuration is read, or every problem of it is told with its place."""
    (tmp_path / "topics.toml").write_bytes(topics)
    (tmp_path / "sources.toml").write_bytes(sources)
    for name, load in (("topics.toml", load_topics), ("sources.toml", load_sources)):
        told = ""
        try:
            load(tmp_path / name)
        except ConfigError as error:
            told = str(error)
        assert all(name in line for line in told.splitlines())


@fuzz
@given(st.text(max_size=200))
def test_what_is_stored_is_clean(text: str) -> None:
    """Whatever comes, what goes into the archive can be encoded and drives no terminal."""
    line = clean_line(text, 100)
    assert line is None or not any(char < " " or char == "\x7f" for char in line)
    clean_text(text).encode()
