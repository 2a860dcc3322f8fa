"""Feeds of every kind give links with hints; what is broken or hostile costs little and is told as a problem."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.feed import MAX_ENTRIES, FeedResult, parse_feed

ALMATY = ZoneInfo("Asia/Almaty")
URL = "https://gazeta.example/rss.xml"

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
     xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>Степная газета</title><link>https://gazeta.example/</link><language>ru-KZ</language><ttl>30</ttl>
<atom:link rel="self" href="https://gazeta.example/rss.xml"/>
<atom:link rel="next" href="/rss.xml?page=2"/>
<image><title>Логотип</title><link>https://gazeta.example/logo</link></image>
<item><title>Дата &amp;laquo;референдума&amp;raquo; <![CDATA[<b>названа</b>]]></title>
<link>https://gazeta.example/news/1?a=1&amp;b=2</link>
<pubDate>Tue, 10 Mar 2026 12:00:00 +0500</pubDate><guid isPermaLink="false">x1</guid></item>
<item><title>Екінші жаңалық</title><guid>https://gazeta.example/news/2</guid><dc:date>2026-03-10T13:00</dc:date></item>
<item><title>Без ссылки</title><source url="https://other.example/feed"><link>https://other.example/</link></source></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="kk" xml:base="https://gazeta.example/kk/">
<title type="html">Дала &lt;i&gt;газеті&lt;/i&gt;</title>
<link rel="next" href="atom?page=2"/>
<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Үкімет <b>шешімі</b></div></title>
<link rel="enclosure" href="/a.mp3"/><link rel="alternate" type="application/json" href="/x.json"/>
<link rel="alternate" type="text/html" href="news/1"/>
<published>2026-03-10T07:00:00Z</published><updated>2026-03-11T07:00:00Z</updated>
<author><name>Автор</name><uri>https://gazeta.example/author</uri></author></entry>
<entry xml:base="sub/"><title>Екінші</title><link href="2"/><updated>2026-03-11T07:00:00Z</updated></entry>
</feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel rdf:about="https://gazeta.example/"><title>RDF</title><dc:language>en</dc:language>
<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency></channel>
<item rdf:about="https://gazeta.example/en/1"><title>One</title><dc:date>2026-03-10</dc:date></item>
<item rdf:about="x"><title>Two</title><link>https://gazeta.example/en/2</link></item></rdf:RDF>"""

JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "JSON",
        "language": "en",
        "next_url": "/feed.json?p=2",
        "items": [
            {"id": "1", "url": "/en/1", "title": "One", "date_published": "2026-03-10T07:00:00Z"},
            {"id": "https://gazeta.example/en/2", "title": None},
            {"id": 3},
            "nonsense",
        ],
    }
)


def read(text: str | bytes, content_type: str | None = None) -> FeedResult:
    body = text.encode() if isinstance(text, str) else text
    return parse_feed(body, URL, zone=ALMATY, content_type=content_type)


def test_rss_gives_links_titles_dates_and_what_the_channel_says() -> None:
    feed = read(RSS)
    assert feed.kind == "rss"
    assert [link.url for link in feed.links] == [
        "https://gazeta.example/news/1?a=1&b=2",
        "https://gazeta.example/news/2",
    ]
    assert [link.title_hint for link in feed.links] == ["Дата «референдума» названа", "Екінші жаңалық"]
    assert feed.links[0].published_hint == datetime(2026, 3, 10, 7, tzinfo=UTC)
    assert feed.links[1].published_hint == datetime(2026, 3, 10, 13, tzinfo=ALMATY)
    assert {(link.found_in, link.hint_from) for link in feed.links} == {(URL, "feed")}
    assert (feed.title, feed.language, feed.ttl_s) == ("Степная газета", "ru-kz", 1800)
    assert feed.next_page == "https://gazeta.example/rss.xml?page=2"
    assert feed.problems == ("1 of 3 entries without a link",)


def test_atom_prefers_the_alternate_page_and_the_date_of_publication_and_joins_to_xml_base() -> None:
    feed = read(ATOM)
    assert feed.kind == "atom"
    assert [link.url for link in feed.links] == ["https://gazeta.example/kk/news/1", "https://gazeta.example/kk/sub/2"]
    assert [link.title_hint for link in feed.links] == ["Үкімет шешімі", "Екінші"]
    assert [link.published_hint for link in feed.links] == [
        datetime(2026, 3, 10, 7, tzinfo=UTC),
        datetime(2026, 3, 11, 7, tzinfo=UTC),
    ]
    assert (feed.title, feed.language) == ("Дала газеті", "kk")
    assert feed.next_page == "https://gazeta.example/kk/atom?page=2"


