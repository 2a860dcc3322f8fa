"""Listing pages give their articles, titles and next page; a page cannot stall the crawl however it is made."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.section import MAX_LINKS, SectionResult, looks_like_article, page_number, parse_section
from crawler.patterns import compile_pattern

ALMATY = ZoneInfo("Asia/Almaty")
URL = "https://gazeta.kz/novosti/"

PAGE = """<!doctype html><html lang="ru"><head><title>Новости</title><base href="/">
<script>document.write('<a href="/novosti/script-link-in-code-1/">x</a>')</script></head><body>
<nav><a href="/novosti/">Новости</a><a href="/politika/">Политика</a><a href="/tag/vybory/">Выборы</a></nav>
<!-- <a href="/novosti/commented-out-old-news-2/">x</a> -->
<div class=card><a href="/novosti/poslednie-resheniya-pravitelstva-1001/"><img src="1.jpg" alt="Снимок"></a>
<h3><a href="/novosti/poslednie-resheniya-pravitelstva-1001/#c">Последние решения правительства: что изменится</a></h3>
<time datetime="2026-03-10T12:00:00+05:00">12:00</time></div>
<div class=card><a href='novosti/ekinshi-zhanalyq-turaly-1002/'>Екінші жаңалық туралы &laquo;қысқаша&raquo;</a>
<time datetime="2026-03-09">9 марта</time></div>
<div class=card><a href=https://www.gazeta.kz/novosti/tretya-novost-dnya-1003/>Третья новость дня</a></div>
<a href="https://other.kz/novosti/chuzhaya-novost-s-saita-1/">Чужая новость с другого сайта сегодня</a>
<a href="/novosti/page/1/">1</a><a href="/novosti/page/2/">2</a><a href="/novosti/page/40/">40</a>
<a href="javascript:void(0)">Показать ещё новости на этой странице</a></body></html>"""


def read(text: str | bytes, url: str = URL, allow: str | None = None, deny: str | None = None) -> SectionResult:
    return parse_section(
        text.encode() if isinstance(text, str) else text,
        url,
        zone=ALMATY,
        allow=[compile_pattern(allow)] if allow else (),
        deny=[compile_pattern(deny)] if deny else (),
    )


def test_a_listing_gives_its_articles_with_titles_and_the_dates_beside_them() -> None:
    section = read(PAGE)
    assert [(link.url, link.title_hint) for link in section.links] == [
        (
            "https://gazeta.kz/novosti/poslednie-resheniya-pravitelstva-1001/",
            "Последние решения правительства: что изменится",
        ),
        ("https://gazeta.kz/novosti/ekinshi-zhanalyq-turaly-1002/", "Екінші жаңалық туралы «қысқаша»"),
        ("https://www.gazeta.kz/novosti/tretya-novost-dnya-1003/", "Третья новость дня"),
    ]
    assert [link.published_hint for link in section.links] == [
        datetime(2026, 3, 10, 7, tzinfo=UTC),
        datetime(2026, 3, 9, tzinfo=ALMATY),
        None,
    ]
    assert section.next_url == "https://gazeta.kz/novosti/page/2/"


def test_patterns_of_the_source_decide_when_it_has_some() -> None:
    section = read(PAGE, allow=r"-100\d/$", deny=r"1002")
    assert [link.url[-5:-1] for link in section.links] == ["1001", "1003"]


def test_a_time_before_its_article_belongs_to_the_one_after_it() -> None:
    cards = "".join(
        f'<time datetime="2026-03-0{n}">x</time><a href="/novosti/nekaya-vazhnaya-novost-{n}/">Заголовок</a>'
        for n in (1, 2, 3)
    )
    days = [link.published_hint.day for link in read(cards).links if link.published_hint]
    assert days == [1, 2, 3]


def test_two_different_times_by_one_article_are_no_date() -> None:
    section = read(
        '<a href="/novosti/nekaya-vazhnaya-novost-1/">x<time datetime="2026-03-01"><time datetime="2026-03-02"></a>'
    )
    assert section.links[0].published_hint is None


@pytest.mark.parametrize(
    ("url", "markup", "following"),
    [
        (URL, '<link rel="next" href="?page=2">', "https://gazeta.kz/novosti/?page=2"),
        (URL, '<a rel="nofollow next" href="/novosti/2">x</a>', "https://gazeta.kz/novosti/2"),
        (URL, '<a href="/novosti/2/">2</a>', "https://gazeta.kz/novosti/2/"),
        (URL + "?page=3", '<a href="?page=2">2</a><a href="?page=4">4</a>', "https://gazeta.kz/novosti/?page=4"),
        (URL, '<a href="?PAGEN_1=2&amp;x=1">2</a>', None),
        (URL + "?x=1", '<a href="?PAGEN_1=2&amp;x=1">2</a>', "https://gazeta.kz/novosti/?PAGEN_1=2&x=1"),
        (URL + "page/2/", '<a href="/novosti/page/3/">3</a>', "https://gazeta.kz/novosti/page/3/"),
        (URL, '<a href="/drugoe/page/2/">2</a>', None),
        (URL, '<link rel="next" href="https://evil.example/2">', None),
        (URL, f'<link rel="next" href="{URL}">', None),
    ],
)
def test_the_next_page_is_found(url: str, markup: str, following: str | None) -> None:
    assert read(markup, url).next_url == following


def test_a_listing_without_a_number_is_page_one() -> None:
    assert page_number("https://gazeta.kz/news/") == page_number("https://gazeta.kz/news/page/1")
    assert page_number("https://gazeta.kz/news?page=2")[1] == 2


@pytest.mark.parametrize(
    ("url", "article"),
    [
        ("https://gazeta.kz/kazakhstan_news/predlozhenie-o-novoy-konstitutsii-488211/", True),
        ("https://gazeta.kz/politics/2080111-chto-izmenitsya/", True),
        ("https://gazeta.kz/2026/03/kratko", True),
        ("https://gazeta.kz/20260310/kratko-1.html", True),
        ("https://gazeta.kz/a/33012345.html", True),
        ("https://gazeta.kz/n/slovo-o-dolge-i-o-strane", True),
        ("https://gazeta.kz/" + quote("жаңа-заң-туралы-айтылды") + "/", True),
        ("https://gazeta.kz/", False),
        ("https://gazeta.kz/politics/", False),
        ("https://gazeta.kz/kazakhstan_news/", False),
        ("https://gazeta.kz/tag/vybory-v-strane-2026-goda/", False),
        ("https://gazeta.kz/news/page/9375/", False),
        ("https://gazeta.kz/files/otchet-o-rabote-za-god-2025.pdf", False),
        ("https://gazeta.kz/rss/news-of-the-day.xml", False),
    ],
)  # fmt: skip
def test_articles_are_told_from_sections_by_their_looks(url: str, article: bool) -> None:
    assert looks_like_article(url) is article


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("links", b"".join(b'<a href="/novosti/ochen-vazhnaya-novost-%d">x</a>' % n for n in range(200_000))),
        ("sections", b"".join(b'<a href="/s%d">x</a>' % n for n in range(200_000))),
        ("same", b'<a href="/novosti/ochen-vazhnaya-novost-1">x</a>' * 100_000),
        ("attributes", b"<a " + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b">x</a>"),
        ("open tags", b"<a " * 1_000_000),
        ("quotes", b'<a href="' * 500_000),
        ("comments", b"<!-- " * 1_000_000),
        ("scripts", b"<script>" * 500_000),
        ("empty scripts", b"<script></script>" * 200_000),
        ("deep", b"<div>" * 1_000_000),
        ("pictures", (b"<a href=/x-y-z-w-1>" + b'<img x="' * 300) * 1_000),
        ("times", b"<time datetime=2026-03-10>" * 150_000 + b"<a href=/2026/03/10/novost>x</a>"),
        ("nul", b"\x00<a href=\x00/2026/03/10/novost>" * 1_000),
        ("broken", b'<a href="/\xff\xfe-\xd0-\xd0-\xd0-1234">\xd0\xd0</a>' * 100),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_pages_are_read_within_bounds(name: str, body: bytes) -> None:
    assert len(read(body).links) <= MAX_LINKS, name


def test_an_empty_page_and_one_without_links_are_problems() -> None:
    assert read("").problems == ("empty body",)
    assert read("<p>text</p>").problems == ("no links",)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.binary(max_size=12)), min_size=1, max_size=6))
def test_mutated_pages_never_raise_and_never_leave_the_site(edits: list[tuple[float, int, bytes]]) -> None:
    body = PAGE.encode()
    for place, length, piece in edits:
        at = int(place * len(body))
        body = body[:at] + piece + body[at + length :]
    for link in read(body).links:
        assert re.match(r"https?://([a-z.]+\.)?gazeta\.kz/", link.url)
