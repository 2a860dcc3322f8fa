"""What pages ask of an archive does not grow with its articles: counted in steps of SQLite's machine, not in time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from archive import listings, stats
from archive.db import open_archive, write
from archive.search import ranking
from archive.site import figures, finding, history
from archive.site.criteria import Criteria
from archive.times import parsed

NOW = parsed("2026-03-20T00:00:00Z")
SMALL, LARGE = 300, 2_400
"""Articles, of the same thirty days, outlets and languages."""
EVERY = {"source": None, "since": None, "until": None, "page": 1}


def filled(path: Path, articles: int) -> Database:
    """Return an archive in which each article has a link, a topic and a version, and each fourth a copy."""
    db = open_archive(path)
    with write(db):
        for number in range(5):
            db.execute(
                "insert into sources (id, name, homepage, languages) values (?, ?, '', '[]')", [f"s{number}", "S"]
            )
        for n in range(1, articles + 1):
            day = f"2026-02-{n % 28 + 1:02}"
            db.execute(
                """insert into articles (id, url, url_key, source_id, language, published_day, published_at, title,
                    first_seen_at, last_seen_at, words, text_sha256, text, versions)
                values (?1, ?2, ?2, ?3, 'ru', ?4, ?5, 'Заголовок', ?5, ?5, 2, 'x', 'Степь да степь кругом', 2)""",
                [n, f"https://s.example/{n}", f"s{n % 5}", day, f"{day}T10:00:00Z"],
            )
            db.execute(
                """insert into links (url, url_key, source_id, first_seen_at, state, article_id)
                values (?1, ?1, ?2, ?3, 'stored', ?4)""",
                [f"https://s.example/{n}", f"s{n % 5}", f"{day}T09:00:00Z", n],
            )
            db.execute("insert into topic_hits values (?, 't', 1, '{}', 1)", [n])
            for version in (1, 2):
                db.execute(
                    """insert into article_versions (article_id, n, seen_at, title, text, text_sha256)
                    values (?, ?, ?, ?, ?, 'x')""",
                    [n, version, f"{day}T1{version}:00:00Z", f"t{version}", "old" if version == 1 else None],
                )
            if n % 4 == 1:
                db.execute("insert into stories (first_article_id, first_published_at) values (?, ?)", [n, day])
            story = (n - 1) // 4 + 1
            role = "first" if n % 4 == 1 else "reprint"
            db.execute("update articles set story_id = ?, story_role = ? where id = ?", [story, role, n])
            db.execute(
                "update stories set (articles, sources) = (select count(*), count(distinct source_id) from articles"
                " where story_id = ?1) where id = ?1",
                [story],
            )
    return db


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Database, Database]:
    folder = tmp_path_factory.mktemp("growth")
    return filled(folder / "small.db", SMALL), filled(folder / "large.db", LARGE)


def steps(db: Database, question: Callable[[Database], object]) -> int:
    """Return how many instructions SQLite's machine takes for a question, in tens."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    question(db)  # statements are prepared
    db.conn.set_progress_handler(count, 10)
    try:
        question(db)
    finally:
        db.conn.set_progress_handler(None, 10)
    return taken


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(figures.figures, id="figures"),
        pytest.param(lambda db: stats.health(db, NOW), id="health"),
        pytest.param(lambda db: listings.stories(db, limit=5), id="stories by size"),
        pytest.param(lambda db: listings.stories(db, order="speed", limit=5), id="stories by speed"),
        pytest.param(lambda db: listings.stories(db, order="languages", limit=5), id="stories by languages"),
        pytest.param(lambda db: history.story(db, 2), id="a story"),
        pytest.param(lambda db: history.article(db, 6), id="an article"),
        pytest.param(lambda db: history.edits(db, headlines=False, silent=False, **EVERY), id="edits"),
        pytest.param(lambda db: history.edits(db, headlines=True, silent=False, **EVERY), id="changed headlines"),
        pytest.param(lambda db: history.deletions(db, back=False, **EVERY), id="deletions"),
        pytest.param(lambda db: db.execute("select * from coverage_by_day").fetchall(), id="coverage by day"),
        pytest.param(lambda db: db.execute("select * from source_health").fetchall(), id="source health"),
        pytest.param(lambda db: finding.overview(db, Criteria()), id="a search without words"),
    ],
)
def test_a_page_does_not_count(archives: tuple[Database, Database], question: Callable[[Database], object]) -> None:
    """Eight times the articles in the same days take less than one and a half times the steps."""
    small, large = (steps(db, question) for db in archives)
    assert large <= 1.5 * small + 20, f"{small} steps of ten for {SMALL} articles, {large} for {LARGE}"


