"""What is kept is what counting would find, whatever happens to articles, stories, links, versions and removals."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from statistics import mean, median

import pytest
from sqlite_utils import Database

from archive import listings
from archive.db import open_archive, write
from archive.kept import cells, schema

LANGUAGES = ("ru", "kk", "en", None)
DAYS = ("2024-02-29", "2026-03-10", "2026-03-15", None)
ROLES = ("first", "reprint", "excerpt", None)
STATES = ("new", "stored", "failed", "off-topic")


class Hands:
    """Changes an archive at random, by SQL alone: the counts must not depend on who writes."""

    def __init__(self, db: Database, seed: int) -> None:
        self.db = db
        self.rng = random.Random(seed)
        self.next = 1

    def some(self, sql: str) -> object:
        """Return one value of a query at random, or None where there is none."""
        rows = self.db.execute(sql).fetchall()
        return self.rng.choice(rows)[0] if rows else None

    def step(self) -> None:
        """Do one thing."""
        choice = self.rng.choice
        article, story = self.some("select id from articles"), self.some("select id from stories")
        source, day, language, role = f"s{self.rng.randrange(4)}", choice(DAYS), choice(LANGUAGES), choice(ROLES)
        moment = day and choice((day, f"{day}T0{self.rng.randrange(10)}:30:00+05:00"))
        kind = self.rng.randrange(13)
        if kind < 3 or article is None:
            number = self.next = self.next + choice((1, 1, 1, 700))
            self.db.execute(
                """insert into articles (id, url, url_key, source_id, language, published_day, published_at, title,
                    first_seen_at, last_seen_at, words, text_sha256, text, story_id, story_role)
                values (?, ?, ?, ?, ?, ?, ?, 't', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 1, 'x', 'x', ?, ?)""",
                [number, f"u{number}", f"u{number}", source, language, day, moment, story, role if story else None],
            )
            seen = f"2026-01-01T00:{number % 60:02}:00Z"
            self.db.execute(
                "insert into links (url, url_key, source_id, first_seen_at, state) values (?, ?, ?, ?, ?)",
                [f"u{number}", f"u{number}", source, seen, choice(STATES)],
            )
        elif kind == 3:
            self.db.execute(
                "update articles set published_day = ?, published_at = ? where id = ?", [day, moment, article]
            )
        elif kind == 4:
            self.db.execute("update articles set language = ?, source_id = ? where id = ?", [language, source, article])
        elif kind == 5:
            self.db.execute(
                "update articles set story_id = ?, story_role = ?, story_similarity = ? where id = ?",
                [story, role if story else None, choice((0.5, 0.9, None)), article],
            )
        elif kind == 6:
            self.db.execute("insert into stories (first_published_at) values (?)", [moment])
        elif kind == 7:
            first = self.some(f"select id from articles where story_id = {story or 0}")
            self.db.execute(
                """update stories set first_article_id = ?2, (articles, sources) =
                    (select count(*), count(distinct source_id) from articles where story_id = ?1) where id = ?1""",
                [story, first],
            )
        elif kind == 8:
            self.db.execute("insert or replace into topic_hits values (?, ?, 1, '{}', 1)", [article, choice("abc")])
        elif kind == 9:
            self.db.execute("delete from topic_hits where article_id = ?", [article])
            self.db.execute("update links set state = ? where url = ?", [choice(STATES), f"u{article}"])
        elif kind == 10:
            n = (
                self.db.execute("select count(*) from article_versions where article_id = ?", [article]).fetchone()[0]
                + 1
            )
            self.db.execute(
                "insert into article_versions (article_id, n, seen_at, text_sha256) values (?, ?, '2026', 'x')",
                [article, n],
            )
        elif kind == 11:
            if self.db.execute("update removals set back_at = '2027' where article_id = ? and back_at is null",
                               [article]).rowcount == 0:  # fmt: skip
                self.db.execute(
                    "insert or ignore into removals values (?, ?, '410', null)", [article, f"{self.rng.random()}"]
                )
        else:
            for table in ("topic_hits", "article_versions", "removals"):
                self.db.execute(f"delete from {table} where article_id = ?", [article])
            self.db.execute("delete from links where url = ?", [f"u{article}"])
            self.db.execute("delete from articles where id = ?", [article])


@pytest.fixture
def db(tmp_path: Path) -> Database:
    """Return an empty archive of four outlets."""
    db = open_archive(tmp_path / "archive.db")
    for number in range(4):
        db.execute("insert into sources (id, name, homepage, languages) values (?, ?, '', '[]')", [f"s{number}", "S"])
    return db


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_is_what_counting_finds(db: Database, seed: int) -> None:
    """The triggers and the definitions agree after any order of changes, and filling anew changes nothing."""
    hands = Hands(db, seed)
    for _ in range(8):
        with write(db):
            for _ in range(30):
                hands.step()
        assert list(schema.faults(db)) == []
    before = {table: db.execute(f"select * from {table}").fetchall() for table in schema.DEFINITIONS}
    with write(db):
        schema.fill(db)
    assert list(schema.faults(db)) == []
    for blobs in ("kept_topics", "kept_cells"):  # blocks that lost their last article are not made again
        del before[blobs]
    assert {table: sorted(rows, key=str) for table, rows in before.items()} == {
        table: sorted(db.execute(f"select * from {table}").fetchall(), key=str) for table in before
    }


def test_a_cell_says_what_the_article_says(db: Database) -> None:
    """Day, language, outlet and role can be read back from the eight bytes, at the place of the article's number."""
    hands = Hands(db, 9)
    with write(db):
        for _ in range(200):
            hands.step()
    found = cells.read_cells(db)
    sources, languages = cells.codes(db, "source"), cells.codes(db, "language")
    read = {}
    for number in found.nonzero()[0].tolist():
        cell = int(found[number])
        ordinal = cell >> cells.DAY_AT & (1 << cells.DAY_BITS) - 1
        read[number] = (
            ordinal,
            languages[cell >> cells.LANGUAGE_AT & (1 << cells.LANGUAGE_BITS) - 1],
            sources[cell >> cells.SOURCE_AT & (1 << cells.SOURCE_BITS) - 1],
            cells.ROLES[cell & 3],
        )
    rows = db.execute(
        "select id, published_day, coalesce(language, 'und'), source_id, coalesce(story_role, 'first') from articles"
    )
    assert read == {
        row[0]: (date.fromisoformat(row[1]).toordinal() if row[1] else 0, row[2], row[3], row[4]) for row in rows
    }
    for topic in "abc":
        wanted = {row[0] for row in db.execute("select article_id from topic_hits where topic_id = ?", [topic])}
        assert set(cells.read_topic(db, topic).nonzero()[0].tolist()) == wanted


