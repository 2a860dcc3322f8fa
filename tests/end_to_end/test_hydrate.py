"""A shared list without texts becomes an archive with texts again: the same ones, and it is told which are not."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.end_to_end.river import ROOT, Ended, River, wait_until
from tests.newsroom import Newsroom
from tests.newsroom.model import Piece

START = "2026-03-16T05:00:00Z"
RUSSIAN = (
    "Референдум по новой Конституции прошёл в посёлке {name}: участок открыли в семь утра, пришли жители всех улиц.\n"
    "Учитель {name} рассказал, как читали проект вслух и спорили о статье номер {n} до самого вечера.\n"
    "Комиссия {name} подсчитала бюллетени за {n} часов; наблюдатели подписали протокол без замечаний."
)
KAZAKH = (
    "{name} ауылында жаңа Конституция бойынша референдум өтті: учаске таңғы жетіде ашылды, тұрғындар түгел келді.\n"
    "Мұғалім {name} жобаны дауыстап оқып, {n} бапты түсіндіріп бергенін айтты, пікірталас кешке дейін созылды.\n"
    "Комиссия {name} бюллетеньдерді {n} сағатта санады, бақылаушылар хаттамаға ескертусіз қол қойды."
)
UNLISTED = "tolqyn"
"""An outlet that the one who hydrates has no entry for in the sources file."""


@dataclass(frozen=True, kw_only=True)
class Trip:
    """Two archives, what was published, how the hydration ended; `mark` is the press's log at the kill, `kept` what
    was stored by then."""

    first: River
    second: River
    pieces: dict[str, Piece]
    ended: Ended
    mark: int
    kept: set[str]


def _again(river: River) -> River:
    """Return another user's folder, with a sources file that lacks an outlet."""
    folder = river.folder / "again"
    folder.mkdir()
    other = River(folder=folder, newsroom=river.newsroom)
    tables = other.sources.read_text(encoding="utf-8").split("[[source]]")
    kept = "[[source]]".join(table for table in tables if f'"{UNLISTED}"' not in table)
    other.sources.write_text(kept, encoding="utf-8")
    return other