def test_an_outlet_reads_no_article(archives: tuple[Database, Database]) -> None:
    """Its pairs of copying are added up from narrow rows, two or three steps of ten each; nothing else grows."""
    small, large = (steps(db, lambda db: figures.outlet(db, "s1", NOW)) for db in archives)
    assert large - small < 3 * (LARGE - SMALL) / 5
    plans = [
        row[3]
        for column in ("source_id", "first_source_id")
        for row in archives[1].execute(f"explain query plan select * from copying where {column} = 's1'")
    ]
    assert not [step for step in plans if "articles" in step or "stories" in step], plans


@pytest.mark.parametrize("since", [None, date(2026, 2, 1)])
def test_the_map_of_reprints_adds_none_up(archives: tuple[Database, Database], since: date | None) -> None:
    """Its pairs are kept, and medians found half way along an index; from a day on each reprint is a narrow row."""
    small, large = (steps(db, lambda db: listings.network(db, since=since, limit=400)) for db in archives)
    more = (LARGE - SMALL) * 3 / 4
    assert large - small < more * (2.5 if since else 0.3)
    plan = archives[1].execute("explain query plan " + listings._SINCE, {"since": "2026"}).fetchall()
    assert ["COVERING INDEX kept_reprints_by_pair" in row[3] for row in plan] == [True], plan


def test_a_common_word_weighs_only_the_newest(
    archives: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every article has the word; the newest are weighed, the others follow newest first, and none is left out."""
    monkeypatch.setattr(ranking, "RANKED", 100)
    _, large = archives
    found = finding.overview(large, Criteria(query="степь"))
    assert found.total == LARGE
    listed = [row["id"] for row in finding.rows(large, Criteria(query="степь"), limit=LARGE)]
    assert sorted(listed) == list(range(1, LARGE + 1))
    assert listed[:101] == list(range(LARGE, LARGE - 101, -1))
    narrowed = Criteria(query="степь", sources=tuple(f"s{n}" for n in range(5)))
    assert [row["id"] for row in finding.rows(large, narrowed, limit=LARGE)] == listed
    assert dict(found.facets["source"]) == {f"s{n}": LARGE // 5 for n in range(5)}
    weighing = steps(large, lambda db: ranking.ranked(db, '"степь"', *_all(db)))
    monkeypatch.setattr(ranking, "RANKED", LARGE)
    assert weighing * 5 < steps(large, lambda db: ranking.ranked(db, '"степь"', *_all(db)))


@pytest.mark.parametrize("weighed", [50, 1_000, LARGE])
@pytest.mark.parametrize("every", [1, 2, 7, 400])
def test_few_are_ranked_as_among_all(
    archives: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch, weighed: int, every: int
) -> None:
    """Whoever is wanted alone, and weighed alone, has the place and the score that he has among all."""
    monkeypatch.setattr(ranking, "RANKED", weighed)
    _, large = archives
    ids = ranking.matching(large, '"степь"')
    wanted = ids[::-1][::every][::-1]  # the newest among them, so that the same are weighed
    found, scores = ranking.ranked(large, '"степь"', ids, wanted)
    everyone = dict(zip(*(part.tolist() for part in ranking.ranked(large, '"степь"', ids, ids)), strict=True))
    assert found.tolist() == [one for one in everyone if one in set(wanted.tolist())]
    assert scores.tolist() == [everyone[one] for one in found.tolist()]


def _all(db: Database) -> tuple[Any, Any]:
    ids = ranking.matching(db, '"степь"')
    return ids, ids


def test_what_stays_is_no_garbage(archives: tuple[Database, Database]) -> None:
    """A site that is ready has its dictionaries, and the collector a hundredth of all objects to look at."""
    program = (
        "import gc; from archive.site.app import site; from archive.site.ready import make_ready;"
        "made = site(Path(sys.argv[1])); make_ready();"
        "print(gc.get_freeze_count(), len(gc.get_objects()), *{'numpy', 'pymorphy3'} - sys.modules.keys())"
    )
    (path,) = (row[2] for row in archives[0].execute("pragma database_list"))
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; from pathlib import Path; {program}", path],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    frozen, looked_at, *missing = done.stdout.split()
    assert int(looked_at) * 100 < int(frozen)
    assert not missing
