"""The search page: what it finds, how it counts, what can be taken away."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlite_utils import Database

from archive.db import open_archive
from archive.site.app import site
from archive.site.criteria import Criteria
from archive.site.days import filled
from archive.site.finding import articles, overview, rows
from archive.site.table import safe_cell
from archive.site.views.page import TooSlowError, ask

ATOM = "{http://www.w3.org/2005/Atom}"


def database(press: Any) -> Database:
    return Database(sqlite3.connect(f"file:{press.archive}?mode=ro", uri=True))


def copied(press: Any, folder: Path) -> Database:
    """Return a copy of the press's archive that may be written to."""
    with closing(database(press).conn) as whole, closing(sqlite3.connect(folder / "copy.db")) as copy:
        whole.backup(copy)
    return open_archive(folder / "copy.db")


@pytest.mark.parametrize(
    "criteria",
    [
        Criteria(),
        Criteria(query="референдум"),
        Criteria(languages=("kk", "en")),
        Criteria(query="референдум", sources=("bereg",), roles=("reprint",)),
        Criteria(topics=("referendum-2026",), sources=("aqtan",)),
    ],
)
def test_every_count_is_what_choosing_it_brings(press: Any, criteria: Criteria) -> None:
    """The number beside each value of each facet is the total of the search with that value alone chosen there."""
    db = database(press)
    found = overview(db, criteria)
    assert found.total == len(list(rows(db, criteria)))
    for facet, field in (("language", "languages"), ("source", "sources"), ("topic", "topics"), ("role", "roles")):
        for value, count in found.facets[facet]:
            assert overview(db, criteria.on(**{field: (value,)})).total == count, (facet, value)


def test_everything_is_what_its_days_hold(press: Any, tmp_path: Path) -> None:
    """A search without words and limits is counted by what is kept, and comes to the same as one that looks."""
    db = copied(press, tmp_path)
    db.execute("update articles set published_day = null, published_at = null where id in (3, 5)")
    kept, counted = overview(db, Criteria()), overview(db, Criteria(since=date.min))
    (undated,) = db.execute("select count(*) from articles where published_day is null").fetchone()
    assert undated
    assert kept.total == counted.total + undated
    assert [(day, dict(counts)) for day, counts in kept.days] == [(day, dict(counts)) for day, counts in counted.days]
    everyone = Criteria(languages=tuple(code for code, _ in kept.facets["language"]))
    assert kept.facets == overview(db, everyone).facets
    assert list(rows(db, Criteria())) == list(rows(db, everyone))


def test_days_of_all_times_are_counted_in_bounded_room(press: Any, tmp_path: Path) -> None:
    """A page that claims the year 1 and one of the year 9999 take no table of all days between."""
    db = copied(press, tmp_path)
    for number, day in ((1, "0001-01-01"), (2, "9999-12-31"), (3, "9999-12-30")):
        db.execute("update articles set published_day = ?, language = 'kk' where id = ?", [day, number])
    for criteria in (Criteria(), Criteria(languages=("kk",))):
        found = overview(db, criteria)
        assert [day for day, _ in found.days] == ["9999-12-30", "9999-12-31"]
        assert [day for day, _ in filled(found.days)] == ["9999-12-30", "9999-12-31"]
    db.execute("update articles set published_day = '0002-01-01' where published_day is not null")
    for criteria in (Criteria(), Criteria(languages=("kk", "ru", "en"))):
        assert [day for day, _ in filled(overview(db, criteria).days)] == ["0002-01-01"]


def test_days_add_up_to_the_total(press: Any) -> None:
    found = overview(database(press), Criteria(query="референдум"))
    by_language: Counter[str] = Counter()
    for _, counts in found.days:
        by_language.update(counts)
    assert by_language.total() == found.total
    assert dict(found.facets["language"]) == by_language


def test_pages_of_results_meet_without_gap_or_overlap(press: Any) -> None:
    db = database(press)
    for criteria in (Criteria(), Criteria(query="референдум")):
        pages = [[row["id"] for row in articles(db, criteria.on(page=n))] for n in (1, 2, 3)]
        whole = [row["id"] for row in rows(db, criteria)]
        assert [one for page in pages for one in page] == whole


