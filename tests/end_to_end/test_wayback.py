"""Captures in place of pages that are gone: taken politely from a web archive, marked, of their own time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from archive import warc
from archive.times import parsed
from tests.end_to_end.river import Ended, River
from tests.newsroom import Newsroom
from tests.newsroom.site import answer
from tests.webarchive import Captured, WebArchive, as_json

START = "2026-06-01T05:00:00Z"
FIRST = date(2026, 2, 10)
GONE, KNOWN, FORBIDDEN, MOVED, OLD, OFF = 6, 6, 7, 8, 9, 10
TEXT = (
    "Референдум по новой Конституции обсуждают в селе {name}: на сход пришли жители всех улиц.\n"
    "Учитель {name} прочёл вслух статью номер {n} и сравнил её с прежней редакцией.\n"
    "Комиссия {name} откроет участок номер {n} в здании школы, бюллетени привезут за {n} часов."
)


def _stamp(day: date, hour: int = 9) -> str:
    return f"{day:%Y%m%d}{hour:02}3000"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[River, WebArchive, list[Ended]]]:
    """Have the archive close for a day, then open; the outlet's site is a ruin by then."""
    with Newsroom(outlets=[], clock=START) as newsroom, WebArchive() as archive:
        outlet = newsroom.add_outlet("qala", date_style={"ru": "ru-relative"})
        for n in range(11):
            day = FIRST + timedelta(days=n) if n != OLD else date(2025, 6, 1)
            name = "".join("АБВГДЕЖЗИК"[int(digit)] for digit in f"{n:03}") + "тау"
            title = f"Референдум: сход в селе {name}" if n != OFF else "Цены на бензин выросли"
            text = TEXT if n != OFF else "Бензин подорожал на заправках города.\nВодители {name} ждут {n} часов."
            newsroom.add_article(
                "qala", title=title, text=text.format(name=name, n=n), published=f"{day}T06:00:00Z",
                path=f"/news/{100 + n}", on_topic=n != OFF,
            )  # fmt: skip
            # seen on the day itself, and again when it was rewritten
            seen = max(day, FIRST)
            for when in (seen, seen + timedelta(days=20)):
                at = datetime(when.year, when.month, when.day, 9, 30, tzinfo=UTC)
                body = answer(newsroom.press, outlet, f"/news/{100 + n}", at).body
                url = newsroom.url("qala", f"/news/{100 + n}")
                headers = (("Content-Type", "text/html; charset=utf-8"), ("Server", "old"))
                moved = _stamp(seen + timedelta(days=20)) if n == MOVED and when == seen else None
                archive.captures.append(
                    Captured(timestamp=_stamp(when), original=url, body=body, headers=headers, moved_to=moved)
                )
        archive.captures.append(
            Captured(timestamp=_stamp(FIRST), original=newsroom.url("qala", "/about"), body=b"<p>About</p>")
        )
        archive.robots += f"Disallow: /web/*/news/{100 + FORBIDDEN}$\n"
        river = River(folder=tmp_path_factory.mktemp("wayback"), newsroom=newsroom)
        lines = river.folder / "known.jsonl"
        known = {"url": newsroom.url("qala", f"/news/{100 + KNOWN}"), "title": "Референдум: сход", "source": "qala"}
        known |= {"text": "Референдум: этот текст новее и уже в архиве.", "published_at": "2026-02-16T06:00:00Z"}
        lines.write_text(json.dumps(known, ensure_ascii=False) + "\n", encoding="utf-8")
        done = river.run(_import(lines, river.archive))
        assert done.code == 0, done.said
        order = (
            "crawl", "qala", "-a", "since=2026-02-09", "-a", "until=2026-03-01", "-a", "from=wayback",
            "-s", f"WAYBACK_CDX={archive.base}/cdx/search/cdx", "-s", f"WAYBACK_REPLAY={archive.base}/web/",
            "-s", "WAYBACK_LIMIT=4",
        )  # fmt: skip
        archive.busy = {3: "86400"}
        ended = [river.run(river.scrapy(*order))]
        closed = len(archive.asked)
        archive.busy = {closed + 3: "1", closed + 7: "1"}
        ended.append(river.run(river.scrapy(*order)))
        yield river, archive, ended


def _import(lines: Path, archive: Path) -> list[str]:
    import sys

    return [sys.executable, "-m", "pipelines", "import", str(lines), "--archive", str(archive), "--all-topics"]


def test_a_long_retry_after_ends_it_and_it_goes_on_later(told: tuple[River, WebArchive, list[Ended]]) -> None:
    """Told to come back in a day, it stops at once, says so and did not fail; typed again, it goes on and ends well."""
    river, archive, (first, second) = told
    assert first.code == 1
    assert "retry-after" in first.err
    assert "type the same command again" in first.err
    assert [one.status for one in archive.asked[:3]] == [200, 200, 429]
    assert second.code == 0, second.said + as_json(archive.asked)
    assert "goes on where it was left" in second.err
    outcomes = [(run["outcome"], run["reason"]) for run in river.rows("select * from runs order by id")]
    assert outcomes[0][0] == "partial"
    assert outcomes[0][1].startswith("paused: retry-after, 86,400 s; to go on, type the same command again after 20")
    assert outcomes[1][0] == "ok", outcomes


