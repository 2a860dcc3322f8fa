"""Figures count what is there; a source is in trouble exactly when its entries, its crawl or its silence say so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.db import open_archive, write
from archive.frontier import EntryRow, Frontier, SourceRow
from archive.reading import open_for_reading
from archive.records import Link
from archive.stats import Health, figures, health
from archive.times import stored

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def test_the_figures_of_the_small_archive(pressed: Path) -> None:
    held = figures(open_for_reading(pressed), pressed)
    assert (held.articles, held.pages, held.first_day, held.last_day) == (5, 6, "2026-03-10", "2026-03-10")
    assert held.by_language == (("ru", 3), ("en", 1), ("kk", 1))
    assert held.by_source == (("dala", 2), ("jel", 2), ("steppe", 1))
    assert held.by_topic == (("referendum", 4),)
    assert held.by_day == (("2026-03-10", 5),)
    assert held.links_by_state == (("stored", 4), ("gone", 1))
    assert (held.reprints, held.excerpts, held.stories_of_many, held.edits, held.deletions) == (1, 0, 1, 1, 1)
    assert held.warc_files == 1
    assert held.warc_bytes == sum(path.stat().st_size for path in (pressed.parent / "warc").iterdir())
    assert held.database_bytes >= pressed.stat().st_size


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return open_archive(tmp_path / "a.db")


def source(db: Database, name: str, *, enabled: bool = True, **entry: object) -> None:
    home = f"https://{name}.example/"
    Frontier(db).register(
        SourceRow(id=name, name=name, homepage=home, languages=("ru",), country=None, kind="private", enabled=enabled),
        [EntryRow(url=home + "rss", kind="feed"), EntryRow(url=home + "all", kind="section", fallback=True)],
    )
    set_entry(db, name, "rss", **entry)


def set_entry(db: Database, name: str, path: str, **entry: object) -> None:
    with write(db):
        for column, value in entry.items():
            db.execute(
                f"update entries set {column} = ? where source_id = ? and url like ?", [value, name, f"%/{path}"]
            )


def run(db: Database, name: str, outcome: str | None, at: datetime = NOON) -> None:
    with write(db):
        db.execute(
            "insert into runs (source_id, started_at, outcome, reason) values (?, ?, ?, 'worker died')",
            [name, stored(at), outcome],
        )


def judged(db: Database, now: datetime = NOON) -> dict[str, Health]:
    return {one.source_id: one for one in health(db, now)}


FINE = {"last_ok_at": stored(NOON), "last_new_at": stored(NOON)}


def test_states(db: Database) -> None:
    source(db, "fine", **FINE)
    run(db, "fine", "ok")
    source(db, "running", **FINE)
    run(db, "running", None)
    source(db, "partial", **FINE)
    run(db, "partial", "partial")
    source(db, "broken", **FINE, failures=1, last_error="HTTP 500")
    source(db, "killed", **FINE)
    run(db, "killed", "killed")
    source(db, "recovered", **FINE)
    run(db, "recovered", "failed", NOON - timedelta(hours=2))
    run(db, "recovered", "ok")
    source(db, "never", last_ok_at=stored(NOON))
    source(db, "fresh")
    source(db, "switched-off", enabled=False, failures=9, last_error="HTTP 410")
    found = judged(db)
    assert {name: one.state for name, one in found.items()} == {
        "fine": "ok",
        "running": "ok",
        "partial": "ok",
        "broken": "failing",
        "killed": "failing",
        "recovered": "ok",
        "never": "silent",
        "fresh": "waiting",
        "switched-off": "off",
    }
    assert "HTTP 500" in found["broken"].trouble
    assert "killed: worker died" in found["killed"].trouble
    assert [one.state for one in health(db, NOON)[:3]] == ["failing", "failing", "silent"]


def test_the_newest_trouble_comes_first(db: Database) -> None:
    for name, hours in (("old", 9), ("new", 1), ("middle", 5)):
        source(db, name, **FINE)
        run(db, name, "failed", NOON - timedelta(hours=hours))
    assert [one.source_id for one in health(db, NOON)] == ["new", "middle", "old"]


def test_one_entry_of_several_is_told_but_is_no_alarm(db: Database) -> None:
    """Entries are candidates: a source whose sitemap is gone and whose feed works still brings its news."""
    source(db, "dala", **FINE)
    with write(db):
        db.execute("update entries set fallback = 0")
    set_entry(db, "dala", "all", failures=3, last_error="HTTP 404")
    one = judged(db)["dala"]
    assert (one.state, one.is_trouble) == ("partly", False)
    assert "1 of 2 entries: https://dala.example/all: HTTP 404" in one.trouble
    set_entry(db, "dala", "rss", failures=1, last_error="HTTP 500")
    assert judged(db)["dala"].is_trouble


def test_a_fallback_counts_only_while_it_is_asked(db: Database) -> None:
    """A listing page that fails is no trouble beside a feed that works, and is one when the feed fails."""
    source(db, "dala", **FINE)
    set_entry(db, "dala", "all", failures=3, last_error="HTTP 403")
    assert judged(db)["dala"].state == "ok"
    set_entry(db, "dala", "rss", failures=1, last_error="HTTP 500")
    assert judged(db)["dala"].state == "failing"
    assert "2 of 2" in judged(db)["dala"].trouble


@pytest.mark.parametrize(
    ("gap_hours", "quiet_hours", "state"),
    [
        (1, 47, "ok"),  # never sooner than two days
        (1, 49, "silent"),
        (24, 200, "ok"),  # ten times its gap
        (24, 250, "silent"),
        (0, 160, "ok"),  # one poll alone brought anything: a week
        (0, 170, "silent"),
    ],
)
def test_silence_is_measured_by_the_outlets_own_rhythm(
    db: Database, gap_hours: int, quiet_hours: int, state: str
) -> None:
    last = NOON - timedelta(hours=quiet_hours)
    source(db, "dala", last_ok_at=stored(NOON), last_new_at=stored(last))
    for n in range(6 if gap_hours else 1):
        url = f"https://dala.example/{n}"
        Frontier(db).add("dala", {url: Link(url=url, found_in="x")}, at=last - timedelta(hours=gap_hours * n))
    assert judged(db)["dala"].state == state


def test_links_count_whatever_entry_they_came_from(db: Database) -> None:
    """A sitemap index announces nothing itself; what its sitemaps bring keeps the source from being silent."""
    source(db, "dala", last_ok_at=stored(NOON))
    url = "https://dala.example/1"
    Frontier(db).add("dala", {url: Link(url=url, found_in="https://dala.example/map-2.xml")}, at=NOON)
    assert (judged(db)["dala"].state, judged(db)["dala"].last_new_at) == ("ok", stored(NOON))