@pytest.mark.asyncio
async def test_what_was_found_can_be_taken_away(press: Any) -> None:
    client = press.client()
    address = "?q=указ&source=bereg&source=polynya"
    table = list(csv.DictReader(io.StringIO((await client.get("/search.csv" + address)).text.removeprefix("\ufeff"))))
    listed = (await client.get("/search.json" + address)).json()["articles"]
    assert [row["url"] for row in table] == [row["url"] for row in listed]
    assert {row["source_id"] for row in table} == {"bereg", "polynya"}
    page = (await client.get("/search" + address)).text
    assert all(row["title"] in page for row in table)


@pytest.mark.asyncio
async def test_a_search_can_be_followed(press: Any) -> None:
    answer = await press.client().get("/search.atom?q=Конституции&lang=ru")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.text)
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    assert feed.findtext(f"{ATOM}updated") == max(entry.findtext(f"{ATOM}updated") or "" for entry in entries)
    ids = [entry.findtext(f"{ATOM}id") or "" for entry in entries]
    assert len(set(ids)) == len(ids)
    assert all(one.startswith("http://localhost/article/") for one in ids)


@pytest.mark.asyncio
@pytest.mark.parametrize("query", ["AND", "референдум NOT", "title:(", "()"])
async def test_a_query_without_meaning_is_explained(press: Any, query: str) -> None:
    client = press.client()
    answer = await client.get("/search", params={"q": query, "_lang": "ru"})
    assert answer.status_code == 400
    assert "Запрос не удалось понять" in answer.text
    assert (await client.get("/search.csv", params={"q": query})).status_code == 400
    assert (await client.get("/search.atom", params={"q": query})).status_code == 400


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "address", ["?topic=' or 1=1 --", "?lang=%00&q=%00%FF", "?since=2026-99-99&page=99999999", "?source=" + "x" * 999]
)
async def test_no_address_breaks_the_search(press: Any, address: str) -> None:
    assert (await press.client().get("/search" + address)).status_code in (200, 400)


def test_no_cell_is_a_formula() -> None:
    for text in ("=1+1", "+1", "-1", "@x", "\tx"):
        assert str(safe_cell(text)).startswith("'")
    assert safe_cell(-5) == -5
    assert safe_cell("Указ - это") == "Указ - это"


@pytest.mark.asyncio
async def test_an_index_of_another_version_is_explained(press: Any, tmp_path: Path) -> None:
    """The pages stay readable; a search says what to type."""
    archive = tmp_path / "archive.db"
    with sqlite3.connect(press.archive) as source, sqlite3.connect(archive) as copy:
        source.backup(copy)
        copy.execute("update search_index set analyser = 'another'")
    client = site(archive).client
    answer = await client.get("/search?q=указ")
    assert answer.status_code == 400
    assert "python -m archive reindex" in answer.text
    assert (await client.get("/search")).status_code == 200


@pytest.mark.asyncio
@pytest.mark.parametrize("words", ["interrupted", "vtable constructor failed: articles_fts"])
async def test_a_question_that_takes_too_long_is_told_so_in_whatever_words_it_ends(
    press: Any, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite ends a question over its time in several words; each is the page that says so (503), an error that came
    in time is none."""
    monkeypatch.setattr("archive.site.app.SQL_TIME_LIMIT_MS", 50)
    monkeypatch.setattr("archive.site.app.FACET_TIME_LIMIT_MS", 50)
    datasette = site(press.archive)

    def endless(db: Database) -> None:
        try:
            db.execute(
                "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
            ).fetchone()
        except sqlite3.OperationalError as error:
            raise sqlite3.OperationalError(words) from error

    def wrong(db: Database) -> None:
        raise sqlite3.OperationalError("no such table: nothing")

    with pytest.raises(TooSlowError):
        await ask(datasette, endless)
    datasette._settings["sql_time_limit_ms"] = 600_000
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await ask(datasette, wrong)