@pytest.fixture(scope="module")
def trip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trip]:
    """Crawl, export without texts, let the press move on, hydrate into another archive with a kill in between."""
    with Newsroom(outlets=[], clock=START, latency_s=0.05) as newsroom:
        pieces: dict[str, Piece] = {}
        newsroom.add_outlet("arna", date_style={"ru": "ru-long"})
        newsroom.add_outlet(UNLISTED, languages=("kk",), date_style={"kk": "kk-gmt"})
        for outlet, text, count in (("arna", RUSSIAN, 8), (UNLISTED, KAZAKH, 2)):
            for n in range(count):
                name = f"{'АБВГДЕЖЗ'[n]}{outlet[:2].upper()}"
                piece = newsroom.add_article(
                    outlet, title=f"Референдум: {name}, {n} бап", text=text.format(name=name, n=n + 3),
                    published=f"2026-03-15T{6 + n:02}:00:00Z",
                )  # fmt: skip
                pieces[f"{outlet}-{n}"] = piece
        first = River(folder=tmp_path_factory.mktemp("shared"), newsroom=newsroom)
        first.once("--parallel", "2")
        package = first.folder / "package"
        command = [sys.executable, "-m", "archive", "export", str(package), "--archive", str(first.archive)]
        exported = first.run([*command, "--no-text", "--format", "csv,jsonl"])
        assert exported.code == 0, exported.said
        newsroom.advance(days=2)
        newsroom.vanish(pieces["arna-0"].id, "404")
        newsroom.change(pieces["arna-1"].id, text=RUSSIAN.format(name="Другой", n=99) + "\nДобавлено позже.")
        second = _again(first)
        log = (second.folder / "killed.log").open("w", encoding="utf-8")
        with log:
            killed = subprocess.Popen(
                second.scrapy("hydrate", str(package / "articles.csv")), cwd=ROOT, env=second.env(), stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_until(lambda: second.rows("select 1 from articles"), "an article fetched again")
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        mark = newsroom.log.mark()
        kept = {row["url"] for row in second.rows("select url from articles")}
        ended = second.run(second.scrapy("hydrate", str(package / "articles.csv")))
        yield Trip(first=first, second=second, pieces=pieces, ended=ended, mark=mark, kept=kept)


def _texts(river: River) -> dict[str, tuple[str, str, str]]:
    rows = river.rows("select url, title, text, text_sha256, published_at from articles")
    return {row["url"]: (row["title"], row["text"], row["published_at"]) for row in rows}


def test_the_same_texts_come_back(trip: Trip) -> None:
    """Title, text and date of all but the one that is gone and the one that was changed, in both languages."""
    first, second, pieces, ended = trip.first, trip.second, trip.pieces, trip.ended
    before, after = _texts(first), _texts(second)
    assert len(before) == 10
    gone, changed = (first.newsroom.press.url(pieces[name]) for name in ("arna-0", "arna-1"))
    assert set(after) == set(before) - {gone}, ended.said
    assert {url: text for url, text in after.items() if url != changed} == {
        url: text for url, text in before.items() if url not in (gone, changed)
    }
    assert after[changed][1] != before[changed][1]


def test_it_tells_how_each_came_back(trip: Trip) -> None:
    """A row for each outlet and one for all: the same, changed, gone; the exit code says that nothing is left."""
    second, ended = trip.second, trip.ended
    assert ended.code == 0, ended.said
    rows = {line.split()[0]: line.split()[1:] for line in ended.out.strip().splitlines()}
    assert rows["source"] == ["same", "changed", "gone"]
    assert rows["arna"] == ["6", "1", "1"]
    assert rows[UNLISTED] == ["2", "0", "0"]
    assert rows["all"] == ["8", "1", "1"]
    outcomes = second.rows("select outcome, count(*) as n from hydrated_outcomes group by outcome")
    assert {row["outcome"]: row["n"] for row in outcomes} == {"same": 8, "changed": 1, "gone": 1}


def test_what_came_back_before_a_kill_is_not_asked_for_again(trip: Trip) -> None:
    """Each page once more at most; one request at a time for each outlet."""
    log = trip.first.newsroom.log
    after = [f"http://{one.host}{one.path}" for one in log.since(trip.mark) if one.path != "/robots.txt"]
    assert len(after) == len(set(after))
    assert trip.kept
    assert not trip.kept & set(after)
    assert set(log.summary(trip.mark)["max_in_flight"].values()) == {1}


def test_an_outlet_without_an_entry_is_asked_all_the_same(trip: Trip) -> None:
    """It keeps the name that the list gives it, is not switched on, and has no kind that nobody knows."""
    second = trip.second
    (source,) = second.rows("select * from sources where id = ?", UNLISTED)
    assert (source["enabled"], source["kind"]) == (0, None)
    assert len(second.rows("select 1 from articles where source_id = ?", UNLISTED)) == 2


def test_typed_again_nothing_is_asked_for(trip: Trip) -> None:
    """The folder of the package and its JSON Lines are as good; what is here is only compared."""
    first, second = trip.first, trip.second
    mark = first.newsroom.log.mark()
    again = second.run(second.scrapy("hydrate", str(first.folder / "package")))
    assert again.code == 0, again.said
    assert again.out.strip().splitlines()[-1].split() == ["all", "8", "1", "1"]
    asked = [one.path for one in first.newsroom.log.since(mark) if one.path != "/robots.txt"]
    assert asked == [first.newsroom.press.pieces["arna-90000"].path]  # the one that was gone: another list, asked once


def test_a_mistake_is_one_line(trip: Trip, tmp_path: Path) -> None:
    """A file that is no list: exit code 2, no traceback."""
    second = trip.second
    wrong = tmp_path / "list.csv"
    wrong.write_text("title,text\na,b\n", encoding="utf-8")
    done = second.run(second.scrapy("hydrate", str(wrong)))
    assert done.code == 2
    assert "no list of articles" in done.err.strip().splitlines()[-1]
    assert "Traceback" not in done.said