def test_few_articles_are_read_from_their_blocks_alone(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells and topics of some articles are the same whether their blocks are read or all, also where one is absent."""
    hands = Hands(db, 5)
    with write(db):
        for _ in range(300):
            hands.step()
    every = cells.read_cells(db)
    ids = every.nonzero()[0]
    assert len(set((ids // cells.BLOCK).tolist())) > 3
    for few in (ids[::3], ids[-1:], ids[:0], ids[5:9]):
        alone = [cells.cells_of(db, few), *(cells.of_topic(db, topic, few) for topic in ("a", "b", "absent"))]
        with monkeypatch.context() as all_together:
            all_together.setattr(cells, "FEW", -1)
            whole = [cells.cells_of(db, few), *(cells.of_topic(db, topic, few) for topic in ("a", "b", "absent"))]
        assert [found.tolist() for found in alone] == [found.tolist() for found in whole]
        assert alone[0].tolist() == every[few].tolist()


@pytest.mark.parametrize("since", [None, date(2026, 3, 12)])
def test_pairs_of_outlets_are_their_reprints_added_up(db: Database, since: date | None) -> None:
    """Who copied whom is told from what is kept as Python counts it from the reprints one by one."""
    rng = random.Random(4)
    with write(db):
        for story in range(1, 60):
            db.execute("insert into stories (id) values (?)", [story])
            for place in range(4):
                number, day = story * 4 + place, rng.choice(("2026-03-10", "2026-03-12", "2026-03-15"))
                moment = rng.choice((day, f"{day}T{rng.randrange(10, 24)}:{rng.randrange(10, 60)}:00Z", None))
                db.execute(
                    """insert into articles (id, url, url_key, source_id, published_at, first_seen_at, last_seen_at,
                        words, text_sha256, text, story_id, story_role, story_similarity)
                    values (?1, ?1, ?1, ?2, ?3, '2026-04', '2026-04', 1, 'x', 'x', ?4, ?5, ?6)""",
                    [number, f"s{rng.randrange(3)}", moment, story, "reprint" if place else "first",
                     rng.choice((0.9, 0.333, None)) if place else None],
                )  # fmt: skip
            db.execute("update stories set first_article_id = ?, articles = 4 where id = ?", [story * 4, story])
        db.execute("delete from articles where id % 9 = 1")
        assert list(schema.faults(db)) == []
    pairs: dict[tuple[str, str], list[tuple[float | None, int | None]]] = {}
    rows = db.execute("select first_source_id, source_id, published_at, similarity, delay_minutes from reprints")
    for first, copier, published_at, similarity, delay in rows:
        if first != copier and (since is None or (published_at or "") >= since.isoformat()):
            pairs.setdefault((first, copier), []).append((similarity, delay))
    assert any(len([delay for _, delay in copies if delay is not None]) > 2 for copies in pairs.values())
    found = {(row["first_source"], row["copied_by"]): row for row in listings.network(db, since=since, limit=99)}
    assert found.keys() == pairs.keys()
    for pair, copies in pairs.items():
        alike = [similarity for similarity, _ in copies if similarity is not None]
        delays = [delay for _, delay in copies if delay is not None]
        assert found[pair]["articles"] == len(copies)
        assert found[pair]["similarity"] == (pytest.approx(mean(alike), abs=0.0051) if alike else None)
        assert found[pair]["median_delay_minutes"] == (median(delays) if delays else None)
    if since is None:
        means = db.execute("select first_source_id, source_id, articles, mean_delay_minutes from copying").fetchall()
        assert {row[:2]: row[2] for row in means} == {pair: len(copies) for pair, copies in pairs.items()}
        for first, copier, _, delay in means:
            delays = [one for _, one in pairs[first, copier] if one is not None]
            assert delay == (pytest.approx(mean(delays)) if delays else None)


@pytest.mark.parametrize("table", schema.DEFINITIONS)
def test_a_count_that_is_wrong_is_found_and_mended(db: Database, table: str) -> None:
    hands = Hands(db, 2)
    with write(db):
        for _ in range(300):
            hands.step()
        assert db.execute(f"delete from {table}").rowcount > 0
        assert any(table in fault for fault in schema.faults(db))
        schema.fill(db)
        assert list(schema.faults(db)) == []


def test_an_archive_of_before_is_filled(db: Database) -> None:
    """An archive that was made before there were kept counts has them once the migration has run."""
    for (name,) in db.execute(
        "select name from sqlite_master where type = 'trigger' and name like 'kept_%'"
    ).fetchall():
        db.execute(f"drop trigger {name}")
    hands = Hands(db, 5)
    with write(db):
        for _ in range(200):
            hands.step()
        for (name,) in db.execute(
            "select name from sqlite_master where type = 'table' and name like 'kept_%'"
        ).fetchall():
            db.execute(f"drop table {name}")
        for name in ("articles_by_language", "changes_by_time", "removals_by_time"):
            db.execute(f"drop index {name}")
        db.execute("create index articles_narrow on articles(id, published_day)")
        schema.begin(db)
        assert list(schema.faults(db)) == []
        assert db.execute("select count(*) from coverage_by_day").fetchone()[0] > 0
        for _ in range(50):
            hands.step()
        assert list(schema.faults(db)) == []
