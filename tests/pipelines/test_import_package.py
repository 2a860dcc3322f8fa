"""A data package fills an empty archive with what it was made of, and another one with what that lacks."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive.cli import cli
from archive.db import open_archive
from archive.export.package import export
from archive.export.selection import Selection
from archive.export.writers import Format
from archive.reading import open_for_reading
from archive.search import index
from pipelines.cli import main
from pipelines.importing import Imported, ImportFileError, import_package
from pipelines.worker import Worker
from tests.pipelines.collected import Crawled, Desk, html

COPY = "=Совместное заявление о референдуме по Конституции. " + " ".join(f"пункт{n}" for n in range(60)) + "."
TABLES = {
    "articles": "select * from articles order by id",
    "versions": "select * from versions order by article_id, n",
    "stories": "select * from stories order by id",
    "topic_hits": "select * from topic_hits order by article_id, topic_id",
    "removals": "select * from removals order by article_id, gone_at",
    "found": "select rowid from articles_fts where articles_fts match 'референдум' order by rowid",
    "together": "select story_id, group_concat(article_id) as members from (select b.story_id, m.article_id"
    " from story_members m join story_bodies b on b.id = m.body_id order by 1, 2) group by 1",
}


@pytest.fixture(scope="module")
def pressed(tmp_path_factory: pytest.TempPathFactory, reader: Worker) -> Desk:
    """Return an archive with an article of three versions, a reprint, one by day, a removal and hostile cells."""
    folder = tmp_path_factory.mktemp("pressed")
    desk = Desk(folder, reader)
    crawled = Crawled()
    for n in range(60):
        crawled.page(f"https://dala.example/{n}", html(n))
    for day, more in ((11, " Первая правка."), (12, " Вторая правка, и ещё несколько слов.")):
        crawled.page("https://dala.example/3", html(3, more=more), date=f"2026-03-{day}T10:00:00Z")
    for n, host in enumerate(("jel.example", "dala.example")):
        body = html(40 + n).split(b"<p>")[0] + f"<p>{COPY}</p></article></body></html>".encode()
        crawled.page(f"https://{host}/copy", body)
    path = folder / "a.warc.gz"
    path.write_bytes(crawled.bytes())
    assert desk.imported(path).counts["new"] == 62
    desk.change(
        "update articles set published_at = '2026-03-10', published_precision = 'day', title = '+1 заголовок',"
        " authors = '[\"Айгүл Сейіт\"]', section = '-раздел' where id = 9",
        "update article_versions set title = '+1 заголовок' where article_id = 9",
        "update articles set gone_at = '2026-03-14T00:00:00Z', gone_status = '404' where id = 10",
        "insert into removals (article_id, gone_at, status) values (10, '2026-03-14T00:00:00Z', '404')",
        "insert into runs (id, source_id, started_at, outcome)"
        " values (4, 'dala.example', '2026-03-10T13:00:00Z', 'ok')",
        "update pages set run_id = 4 where id < 5",
        # numbers with gaps, as an archive has them from which something was forgotten
        "update sources set enabled = 1 where id = 'dala.example'",
    )
    result = CliRunner().invoke(
        cli, ["forget", "https://dala.example/5", "--reason", "asked", "--yes", "--archive", str(desk.archive)]
    )
    assert result.exit_code == 0, result.output
    return desk


@pytest.fixture
def full(pressed: Desk, tmp_path: Path) -> Desk:
    """Return the archive for a test to change."""
    return pressed.copy(tmp_path)


def packed(desk: Desk, folder: Path, *formats: Format, **chosen: Any) -> Path:
    with closing(open_for_reading(desk.archive)) as db:
        export(db, folder, Selection(**chosen), formats=formats or ("jsonl",))
    return folder


def taken(archive: Path, folder: Path, **more: Any) -> Imported:
    with closing(open_archive(archive)) as db:
        return import_package(folder, db, **more)


def content(archive: Path) -> dict[str, Any]:
    """Return all that a package carries, as the archive has it, and what its index and its stories say of it."""
    with closing(open_archive(archive)) as db:
        assert list(index.faults(db)) == []
        assert db.execute("pragma foreign_key_check").fetchall() == []
        tables = {name: list(db.query(sql)) for name, sql in TABLES.items()}
    for row in (*tables["articles"], *tables["versions"]):
        row.pop("page_id")
    return tables


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_empty_archive_becomes_the_one_that_was_exported(full: Desk, tmp_path: Path, form: Format) -> None:
    """Articles, versions, stories, topics, removals, numbers: all the same, and so is the package made of them."""
    folder = packed(full, tmp_path / "package", form)
    done = taken(tmp_path / "other" / "archive.db", folder)
    assert (done.counts, done.problems) == ({"new": 61}, [])
    assert content(tmp_path / "other" / "archive.db") == content(full.archive)
    again = tmp_path / "again"
    with closing(open_for_reading(tmp_path / "other" / "archive.db")) as db:
        export(db, again, Selection(), formats=(form,))
    for path in sorted(folder.glob(f"*.{form}")):
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name
    assert taken(tmp_path / "other" / "archive.db", folder).counts == {"known": 61}


def test_a_stopped_import_ends_as_an_undisturbed_one(full: Desk, tmp_path: Path) -> None:
    """It goes on with the numbers and stories of the package, though the archive is not empty any more."""
    folder = packed(full, tmp_path / "package")
    archive = tmp_path / "other" / "archive.db"

    def stop(done: int, of: int) -> None:
        assert (done, of) == (50, 61)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        taken(archive, folder, progress=stop)
    done = taken(archive, folder)
    assert (done.resumed_after, done.counts) == (50, {"new": 61})
    assert content(archive) == content(full.archive)


def test_another_archive_keeps_what_it_has(full: Desk, tmp_path: Path) -> None:
    """What it knows stays, what it forgot stays forgotten, and the rest finds its place in its own stories."""
    folder = packed(full, tmp_path / "package")
    other = Desk(tmp_path / "other", full.worker)
    body = html(41).split(b"<p>")[0] + f"<p>{COPY}</p></article></body></html>".encode()
    crawled = Crawled().page("https://early.example/copy", body).page("https://dala.example/1", html(1, more=" Иначе."))
    crawled.page("https://dala.example/2", html(2))
    path = tmp_path / "b.warc.gz"
    path.write_bytes(crawled.bytes())
    other.imported(path)
    command = ["forget", "https://dala.example/2", "--reason", "asked", "--yes", "--archive", str(other.archive)]
    assert CliRunner().invoke(cli, command).exit_code == 0
    before = other.rows("select * from versions order by article_id, n")
    done = taken(other.archive, folder)
    assert done.counts == {"new": 59, "known": 1, "forgotten": 1}
    assert other.rows("select * from versions where article_id < 3 order by article_id, n") == before
    (three,) = other.rows("select count(*) as n, count(distinct story_id) as s from articles where url like '%/copy'")
    assert three == {"n": 3, "s": 1}
    copies = other.rows("select story_role from articles where url like '%/copy' order by id")
    assert sorted(row["story_role"] for row in copies) == ["first", "reprint", "reprint"]


def test_a_part_has_whole_stories(full: Desk, tmp_path: Path) -> None:
    """Of a package without the first article of a story the earliest that is there begins it."""
    folder = packed(full, tmp_path / "package", sources=("dala.example",))
    archive = tmp_path / "other" / "archive.db"
    taken(archive, folder)
    tables = content(archive)
    assert len(tables["articles"]) == 60
    (copy,) = [row for row in tables["articles"] if row["url"].endswith("/copy")]
    (story,) = [row for row in tables["stories"] if row["id"] == copy["story_id"]]
    assert (copy["story_role"], copy["story_similarity"]) == ("first", None)
    assert (story["first_article_id"], story["articles"], story["sources"]) == (copy["id"], 1, 1)


def test_what_is_no_whole_package_is_refused(full: Desk, tmp_path: Path) -> None:
    """A changed file, a form without texts, Parquet alone, a later layout, any folder: one line, and nothing stored."""
    archive = tmp_path / "other" / "archive.db"

    def refused(folder: Path, told: str) -> None:
        with pytest.raises(ImportFileError, match=told):
            taken(archive, folder)

    folder = packed(full, tmp_path / "changed")
    with (folder / "versions.jsonl").open("a", encoding="utf-8") as file:
        file.write("{}\n")
    refused(folder, "versions.jsonl")
    refused(packed(full, tmp_path / "bare", text=False), "no texts")
    refused(packed(full, tmp_path / "columns", "parquet"), "--format jsonl")
    folder = packed(full, tmp_path / "later")
    told = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    told["dauys"]["layout"] += 1
    (folder / "datapackage.json").write_text(json.dumps(told), encoding="utf-8")
    refused(folder, "later version")
    refused(tmp_path, "no data package")
    with closing(open_archive(archive)) as db:
        assert db.execute("select (select count(*) from articles) + (select count(*) from jobs)").fetchone() == (0,)
    result = CliRunner().invoke(main, ["import", str(tmp_path), "--archive", str(archive)])
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
