"""The shipped list of outlets: every source finds its articles and leaves lists, people and searches alone.

The addresses are invented after the shape that each outlet gives its articles.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from urllib.parse import urljoin

import pytest

from crawler.source import Source
from crawler.sources import load_sources

ROOT = Path(__file__).resolve().parents[2]
SOURCES = load_sources(ROOT / "sources.toml")

ARTICLES: dict[str, tuple[str, ...]] = {
    "kazinform": (
        "https://www.inform.kz/ru/dala-dauysy-otkryt-novyy-uchastok-a1b2c3",
        "https://kaz.inform.kz/news/zhana-uchaske-ashyldy-0f9e8d/",
        "https://qazinform.com/news/new-station-opens-in-the-steppe-12ab34",
    ),
    "kazpravda": ("https://kazpravda.kz/n/vydumannaya-novost-o-pogode-v-stepi/",),
    "egemen": (
        "https://egemen.kz/article/400123-oydan-shygharylghan-maqala",
        "https://egemen.kz/news/400123",
        "https://ru.egemen.kz/ru/news/400124",
    ),
    "khabar-24": (
        "https://24.kz/ru/news/social/712345-vydumannaya-novost",
        "https://24.kz/kz/news/qogham/712346-qiyal",
    ),
    "khabar": ("https://khabar.kz/ru/news/obshchestvo/item/190123-vydumannaya-novost",),
    "qazaqstan-tv": ("https://qazaqstan.tv/news/201234/",),
    "baq": ("https://baq.kz/qiyaldan-tughan-zhanalyq-200012345", "https://rus.baq.kz/vydumannaya-novost_300012345/"),
    "el": ("https://el.kz/qiyaldan-tughan-zhanalyq_400012345/", "https://el.kz/ru/vydumannaya-novost_400012346/"),
    "arqa-azhary": (
        "https://arka-azhary.kz/2026/03/12/қиялдан-туған-жаңалық/",
        "https://arka-azhary.kz/2026/03/12/%d2%9b%d0%b8%d1%8f%d0%bb/",
    ),
    "liter": ("https://liter.kz/vydumannaya-novost-1773561600/",),
    "turkystan": (
        "https://turkystan.kz/article/250123-qiyaldan-tughan",
        "https://turkystan.kz/qiyaldan-tughan-bir-maqala",
    ),
    "tengrinews": (
        "https://tengrinews.kz/kazakhstan_news/vyidumannaya-novost-stepi-567890/",
        "https://kaz.tengrinews.kz/saya_sat/qiyaldan-tughan-zhanalyq-361234/",
        "https://en.tengrinews.kz/politics_sub/an-invented-item-268123/",
    ),
    "zakon": (
        "https://www.zakon.kz/obshestvo/6512345-vydumannaya-novost.html",
        "https://kaz.zakon.kz/qogham-tynysy/6512346-qiyal.html",
    ),
    "nur": (
        "https://www.nur.kz/politics/kazakhstan/2345678-vydumannaya-novost/",
        "https://www.nur.kz/society/2345679-a/",
    ),
    "informburo": (
        "https://informburo.kz/novosti/vydumannaya-novost.html",
        "https://informburo.kz/stati/xoroshaya-cena",
    ),
    "vlast": ("https://vlast.kz/novosti/67890-vydumannaa-novost.html", "https://vlast.kz/english/67891-an-item.html"),
    "orda": ("https://orda.kz/vydumannaja-novost-412345/", "https://en.orda.kz/an-invented-item-12345/"),
    "ulysmedia": ("https://ulysmedia.kz/news/54321-vydumannaia-novost/", "https://qaz.ulysmedia.kz/news/5432-qiial/"),
    "kursiv": (
        "https://kz.kursiv.media/2026-03-12/abcd-vydumannaya-novost/",
        "https://kz.kursiv.media/en/2026-03-12/an-item/",
    ),
    "kapital": ("https://kapital.kz/gosudarstvo/145678/vydumannaya-novost.html",),
    "inbusiness": (
        "https://www.inbusiness.kz/ru/news/vydumannaya-novost",
        "https://inbusiness.kz/ru/last/vydumannaya-novost",
    ),
    "forbes-kz": ("https://forbes.kz/articles/vydumannaya-novost-a1b2c3",),
    "newtimes": (
        "https://newtimes.kz/obshchestvo/213456-vydumannaya-novost",
        "https://newtimes.kz/vydumannaya-novost-213456/",
    ),
    "stan": ("https://stan.kz/qiyaldan-tughan-zhana-412345/",),
    "ktk": (
        "https://www.ktk.kz/ru/news/2026/03/12/254321/",
        "https://www.ktk.kz/ru/newsfeed/article/2026/03/12/254321/",
    ),
    "kaztag": ("https://kaztag.kz/ru/news/vydumannaya-novost",),
    "lsm": ("https://lsm.kz/vydumannaya-novost-dnya",),
    "ratel": ("https://ratel.kz/raw/vydumannaja_novost_dnja",),
    "spik": ("https://spik.kz/2345-vydumannaja-novost.html",),
    "adyrna": ("https://adyrna.kz/kk/post/212345", "https://adyrna.kz/post/212346"),
    "exclusive": ("https://exclusive.kz/odna-vydumannaya-novost-dnya/",),
    "astana-times": ("https://astanatimes.com/2026/03/an-invented-item/", "https://astanatimes.com/?p=91234"),
    "lada": ("https://www.lada.kz/aktau-news/123456-vydumannaya-novost.html",),
    "moi-gorod": ("https://mgorod.kz/news/vydumannaya-novost-dnya",),
    "alau": ("https://alau.kz/odna-vydumannaya-novost-dnya/",),
    "diapazon": ("https://diapazon.kz/news/212345-vydumannaya-novost",),
    "sn": (
        "https://sn.kz/sn-zhanalyqtar-basty-bet/112345-qiyal",
        "https://sn.kz/novosti/112346-vydumannaya-novost/amp",
    ),
    "azattyq": (
        "https://www.azattyq.org/a/31234567.html",
        "https://rus.azattyq.org/a/vydumannaya-novost/31234568.html",
        "https://rus.azattyq.org/a/31234569/lbl0lbi123456.html",
    ),
    "sputnik-kz": (
        "https://ru.sputnik.kz/20260312/vydumannaya-novost-51234567.html",
        "https://sputnik.kz/20260312/qiyal-51234568.html",
    ),
    "times-of-central-asia": ("https://timesca.com/an-invented-item-of-news/",),
    "cabar": ("https://cabar.asia/ru/odna-vydumannaya-statya",),
    "akorda": (
        "https://www.akorda.kz/ru/vydumannoe-soobshchenie-1212345",
        "https://akorda.kz/kz/legal_acts/decrees/zharlyq-12345",
    ),
    "primeminister": (
        "https://primeminister.kz/ru/news/vydumannaya-novost-31234",
        "https://primeminister.kz/kz/news/reviews/qiyal-31235",
    ),
    "election": (
        "https://www.election.gov.kz/rus/news/releases/?ID=9123",
        "https://www.election.gov.kz/kaz/news/releases/index.php?ID=9124",
    ),
    "parliament": ("https://www.parlam.kz/ru/mazhilis/news-details/51234",),
    "gov-kz": ("https://www.gov.kz/memleket/entities/sci/press/news/details/1123456?lang=ru",),
}
"""Source id -> addresses of articles that must be taken."""

NO_ARTICLES = (
    "/",
    "/ru",
    "/ru/",
    "/kz/",
    "/en/",
    "/news/",
    "/ru/news",
    "/politics/",
    "/tag/referendum/",
    "/tags/referendum-2026",
    "/ru/tags/tag/konstituciya",
    "/author/zhurnalist-odin-dva-tri/",
    "/category/politika/",
    "/search/?q=referendum",
    "/?s=referendum",
    "/login",
    "/about/",
    "/contacts",
    "/reklama/",
    "/rss.xml",
    "/feed/",
    "/upload/iblock/2026/03/12/photo-1234567.jpg",
    "/video/vydumannyj-syuzhet-123456/",
    "/wp-login.php?redirect_to=1",
    "/privacy-policy/",
)
"""Pages that many sites have and that are no articles."""


@pytest.fixture(params=list(SOURCES), ids=lambda source: source.id)
def source(request: pytest.FixtureRequest) -> Source:
    chosen: Source = request.param
    return chosen


def test_its_articles_are_taken(source: Source) -> None:
    assert ARTICLES[source.id]
    for url in ARTICLES[source.id]:
        assert source.wants(url), url
        assert source.wants(f"{url}{'&' if '?' in url else '?'}utm_source=telegram&fbclid=x#comments"), url


def test_lists_people_and_searches_are_left_alone(source: Source) -> None:
    for path in NO_ARTICLES:
        assert not source.wants(urljoin(source.homepage, path)), path
    for entry in source.entries:
        assert not source.wants(entry.url), entry.url
        assert not source.wants(urljoin(entry.url, "/tag/konstituciya-referendum-2026-goda/"))


def test_articles_of_others_are_left_alone(source: Source) -> None:
    for other, urls in ARTICLES.items():
        if other != source.id:
            assert not any(source.wants(url) for url in urls), other


def test_it_is_an_outlet_that_can_be_watched(source: Source) -> None:
    """Enough is known of each: a pattern, gentle delay, an entry for each channel of each language it lists."""
    assert source.allow
    assert source.deny
    assert source.delay >= 3
    assert any(not entry.fallback for entry in source.entries)
    listed = {entry.language for entry in source.entries}
    assert None in listed or listed >= set(source.languages[:1])
    assert source.owns(source.homepage)
    assert all(source.owns(entry.url) for entry in source.entries)


def test_the_list_covers_the_field() -> None:
    """State, private, foreign and official; Russian, Kazakh and English; the outlets with the most to say."""
    enabled = SOURCES.enabled
    assert len(enabled) >= 30
    kinds = Counter(source.kind for source in enabled)
    assert kinds["state"] >= 8
    assert kinds["private"] >= 15
    assert kinds["foreign"] >= 3
    assert kinds["official"] >= 3
    languages = Counter(language for source in enabled for language in source.languages)
    assert languages["kk"] >= 15
    assert languages["en"] >= 8
    assert set(ARTICLES) == {source.id for source in SOURCES}
