"""Every feed, sitemap and listing of the shared collections is read; agreement with what they expect does not fall."""

from __future__ import annotations

import ast
import gzip
import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.discovery.dates import parse_date
from crawler.discovery.feed import parse_feed
from crawler.discovery.links import unglue
from crawler.discovery.markup import plain_text
from crawler.discovery.section import parse_section
from crawler.discovery.sitemap import parse_sitemap

ALMATY = ZoneInfo("Asia/Almaty")
UTC_ZONE = ZoneInfo("UTC")
FEEDS = ("feedparser_tests", "gofeed_testdata", "miniflux_testdata", "reader_testdata")
SITEMAPS = ("crawler-commons_sitemaps", "trafilatura_resources")


def files(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and (content := tar.extractfile(member)) is not None:
                yield member.name, content.read()


def with_links(body: bytes) -> bytes:
    """Give each entry a link: most fixtures test one other element and have none, and entries without are dropped."""
    number = 0

    def add(match: re.Match[bytes]) -> bytes:
        nonlocal number
        number += 1
        atom = match.group(1) == b"entry"
        link = b'<link href="http://e.test/%d"/>' if atom else b"<link>http://e.test/%d</link>"
        return link % number + match.group()

    return re.sub(rb"</(item|entry)>", add, body)


@pytest.mark.parametrize("name", FEEDS)
def test_every_feed_is_read(shared_data: Path, name: str) -> None:
    """No file raises, as a feed or as a sitemap; of XML files next to none is taken for no feed."""
    kinds: Counter[str | None] = Counter()
    for file, body in files(shared_data / "feeds" / f"{name}.tar.xz"):
        feed = parse_feed(body, f"http://127.0.0.1:8097/{file}", zone=ALMATY)
        parse_sitemap(body, "http://127.0.0.1:8097/sitemap.xml", zone=ALMATY)
        if file.endswith(".xml"):
            kinds[feed.kind] += 1
        assert feed.kind or feed.problems
    assert kinds[None] <= 5


@pytest.mark.parametrize("name", SITEMAPS)
def test_every_sitemap_is_read(shared_data: Path, name: str) -> None:
    for file, body in files(shared_data / "sitemaps" / f"{name}.tar.xz"):
        found = parse_sitemap(body, f"http://x.test/{file}", zone=ALMATY)
        expected = "sitemap" in file.lower() or file.endswith((".txt", ".atom", ".rss"))
        assert (found.kind is not None) == (expected or file == "atom.xml" or file == "feed.json"), file


def test_links_titles_and_dates_agree_with_those_expected(shared_data: Path) -> None:
    """Titles are compared as text without markup. What disagrees is told in docs/discovery.md."""
    agreed: Counter[tuple[str, bool]] = Counter()
    for key, want, got in (*_gofeed(shared_data), *_feedparser(shared_data)):
        agreed[key, want == got] += 1
    for key, floor in (("link", 0.85), ("title", 0.88), ("date", 0.88)):
        assert agreed[key, True] / (agreed[key, True] + agreed[key, False]) >= floor, (key, agreed)


def _gofeed(shared_data: Path) -> Iterator[tuple[str, object, object]]:
    contents = dict(files(shared_data / "feeds" / "gofeed_testdata.tar.xz"))
    for file, body in contents.items():
        source = contents.get(file.removesuffix(".json") + ".xml")
        if not file.endswith(".json") or source is None:
            continue
        try:
            expected = json.loads(body)
        except ValueError:
            continue
        item = next(iter(expected.get("items") or expected.get("entries") or []), None)
        if item is None:
            continue
        if file.startswith("translator") and item.get("link"):
            links = parse_feed(source, "http://feed.test/", zone=UTC_ZONE).links
            yield "link", item["link"].rstrip("/"), links[0].url.rstrip("/") if links else None
        links = parse_feed(with_links(source), "http://feed.test/", zone=UTC_ZONE).links
        if item.get("title") and links:
            yield "title", plain_text(item["title"]), links[0].title_hint
        date = item.get("publishedParsed") or item.get("pubDateParsed") or item.get("updatedParsed")
        if date and links:
            yield "date", datetime.fromisoformat(date), links[0].published_hint


def _feedparser(shared_data: Path) -> Iterator[tuple[str, object, object]]:
    for file, body in files(shared_data / "feeds" / "feedparser_tests.tar.xz"):
        comment = re.search(rb"Expect:\s*(.*?)\s*-->", body, re.S)
        expected = comment.group(1).decode("utf-8", "replace") if comment else ""
        url = f"http://127.0.0.1:8097/{file}"
        if want := re.search(r"entries\[0\]\[?\.?'?link'?\]? == (u?'[^']*')", expected):
            links = parse_feed(body, url, zone=UTC_ZONE).links
            got = links[0].url.rstrip("/") if links else None
            yield "link", ast.literal_eval(want.group(1)).rstrip("/").lower(), got
        links = parse_feed(with_links(body), url, zone=UTC_ZONE).links
        if links and (want := re.search(r"entries\[0\]\[?\.?'?title'?\]? == (u?'[^']*'|u?\"[^\"]*\")", expected)):
            yield "title", plain_text(ast.literal_eval(want.group(1))), links[0].title_hint
        if want := re.search(r"_parsed'?\]? == (\([\d, ]+\))", expected):
            written = re.search(rb"(?i)(?:date|issued|created|modified|published|updated)>([^<]*)</", body)
            if written:
                text = written.group(1).decode("utf-8", "replace")
                moment = datetime(*ast.literal_eval(want.group(1))[:6], tzinfo=UTC)
                yield "date", moment, parse_date(text, UTC_ZONE)


def test_a_real_listing_gives_all_its_articles_with_their_titles(shared_data: Path) -> None:
    folder = shared_data / "html_kz_pages"
    body = gzip.decompress((folder / "tengrinews_tag_almaty_2023-01.html.gz").read_bytes())
    expected = json.loads((folder / "tengrinews_tag_almaty_2023-01.expected.json").read_text(encoding="utf-8"))
    section = parse_section(
        body,
        "https://tengrinews.kz/tag/алматы/",
        zone=ALMATY,
        domains=frozenset({"tengrinews.kz", "tengritravel.kz"}),
    )
    titles = {link.url: link.title_hint for link in section.links}
    assert {unglue(item["url"]): " ".join(item["title"].split()) for item in expected}.items() <= titles.items()
    assert section.next_url is not None
    assert section.next_url.endswith("/page/2/")


def test_the_other_real_pages_give_sense(shared_data: Path) -> None:
    """A news listing has its articles; a legal act links to a few other acts, a page of holes to nothing."""
    folder = shared_data / "html_kz_pages"
    counts = {}
    for path in sorted(folder.glob("*.html.gz")):
        section = parse_section(gzip.decompress(path.read_bytes()), "https://tengrinews.kz/news/", zone=ALMATY)
        counts[path.name.partition("_")[0], path.name] = len(section.links)
    listing = counts["tengrinews", "tengrinews_news_listing_2024.html.gz"]
    assert listing >= 20
    assert all(count <= 20 for (outlet, _), count in counts.items() if outlet != "tengrinews")