def test_articles_are_of_the_time_of_their_capture(told: tuple[River, WebArchive, list[Ended]]) -> None:
    """First seen when they were captured, found in the capture, at their own address, 'Сегодня' read as of then."""
    river, archive, _ = told
    stored = river.articles()
    for n in range(GONE):
        article = stored[river.newsroom.url("qala", f"/news/{100 + n}")]
        day = FIRST + timedelta(days=n)
        assert article["first_seen_at"] == article["last_seen_at"] == f"{day}T09:30:00Z"
        assert article["found_in"] == f"{archive.base}/web/{_stamp(day)}id_/{article['url']}"
        assert article["published_at"] == f"{day}T06:00:00Z"
        assert (article["versions"], article["gone_at"]) == (1, None)
        assert article["story_id"] is not None


def test_the_capture_is_kept(told: tuple[River, WebArchive, list[Ended]]) -> None:
    """The WARC record has the page's own address, the time of the capture and where it was replayed."""
    river, archive, _ = told
    rows = river.rows(
        "select p.* from pages p join articles a on a.page_id = p.id where a.url like '%/news/100' or a.url like ?",
        "%/news/101",
    )
    assert len(rows) == 2
    for row in rows:
        page = warc.read(warc.folder_of(river.archive), row["warc_file"], row["warc_offset"], row["warc_length"])
        assert page.url == row["url"]
        assert page.fetched_at == parsed(row["fetched_at"])
        assert page.header("x-dauys-capture") == f"{archive.base}/web/{page.fetched_at:%Y%m%d%H%M%S}id_/{page.url}"
        assert page.header("content-type") == "text/html; charset=utf-8"
        assert f"{row['fetched_at'][:10]}" in ("2026-02-10", "2026-02-11")


def test_what_was_crawled_stays_and_is_not_asked_for(told: tuple[River, WebArchive, list[Ended]]) -> None:
    """A stored article gets no earlier version, and its captures are not even fetched."""
    river, archive, _ = told
    article = river.articles()[river.newsroom.url("qala", f"/news/{100 + KNOWN}")]
    assert article["text"] == "Референдум: этот текст новее и уже в архиве."
    assert article["versions"] == 1
    assert not [one for one in archive.asked if one.path.endswith(f"/news/{100 + KNOWN}")]


def test_a_redirect_to_another_capture_gives_its_time(told: tuple[River, WebArchive, list[Ended]]) -> None:
    """An archive answers with the nearest capture that it can replay."""
    river, _, _ = told
    article = river.articles()[river.newsroom.url("qala", f"/news/{100 + MOVED}")]
    assert article["first_seen_at"] == f"{FIRST + timedelta(days=MOVED + 20)}T09:30:00Z"
    assert article["published_at"] == f"{FIRST + timedelta(days=MOVED)}T06:00:00Z"


def test_the_page_decides_what_the_index_cannot_tell(told: tuple[River, WebArchive, list[Ended]]) -> None:
    """An older article that was captured within the days has its own date; one off topic is not kept."""
    river, _, _ = told
    old = river.rows("select * from backfill_pages where url like ?", f"%/news/{100 + OLD}")[0]
    assert (old["state"], old["at"]) == ("done", "2025-06-01")
    off = river.rows("select * from backfill_pages where url like ?", f"%/news/{100 + OFF}")[0]
    assert off["state"] == "done"
    assert river.newsroom.url("qala", f"/news/{100 + OFF}") not in river.articles()


def test_the_archive_is_asked_by_its_own_rules_and_the_outlet_not_at_all(
    told: tuple[River, WebArchive, list[Ended]],
) -> None:
    """robots.txt first, one request at a time, nothing that is disallowed; each 429 was followed by the same again."""
    river, archive, _ = told
    assert archive.asked[0].path == "/robots.txt"
    assert {one.in_flight for one in archive.asked} == {1}
    forbidden = river.rows("select * from backfill_pages where url like ?", f"%/news/{100 + FORBIDDEN}")[0]
    assert (forbidden["state"], forbidden["reason"]) == ("failed", "robots: disallowed")
    assert not [one for one in archive.asked if one.path.endswith(f"/news/{100 + FORBIDDEN}")]
    paths = [one.path for one in archive.asked]
    for at, one in enumerate(archive.asked[3:-1], 3):
        if one.status == 429:
            assert paths[at + 1] == one.path
    assert [one.status for one in archive.asked].count(429) == 3
    keys = [one for one in archive.asked if one.query.get("resumeKey") and one.status == 200]
    assert len(keys) >= 2
    assert river.asked_since(0) == []


def test_links_tell_of_the_live_site_alone(told: tuple[River, WebArchive, list[Ended]]) -> None:
    """No link is made of a capture: when the site lists the address, a crawl looks at the page itself."""
    river, _, _ = told
    assert river.rows("select * from links") == []
