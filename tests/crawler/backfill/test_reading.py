"""What a backfill reads of lists: only sitemaps that may hold the days, sections page by page, all of a long list."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from archive.backfills import ListRow
from crawler.backfill.reading import MAX_DEPTH, first_lists, read_list
from crawler.backfill.window import Window
from crawler.backfill.work import LONGEST_CHAIN, beyond
from crawler.source import Entry, Source

HOST = "https://tasaryk.example"
WINDOW = Window(since=date(2026, 2, 1), until=date(2026, 3, 20), zone=ZoneInfo("Asia/Almaty"))
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def source(*entries: Entry) -> Source:
    return Source(
        id="tasaryk", name="Тасарык", homepage=f"{HOST}/", languages=("ru",), country="KZ", kind="private",
        timezone=ZoneInfo("Asia/Almaty"), entries=entries, domains=("tasaryk.example",),
    )  # fmt: skip


def read(kind, body: str, *entries: Entry, depth: int = 0, url: str = f"{HOST}/list"):
    row = ListRow(url=url, kind=kind, chain=url, depth=depth)
    return read_list(row, body.encode(), url, None, source(*entries), WINDOW)


def index(*children: tuple[str, str | None]) -> str:
    rows = "".join(
        f"<sitemap><loc>{HOST}/{name}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}</sitemap>"
        for name, changed in children
    )
    return f"<sitemapindex {SPACE}>{rows}</sitemapindex>"


def names(listed) -> list[str]:
    return [row.url.removeprefix(f"{HOST}/") for row in listed.lists]


def test_lists_that_tell_dates_come_first() -> None:
    """robots.txt of every host, then feeds, news sitemaps, sitemaps and sections."""
    entries = [Entry(kind=kind, url=f"{HOST}/{kind}") for kind in ("section", "sitemap", "feed", "news-sitemap")]
    rows = first_lists(source(*entries, Entry(kind="feed", url="https://kaz.tasaryk.example/rss")))
    assert [row.kind for row in rows] == ["robots", "robots", "feed", "feed", "news-sitemap", "sitemap", "section"]


def test_only_sitemaps_that_may_hold_the_days_are_read() -> None:
    """By the date in the name, by the last change, and both ends of the window hold; others cost nothing."""
    listed = read(
        "sitemap",
        index(
            ("2026-03.xml", None), ("2025-11.xml", "2026-11-01"), ("2026-05.xml", None), ("a-1.xml", "2025-01-01"),
            ("a-2.xml", "2026-03-01"), ("a-3.xml", None), ("2026-02-01.xml", None),
        ),
    )  # fmt: skip
    assert sorted(names(listed)) == ["2026-02-01.xml", "2026-03.xml", "a-2.xml", "a-3.xml"]
    assert listed.skipped == 3


def test_a_last_change_of_today_everywhere_keeps_nothing_out() -> None:
    """Outlets stamp all sitemaps with the moment they are made."""
    listed = read("sitemap", index(*((f"part-{n}.xml", "2026-11-26") for n in range(40))))
    assert len(listed.lists) == 40


def test_an_index_that_names_itself_for_ever_ends() -> None:
    """At MAX_DEPTH no further sitemap is named."""
    assert names(read("sitemap", index(("again.xml", None)), depth=MAX_DEPTH - 2)) == ["again.xml"]
    assert names(read("sitemap", index(("again.xml", None)), depth=MAX_DEPTH - 1)) == []


def test_sitemaps_of_strangers_are_not_read() -> None:
    """An index may name what it likes."""
    other = f"<sitemapindex {SPACE}><sitemap><loc>https://other.example/s.xml</loc></sitemap></sitemapindex>"
    assert read("sitemap", other).lists == ()


def test_a_long_sitemap_is_read_whole_and_newest_first() -> None:
    """A poll takes 5,000 addresses; a backfill all, the highest numbers first where nothing is dated."""
    rows = "".join(f"<url><loc>{HOST}/news/{n}</loc></url>" for n in range(1, 12_001))
    links = read("sitemap", f"<urlset {SPACE}>{rows}</urlset>").links
    assert len(links) == 12_000
    assert (links[0].url, links[-1].url) == (f"{HOST}/news/12000", f"{HOST}/news/1")


def test_robots_names_sitemaps_or_the_usual_place_is_tried() -> None:
    """Own ones only; where the sources file has a sitemap nothing is guessed."""
    body = f"Sitemap: {HOST}/a.xml\nSitemap: https://other.example/b.xml\n"
    assert names(read("robots", body, url=f"{HOST}/robots.txt")) == ["a.xml"]
    assert names(read("robots", "", url=f"{HOST}/robots.txt")) == ["sitemap.xml"]
    entry = Entry(kind="sitemap", url=f"{HOST}/maps.xml")
    assert names(read("robots", "", entry, url=f"{HOST}/robots.txt")) == []


@pytest.mark.parametrize("href", ["?page=2", "/list/page/2/"])
def test_a_section_leads_to_its_next_page_in_one_chain(href: str) -> None:
    """`?page=N` and `/page/N/`."""
    url = f"{HOST}/list" if "?" in href else f"{HOST}/list/"
    body = f'<a href="/news/1-a-long-address">Референдум: что спрашивают жители</a><a href="{href}">2</a>'
    (row,) = read("section", body, url=url).lists
    assert (row.url, row.chain, row.depth) == (url + href.removeprefix("/list/"), url, 1)


def test_a_section_with_a_calendar_gives_the_days_asked_for() -> None:
    """48 days, each a chain of its own; on a day's own page the calendar is not read again."""
    body = "".join(f'<a href="/archive/2026/11/{day:02}/">{day}</a>' for day in range(1, 20))
    listed = read("section", body)
    assert len(listed.lists) == 48
    assert (listed.lists[0].url, listed.lists[-1].url) == (
        f"{HOST}/archive/2026/03/20/", f"{HOST}/archive/2026/02/01/",
    )  # fmt: skip
    assert read("section", body, depth=1).lists == ()


def test_what_is_no_sitemap_is_a_failure() -> None:
    """A page of HTML in place of a sitemap."""
    assert read("sitemap", "<!doctype html><html></html>").failure == "not a sitemap: HTML"


def test_a_section_ends_after_two_older_pages_or_three_that_repeat() -> None:
    """One older page may be a block of old news; a page without anything new may be a slip."""
    assert beyond("section", ["older", "inside"]) is None
    assert beyond("section", ["older", "older", "inside"]) == "the pages before it are older"
    assert beyond("section", ["nothing new"] * 2 + ["inside"]) is None
    assert beyond("section", ["nothing new"] * 3) == "the pages before it brought nothing new"
    assert beyond("section", ["unknown"] * 19 + ["inside"]) is None
    assert beyond("section", ["unknown"] * 20) == "no article of the pages before it told a date"
    assert beyond("section", ["newer"] * 4_999) is None
    assert beyond("section", ["inside"] * LONGEST_CHAIN) == "more than 5,000 pages"


def test_sitemaps_end_only_behind_the_window() -> None:
    """An archive numbered from its newest part would be left at once, were three older parts enough."""
    assert beyond("sitemap", ["older"] * 10) is None
    assert beyond("sitemap", ["older"] * 3 + ["inside", "newer"]) == "the sitemaps before it are older"
    assert beyond("sitemap", ["older", "unknown", "older", "inside"]) is None