def test_rdf_takes_the_link_or_what_the_item_is_about() -> None:
    feed = read(RDF)
    assert feed.kind == "rdf"
    assert [link.url for link in feed.links] == ["https://gazeta.example/en/1", "https://gazeta.example/en/2"]
    assert (feed.language, feed.ttl_s) == ("en", 1800)


def test_json_feed_survives_items_of_any_type() -> None:
    feed = read(JSON)
    assert feed.kind == "json"
    assert [link.url for link in feed.links] == ["https://gazeta.example/en/1", "https://gazeta.example/en/2"]
    assert feed.next_page == "https://gazeta.example/feed.json?p=2"


def test_original_links_win_over_those_of_a_counting_service() -> None:
    feed = read(
        '<rss xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><item>'
        "<link>http://feeds.example/~r/1</link>"
        "<feedburner:origLink>https://gazeta.example/1</feedburner:origLink></item></channel></rss>"
    )
    assert [link.url for link in feed.links] == ["https://gazeta.example/1"]


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "utf-16", "utf-8", "cp866", "iso-8859-5"])
def test_russian_titles_are_read_in_every_charset(charset: str) -> None:
    text = RSS.replace('encoding="utf-8"', f'encoding="{charset}"').replace("Екінші жаңалық", "Вторая новость дня")
    feed = read(text.encode(charset))
    assert [link.title_hint for link in feed.links] == ["Дата «референдума» названа", "Вторая новость дня"]


ONE, TWO = "<link>https://a.kz/1</link>", "<link>https://a.kz/2</link>"


@pytest.mark.parametrize(
    ("items", "count"),
    [
        (f"<item>{ONE}</item><item>{TWO[:-3]}", 2),
        (f"<item><title>a&nbsp;b</title>{ONE}</item>", 1),
        (f"<item><title>a <b> c</title>{ONE}</item><item>{TWO}</item>", 2),
        (f"<item>{ONE}<item>{TWO}", 2),
        (f"<item>{ONE}</item></channel><item>{TWO}</item>", 2),
        (f"<item><dc:date>2026-03-10</dc:date>{ONE}</item>", 1),
        (f"<item><title>a\x00\x08b</title>{ONE}\x00</item>", 1),
        ("<item><link/>https://a.kz/1<title>x</title></item>", 1),
        ("<ITEM><LINK>https://a.kz/1</LINK></ITEM>", 1),
        (f"<item x=1 y>{ONE}</item>", 1),
        (f"<item>{ONE}</item>" + "<item><title>x<b>y</i></title>" * 300 + f"{TWO}</item>", 2),
    ],
)
def test_badly_formed_feeds_keep_their_links(items: str, count: int) -> None:
    links = read(f"<rss><channel>{items}</channel></rss>").links
    assert {link.url for link in links} == {"https://a.kz/1", "https://a.kz/2"} if count == 2 else {"https://a.kz/1"}


def test_ampersands_that_nobody_escaped_stay_in_the_address() -> None:
    feed = read("<rss><channel><item><link>https://a.kz/?x=1&y=2&copy=3</link></item></channel></rss>")
    assert [link.url for link in feed.links] == ["https://a.kz/?x=1&y=2&copy=3"]


@pytest.mark.parametrize(
    "before", ["\n\n  ", "\ufeff", "<br />\n<b>Warning</b>: include(x) in y\n", "<!-- cached -->\n"]
)
def test_what_stands_before_the_feed_is_passed_over(before: str) -> None:
    feed = read(f"{before}<?xml version='1.0'?><rss><channel><item>{ONE}</item></channel></rss>")
    assert [link.url for link in feed.links] == ["https://a.kz/1"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not a feed: empty body"),
        (b" \n", "not a feed: empty body"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "not a feed: HTML"),
        (b"<!-- x --><head><title>no</title></head>", "not a feed: HTML"),
        (b"<urlset></urlset>", "not a feed: a sitemap"),
        (b"<svg/>", "not a feed: <svg>"),
        (b"plain words", "not a feed: no markup"),
        (b"{", "not a feed: broken JSON"),
        (b"{}", "not a feed: JSON without items"),
        (b"[" * 100_000, "not a feed: broken JSON"),
        (b"[" * 500_000, "not a feed: JSON of too many values"),
        (b'{"items": [' + b"1," * 500_000 + b"1]}", "not a feed: JSON of too many values"),
        (b"\x00" * 10_000, "not a feed: no markup"),
    ],
)
def test_what_is_no_feed_says_what_it_is(body: bytes, problem: str) -> None:
    feed = read(body)
    assert (feed.kind, feed.links) == (None, ())
    assert problem in feed.problems


