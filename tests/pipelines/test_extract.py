"""From bytes and headers to an article."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.records import Article, Link, Page
from pipelines.extract import extract

ALMATY = ZoneInfo("Asia/Almaty")
FETCHED = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
URL = "https://tasaryk.example/ru/news/most-otkryt"
PARAGRAPHS = (
    "Мост через реку Тасарык открыли в субботу утром, и первые пешеходы перешли его ещё до официальной церемонии.",
    "Строительство длилось три года. Дважды площадку затапливал паводок, и опоры приходилось укреплять заново, "
    "рассказал прораб Ерлан Омаров.",
    "По словам акима, весной рядом с мостом разобьют сквер, а летом появится освещённая велодорожка до вокзала.",
    "Жители левого берега ждали переправу двадцать лет: раньше дорога до школы занимала у детей почти час.",
    "Городские власти обещают, что движение автобусов по новому маршруту начнётся в понедельник.",
    "Смета выросла на четверть, однако деньги, по данным акимата, нашли без займа, отложив ремонт стадиона.",
)
MENU = '<header><nav><a href="/">Главная</a><a href="/city">Город</a></nav></header>'
FOOT = (
    '<aside class="related"><h3>Читайте также</h3><p class="date">09.01.2025, 11:00</p></aside><footer>© 2026</footer>'
)


def page(
    *, head: str = "", top: str = "", bottom: str = "", url: str = URL, fetched_at: datetime = FETCHED, lang: str = "ru"
) -> Page:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    source = (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8">'
        f"<title>Мост открыт для пешеходов</title>{head}</head><body>{MENU}<main><article>"
        f"<h1>Мост открыт для пешеходов</h1>{top}{body}</article>{bottom}{FOOT}</main></body></html>"
    )
    return Page(url=url, fetched_at=fetched_at, body=source.encode())


def read(given_page: Page, hint: Link | None = None) -> Article:
    return extract(given_page, zone=ALMATY, hint=hint)


def test_text_is_the_article_and_nothing_else() -> None:
    """The paragraphs come out whole and in order, without menu, headline, related links or footer."""
    assert read(page()).text == "\n".join(PARAGRAPHS)


def test_comments_of_readers_are_left_out() -> None:
    """What readers wrote under the article is not its text."""
    comments = "".join(
        f'<li class="comment"><p>Отличная новость номер {n}, давно ждали этот мост!</p></li>' for n in range(9)
    )
    found = read(
        page(bottom=f'<section id="comments" class="comments"><ol class="comment-list">{comments}</ol></section>')
    )
    assert "Отличная новость" not in found.text


def test_provenance_names_the_places() -> None:
    """Each field that was found tells where it was found."""
    found = read(page(head='<meta property="article:published_time" content="2026-03-14T10:00:00+05:00">'))
    assert found.published_from == "meta"
    assert found.provenance["published_at"] == "meta: meta article:published_time"
    assert set(found.provenance) >= {"title", "text", "canonical_url", "language", "charset"}


DATE_PLACES = [
    '<div class="article-meta"><span class="date">{}</span></div>',
    "<p>{}</p>",
    "<div>Опубликовано: {}</div>",
    '<div class="info"><i class="icon"></i> {} <span>1 204 просмотра</span></div>',
]


@pytest.mark.parametrize("place", DATE_PLACES)
def test_every_shown_format_is_read_on_a_page(shared_data: Path, place: str) -> None:
    """All formats seen on real outlets are read inside a page, whatever holds them; a related item's date is not."""
    rows = (shared_data / "referendum" / "date_formats.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(rows) >= 12
    for row in rows:
        _, shown, expected, _, _ = row.split("\t")
        fetched = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
        if expected == "relative":
            expected = "2026-03-16T" + shown[-5:]
        elif shown.startswith("Бүг"):
            fetched = datetime(2026, 2, 23, 12, 0, tzinfo=UTC)
        machine_made = shown.startswith("2024-04-18T")
        if machine_made:
            found = read(page(head=f'<meta property="article:published_time" content="{shown}">'))
        else:
            found = read(page(top=place.format(shown), fetched_at=fetched))
        assert found.published_at is not None, shown
        assert found.published_at.isoformat().startswith(expected.split("+")[0]), shown
        assert found.published_precision == ("day" if "T" not in expected else "second" if machine_made else "minute")


def test_modification_is_never_publication() -> None:
    """A page that only tells when it was changed has no date of publication."""
    for top in ("<p class='date'>Обновлено: 14.03.2026, 12:00</p>", "<p>Жаңартылды: 14.03.2026</p>"):
        found = read(page(top=top))
        assert found.published_at is None
        assert found.modified_at is not None
    found = read(page(head='<meta property="article:modified_time" content="2026-03-14T10:00:00+05:00">'))
    assert (found.published_at, found.modified_at is not None) == (None, True)


def test_both_dates_in_one_line() -> None:
    """A line with publication and change gives each its own."""
    found = read(page(top="<p class='date'>Опубликовано: 13.03.2026, 10:00. Обновлено: 14.03.2026, 12:00</p>"))
    assert found.published_at == datetime(2026, 3, 13, 10, 0, tzinfo=ALMATY)
    assert found.modified_at == datetime(2026, 3, 14, 12, 0, tzinfo=ALMATY)


def test_future_dates_are_refused_and_the_next_place_is_asked() -> None:
    """A date more than a day after the fetch is passed over with a note."""
    found = read(
        page(
            head='<meta property="article:published_time" content="2027-03-14T10:00:00+05:00">',
            top='<span class="date">14.03.2026, 10:00</span>',
        )
    )
    assert found.published_at == datetime(2026, 3, 14, 10, 0, tzinfo=ALMATY)
    assert any("future" in note for note in found.notes)


def test_a_day_takes_its_time_from_the_next_place() -> None:
    """A date without a time is completed by a place that tells the same day."""
    data = '{"@type":"NewsArticle","headline":"Мост","datePublished":"2026-03-14"}'
    head = f'<script type="application/ld+json">{data}</script>'
    found = read(page(head=head, top='<span class="date">14.03.2026, 10:05</span>'))
    assert found.published_from == "json-ld"
    assert found.published_precision == "minute"
    assert found.published_at == datetime(2026, 3, 14, 10, 5, tzinfo=ALMATY)


def test_utc_becomes_the_clock_of_the_outlet() -> None:
    """A stamp in UTC is told on the outlet's clock when the page shows it; the moment stays."""
    head = '<meta property="article:published_time" content="2026-03-13T20:30:10Z">'
    found = read(page(head=head, top='<span class="date">14.03.2026, 01:30</span>'))
    assert found.published_at is not None
    assert found.published_at.isoformat() == "2026-03-14T01:30:10+05:00"


def test_hints_fill_what_the_page_lacks() -> None:
    """Feed and sitemap hints are used when the page says nothing, and only then."""
    hint = Link(
        url=URL, found_in="https://tasaryk.example/rss", title_hint="Из ленты", published_hint=FETCHED, hint_from="feed"
    )
    found = read(page(), hint)
    assert (found.published_at, found.published_from, found.title) == (FETCHED, "feed", "Мост открыт для пешеходов")
    empty = read(Page(url=URL, fetched_at=FETCHED, body=b""), hint)
    assert (empty.title, empty.text) == ("Из ленты", "")


def test_http_comes_last() -> None:
    """Last-Modified counts only on a page without any date, as a day, and not when it is fresh."""
    headers = (("Last-Modified", "Sat, 07 Mar 2026 05:00:00 GMT"),)
    old = Page(url=URL, fetched_at=FETCHED, body=page().body, headers=headers)
    assert read(old).published_from == "http"
    fresh = Page(
        url=URL, fetched_at=FETCHED, body=page().body, headers=(("Last-Modified", "Mon, 16 Mar 2026 08:59:00 GMT"),)
    )
    assert read(fresh).published_at is None


def test_canonical_of_another_house_is_not_believed() -> None:
    """rel=canonical is taken within the registered domain only."""
    own = read(page(head='<link rel="canonical" href="https://tasaryk.example/ru/news/most">'))
    other = read(page(head='<link rel="canonical" href="https://elsewhere.example/most">'))
    assert own.canonical_url == "https://tasaryk.example/ru/news/most"
    assert other.canonical_url == URL


def test_listings_give_no_article() -> None:
    """A page of headlines and leads has no text, no date, and a note."""
    cards = "".join(
        f'<div class="item"><a href="/news/{n}"><h3>Заголовок новости номер {n} о жизни города</h3></a>'
        f"<p>Короткий пересказ новости номер {n} в двух десятках слов для списка.</p>"
        f"<time>1{n % 10}.03.2026</time></div>"
        for n in range(15)
    )
    source = f"<html><body>{MENU}<main><h1>Новости города</h1><div class='list'>{cards}</div></main></body></html>"
    found = read(Page(url="https://tasaryk.example/news/", fetched_at=FETCHED, body=source.encode()))
    assert found.text == ""
    assert any(note.startswith("no article") for note in found.notes)


def test_real_pages_of_kazakhstan(shared_data: Path) -> None:
    """The three legal acts give their text in their language; the listings give no article."""
    folder = shared_data / "html_kz_pages"
    for path in sorted(folder.glob("*.html.gz")):
        kind = path.name.split("_")[0]
        found = read(Page(url=f"https://{kind}.kz/docs/x", fetched_at=FETCHED, body=gzip.decompress(path.read_bytes())))
        if kind == "adilet":
            assert len(found.text) > 90_000
            assert found.language == path.name.removesuffix(".html.gz")[-2:]
            assert found.title
        elif kind == "tengrinews":
            assert found.text == ""
            assert any("list of links" in note for note in found.notes)
        else:
            assert found.title


def test_deep_pages_are_read_and_told() -> None:
    """Text below 256 nested elements is kept, and the record says that the page is odd."""
    source = "<html><body>" + "<div>" * 600 + "".join(f"<p>{p}</p>" for p in PARAGRAPHS) + "</div>" * 600
    found = read(Page(url=URL, fetched_at=FETCHED, body=source.encode()))
    assert PARAGRAPHS[0] in found.text
    assert any("256 nested" in note for note in found.notes)


def test_a_tag_with_endless_attributes_is_refused() -> None:
    """The page is not parsed and the note says why; long data attributes of honest pages are no reason."""
    hostile = "<html><body><div " + " ".join(f"a{n}=1" for n in range(20_000)) + ">x</div></body></html>"
    found = read(Page(url=URL, fetched_at=FETCHED, body=hostile.encode()))
    assert "attributes" in found.notes[-1]
    honest = page(bottom='<div data-posts="' + "a=1 " * 20_000 + '"></div>')
    assert PARAGRAPHS[0] in read(honest).text


@given(st.binary(max_size=600), st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_a_record(body: bytes, url: str) -> None:
    """No bytes and no address raise, and the record can be stored."""
    found = read(Page(url=url, fetched_at=FETCHED, body=body))
    found.text.encode()
    (found.title or "").encode()


PARTS = """<p> | </p> | <div | class='date' | > | <time datetime='2026-13-45'> | <table> | <h1> | Сегодня, 25:61
<script type='application/ld+json'>{ | <a href='//['> | &#0; | ]]>"""


@given(st.lists(st.sampled_from(PARTS.split(" | ")), max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_markup_gives_a_record(parts: list[str]) -> None:
    """No arrangement of broken markup raises."""
    read(Page(url=URL, fetched_at=FETCHED, body="".join(parts).encode()))


def test_control_characters_in_a_page_cost_no_article() -> None:
    """Found by fuzzing: one before the document made the reader of dates give up the whole page."""
    body = (
        "\x01#data\n<script>1</script>\n<article><h1>Тақырып</h1><p>" + "Учаскелер ашылды. " * 30 + "\x0e</p></article>"
    )
    page = Page(url="https://sham.example/1", body=body.encode(), fetched_at=datetime(2026, 11, 1, tzinfo=UTC))
    assert extract(page, zone=ZoneInfo("Asia/Almaty")).text.count("Учаскелер") == 30
