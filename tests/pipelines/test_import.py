"""Articles from files: what is no article is counted and told with its line, and what is known stays as it is."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from archive.db import open_archive
from pipelines.cli import main

ON = "Референдум по новой Конституции Казахстана пройдёт 15 марта, сообщили в комиссии. Участки откроются утром."
OFF = "Рыбаки вышли на лёд, несмотря на запрет. Спасатели сняли с льдины пятерых, никто не пострадал, уловы целы."


def line(n: int, **fields: Any) -> dict[str, Any]:
    """Return an article of an outlet that no sources file lists."""
    return {
        "url": f"https://dala-habar.kz/news/{n}",
        "title": f"Референдум: заметка {n}",
        "text": f"{ON} Это заметка номер {n}, её написал корреспондент из района номер {n}.",
        "published_at": "2026-03-10T12:00:00+05:00",
    } | fields


def written(path: Path, lines: Iterable[dict[str, Any] | str]) -> Path:
    """Write lines, as they are or as JSON."""
    text = "".join((one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)) + "\n" for one in lines)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def imported(path: Path, *more: str) -> tuple[Result, Path]:
    """Import a file into the archive beside it."""
    archive = path.parent / "archive.db"
    return CliRunner().invoke(main, ["import", str(path), "--archive", str(archive), *more]), archive


def counts(result: Result) -> dict[str, int]:
    """Return the counts that were printed."""
    return {name: int(count) for name, count in (row.split() for row in result.stdout.splitlines())}


def rows(archive: Path, sql: str) -> list[dict[str, Any]]:
    with closing(open_archive(archive, create=False)) as db:
        return list(db.query(sql))


def test_good_lines_become_articles(tmp_path: Path) -> None:
    """Articles on the topic are stored with the facts of their lines; the others are counted as off topic."""
    lines = [line(1, source="dala", authors=["Айгүл Сейіт"]), line(2), line(3, title="Лёд", text=OFF)]
    result, archive = imported(written(tmp_path / "a.jsonl", lines))
    assert result.exit_code == 0, result.output
    assert (counts(result)["new"], counts(result)["off-topic"], counts(result)["bad"]) == (2, 1, 0)
    first, second = rows(archive, "select * from articles order by url")
    assert (first["url"], first["title"], first["text"]) == (lines[0]["url"], lines[0]["title"], lines[0]["text"])
    assert (first["published_at"], first["published_precision"]) == ("2026-03-10T07:00:00Z", "second")
    assert (first["language"], json.loads(first["authors"])) == ("ru", ["Айгүл Сейіт"])
    assert (first["source_id"], second["source_id"]) == ("dala", "dala-habar.kz")
    sources = {row["id"]: row for row in rows(archive, "select * from sources")}
    assert set(sources) == {"dala", "dala-habar.kz"}
    assert {row["enabled"] for row in sources.values()} == {0}


def test_bad_lines_are_told_with_their_numbers(tmp_path: Path) -> None:
    """Each line that is no article is counted and told by its number and its fault; the good ones are stored."""
    lines = [
        line(1), "{", "[1, 2]", "", line(5, url=None), line(6, text="  "), line(7, url="not an address"),
        line(8, published_at="soon"), line(9, published_at="2031-01-01"), {"title": "x"}, "\x00\x01", line(12),
        line(13, source=7),
    ]  # fmt: skip
    result, archive = imported(written(tmp_path / "a.jsonl", lines))
    assert result.exit_code == 1
    told = {row.partition(":")[0]: row for row in result.stderr.splitlines()}
    assert set(told) == {f"line {n}" for n in (2, 3, 5, 6, 7, 8, 9, 10, 11, 13)}
    assert "JSON" in told["line 2"]
    assert "no url" in told["line 5"]
    assert "no text" in told["line 6"]
    assert "soon" in told["line 8"]
    assert (counts(result)["new"], counts(result)["bad"]) == (2, 10)
    assert len(rows(archive, "select 1 from articles")) == 2


def test_missing_keys_are_no_fault(tmp_path: Path) -> None:
    """url and text are enough; language is found, date and title stay empty."""
    bare = {"url": "https://dala-habar.kz/1", "text": ON}
    result, archive = imported(written(tmp_path / "a.jsonl", [bare]))
    assert result.exit_code == 0, result.output
    (row,) = rows(archive, "select * from articles")
    assert (row["title"], row["published_at"], row["published_precision"]) == (None, None, None)
    assert (row["language"], row["script"]) == ("ru", "Cyrl")


def test_packed_files_are_read(tmp_path: Path) -> None:
    """A gzipped file is read by what it is; one that breaks off is one line, and what came before is stored."""
    lines = [line(n, text=" ".join(f"слово{n * 100 + word}" for word in range(60)) + ".") for n in range(150)]
    whole = written(tmp_path / "a.jsonl.gz", lines[:30])
    result, archive = imported(whole, "--all-topics")
    assert (result.exit_code, counts(result)["new"]) == (0, 30)
    torn = tmp_path / "torn.jsonl.gz"
    more = written(tmp_path / "b.jsonl.gz", lines[30:]).read_bytes()
    torn.write_bytes(more[: len(more) * 9 // 10])
    result, archive = imported(torn, "--all-topics")
    assert result.exit_code == 1
    (error,) = result.stderr.splitlines()
    assert str(torn) in error
    assert 30 < len(rows(archive, "select 1 from articles")) < 150


def test_what_is_known_stays_as_it_is(tmp_path: Path) -> None:
    """A second import of the same addresses changes nothing, whatever its lines say."""
    path = written(tmp_path / "a.jsonl", [line(1), line(2)])
    _, archive = imported(path)
    before = rows(archive, "select * from articles")
    changed = line(1, title="Другой заголовок о референдуме", text=ON + " Совсем другой конец.")
    result, _ = imported(written(tmp_path / "b.jsonl", [changed, line(2, url="http://www.dala-habar.kz/news/2/")]))
    assert result.exit_code == 0
    assert (counts(result)["new"], counts(result)["known"]) == (0, 2)
    assert rows(archive, "select * from articles") == before


def test_all_topics_keeps_everything(tmp_path: Path) -> None:
    """With --all-topics an article on no topic is stored, without a hit."""
    result, archive = imported(written(tmp_path / "a.jsonl", [line(1, title="Лёд", text=OFF)]), "--all-topics")
    assert counts(result)["new"] == 1
    assert rows(archive, "select 1 from articles")
    assert rows(archive, "select 1 from topic_hits") == []


def test_the_zone_is_for_times_without_one(tmp_path: Path) -> None:
    """--timezone is the zone of times that name none; a day stays a day."""
    lines = [line(1, published_at="2026-03-10T12:00:00"), line(2, published_at="2026-03-10")]
    _, archive = imported(written(tmp_path / "a.jsonl", lines), "--timezone", "Asia/Almaty")
    stored = [(row["published_at"], row["published_precision"]) for row in
              rows(archive, "select * from articles order by url")]  # fmt: skip
    assert stored == [("2026-03-10T07:00:00Z", "second"), ("2026-03-10", "day")]


def test_copies_share_a_story(tmp_path: Path) -> None:
    """A text that another outlet published before is its reprint, in the counts and in the tables."""
    text = " ".join(f"{ON} Абзац {word}." for word in ("первый", "второй", "третий", "четвёртый"))
    lines = [
        line(1, text=text, source="early"),
        line(2, text=text, source="late", published_at="2026-03-10T15:00:00+05:00", url="https://late.kz/2"),
    ]
    result, archive = imported(written(tmp_path / "a.jsonl", lines))
    assert (counts(result)["new"], counts(result)["reprint"]) == (2, 1)
    stories = rows(archive, "select source_id, story_role, story_id from articles order by source_id")
    assert [row["story_role"] for row in stories] == ["first", "reprint"]
    assert len({row["story_id"] for row in stories}) == 1


@pytest.mark.parametrize("what", ["missing", "folder", "not an archive", "bad zone"])
def test_wrong_usage(tmp_path: Path, what: str) -> None:
    """What cannot be used is one line and exit code 1 or 2, no traceback."""
    path = written(tmp_path / "a.jsonl", [line(1)])
    more: list[str] = []
    if what == "missing":
        path = tmp_path / "nowhere.jsonl"
    elif what == "folder":
        path = tmp_path
    elif what == "not an archive":
        (tmp_path / "archive.db").write_text("no database at all, and more of it " * 50, encoding="utf-8")
    else:
        more = ["--timezone", "Asia/Atlantis"]
    result, _ = imported(path, *more)
    assert result.exit_code in (1, 2)
    assert len(result.stderr.splitlines()) == 1, result.stderr


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_are_read_by_the_names_of_their_columns(tmp_path: Path, delimiter: str) -> None:
    """CSV of people and of our own export: any order, quoted newlines, lists in cells, formulas as they were."""
    cells = [
        ["Text", "url", "Published_at", "title", "authors", "tags", "source_id", "nobody asked"],
        [f"{ON}\nВторой абзац, «с кавычками\".", "https://dala-habar.kz/1", "2026-03-10T12:00:00+05:00", "'=1+1 голос",
         '["Айгүл Сейіт", "Ерлан Т."]', "выборы;  референдум", "dala", "x"],
        [f"'+ {ON}", "https://dala-habar.kz/2", "", "'Апостроф", "Айгүл Сейіт; Ерлан Т.", "", "dala", ""],
        ["", "https://dala-habar.kz/3", "", "Без текста", "", "", "", ""],
        [ON, "nowhere", "", "", "", "", "", ""],
    ]  # fmt: skip
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(cells)
    result, archive = imported(path)
    assert result.exit_code == 1, result.output
    assert (counts(result)["new"], counts(result)["bad"]) == (2, 2)
    assert [row.partition(":")[0] for row in result.stderr.splitlines()] == ["line 5", "line 6"]
    first, second = rows(archive, "select * from articles order by url")
    assert (first["title"], first["published_at"], first["source_id"]) == ("=1+1 голос", "2026-03-10T07:00:00Z", "dala")
    assert first["text"] == f'{ON}\nВторой абзац, «с кавычками".'
    assert (json.loads(first["authors"]), json.loads(first["tags"])) == (
        ["Айгүл Сейіт", "Ерлан Т."],
        ["выборы", "референдум"],
    )
    assert (second["title"], second["text"], second["published_at"]) == ("'Апостроф", f"+ {ON}", None)
    assert json.loads(second["authors"]) == ["Айгүл Сейіт", "Ерлан Т."]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"url,text\n", b'url,text\n"https://dala-habar.kz/1,broken', b"\xff\xfe\x00url,text\n1,2\n"],
)
def test_no_table_brings_the_import_down(tmp_path: Path, content: bytes) -> None:
    """An empty table, one without rows, one whose quotation never ends, one in another encoding: counted or nothing."""
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    result, _ = imported(path)
    assert result.exit_code in (0, 1)
    assert counts(result)["new"] == 0
    assert "Traceback" not in result.output