def test_entities_of_a_document_type_are_neither_expanded_nor_fetched() -> None:
    """Billion laughs and an external entity stay the text they are."""
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    body = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{lol}<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        "<rss><channel><title>&l11;</title><item><title>&x;</title><link>https://a.kz/1</link></item></channel></rss>"
    )
    feed = read(body)
    assert [link.url for link in feed.links] == ["https://a.kz/1"]
    assert (feed.links[0].title_hint, feed.title) == ("&x;", "&l11;")


def test_a_million_entries_stop_at_the_cap() -> None:
    body = (
        b"<rss><channel>"
        + b"".join(b"<item><link>/n/%d</link></item>" % n for n in range(200_000))
        + b"</channel></rss>"
    )
    feed = read(body)
    assert len(feed.links) == MAX_ENTRIES
    assert any("entries" in problem for problem in feed.problems)


@pytest.mark.parametrize(
    ("name", "made"),
    [  # made when the test runs: every test worker collects them all
        ("deep", lambda: b"<rss>" + b"<a>" * 500_000),
        ("deep items", lambda: b"<rss><channel>" + b"<item>" * 100_000),
        ("flat", lambda: b"<rss>" + b"<a/>" * 1_000_000),
        ("attributes", lambda: b"<rss " + b" ".join(b'a%d="1"' % n for n in range(100_000)) + b"/>"),
        ("namespaces", lambda: b"<rss " + b" ".join(b'xmlns:a%d="u"' % n for n in range(50_000)) + b"/>"),
        ("ampersands", lambda: b"<rss>" + b"&" * 3_000_000),
        ("brackets", lambda: b"<rss>" + b"<" * 3_000_000),
        ("comments", lambda: b"<rss>" + b"<!-- " * 500_000),
        ("prolog", lambda: b"<!--" * 1_000_000 + b"<rss/>"),
        ("cdata", lambda: b"<rss><channel><item><title>" + b"<![CDATA[" * 300_000),
        (
            "script title",
            lambda: b"<rss><item><title>" + b"&lt;script&gt;" * 200_000 + b"</title><link>/1</link></item></rss>",
        ),
        ("broken utf-8", lambda: b"<rss><channel><item><link>/\xff\xfe\xc3\x28" + b"\x80" * 100_000),
        ("gzip bomb", lambda: gzip.compress(b"<rss>" + b" " * 200_000_000, 9)),
        ("gzip cut", lambda: gzip.compress(RSS.encode())[:200]),
        ("gzip damaged", lambda: gzip.compress(RSS.encode())[:40] + b"\xff" * 200),
        ("many unclosed", lambda: b"<rss><channel>" + b"<item><title>x<b>y</i></title><link>/1</link>" * 5_000),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_bodies_are_read_within_bounds(name: str, made: Callable[[], bytes]) -> None:
    """Each of these cost a naive parser seconds, gigabytes or its life."""
    assert len(read(made()).links) <= MAX_ENTRIES, name


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from([RSS, ATOM, RDF, JSON]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.binary(max_size=12)), min_size=1, max_size=6),
)
def test_mutated_feeds_never_raise(seed: str, edits: list[tuple[float, int, bytes]]) -> None:
    """Cutting pieces out of a real feed and putting bytes in gives fewer links or a problem, never an exception."""
    body = seed.encode()
    for place, length, piece in edits:
        at = int(place * len(body))
        body = body[:at] + piece + body[at + length :]
    feed = read(body)
    assert all(link.url.startswith(("http://", "https://")) for link in feed.links)
    assert all(link.published_hint is None or link.published_hint.tzinfo for link in feed.links)
    assert feed.kind or feed.problems


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_never_raise(body: bytes) -> None:
    read(body)
    read(b"<rss><channel><item>" + body)


@pytest.mark.parametrize("reference", ["&#xD800;", "&#0;", "&#1;", "&#xFFFF;", "&#9999999;"])
def test_a_number_that_is_no_character_loses_no_entry(reference: str) -> None:
    """Found by fuzzing: the parser lets such numbers pass, and the text they make cannot be read."""
    body = f"""<rss><channel><title>{reference}</title><item><title>A {reference} b</title>
    <link>https://sham.example/1</link></item></channel></rss>"""
    (link,) = parse_feed(body.encode(), "https://sham.example/rss", zone=ZoneInfo("Asia/Almaty")).links
    assert (link.url, link.title_hint) == ("https://sham.example/1", "A \ufffd b")
