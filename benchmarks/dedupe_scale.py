"""Measures how fast articles are placed in stories, and how large the index grows, up to a million articles.

Texts are made of a synthetic vocabulary with the frequencies of a language; one in five is an edited copy of a
text of the last days and one in fifty a filling of one of a hundred templates. The archive is a real one: a file,
WAL, `synchronous=FULL`, transactions as large as an import makes them. On the clock are the signature, the query,
the verdicts, all writes of index and stories and their commit; storing the articles' rows, each beginning as its own
story, is not, and has a transaction of its own. The machine's own speed shows in the time of reading the words of the
same texts, taken turn about.

usage: python -m benchmarks.dedupe_scale [--articles 100000] [--folder DIR]
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from archive.database import Database
from archive.db import open_archive, write
from archive.stories import open_story
from benchmarks.section import Result, Section
from pipelines.dedupe import place
from pipelines.dedupe.signature import signatures
from pipelines.importing.running import BATCH

A_DAY = 6_000
"""Articles a day: sixty outlets with a hundred each, so that a million is half a year."""
OUTLETS = 60
WORDS = 60_000
COPY_SHARE = 0.2
COPY_DELAY = 750
"""Texts that came in between, on average: three hours, as half of the labelled reprints."""
TEMPLATE_SHARE = 0.02
TEMPLATES = 100
START = datetime(2026, 1, 1, tzinfo=UTC)
CHECKPOINTS = (
    1_000,
    10_000,
    50_000,
    100_000,
    200_000,
    300_000,
    400_000,
    500_000,
    600_000,
    700_000,
    800_000,
    900_000,
    1_000_000,
)
HEAD = (
    "| articles | articles a second | CPU an article, ms | times the reading of its words |"
    " bytes of index an article | memory, MiB |\n"
    "| ---: | ---: | ---: | ---: | ---: | ---: |"
)
_WORD = re.compile(r"\w+")
INDEX_TABLES = (
    "story_bodies", "story_bodies_by_story", "sqlite_autoindex_story_bodies_1", "story_members",
    "story_members_by_body", "story_sketches", "story_sketches_by_body", "story_sketches_by_period", "story_links",
    "story_footers", "story_index",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of the curve: the rate since the point before, and the state of the index there."""

    articles: int
    articles_a_second: float
    cpu_ms_an_article: float
    times_reading: float
    """CPU of all of it beside `re.findall` of the words of the same texts, which tells how fast the machine was."""
    bytes_an_article: float
    rss_mib: float


class Press:
    """Writes synthetic articles without end, the same for the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self._rng = random.Random(seed)
        self._draw = np.random.default_rng(seed)
        letters = "аеоиныртслвкмдпугябзчйхжшюцщэфқңәөұүіғһ"
        words = sorted({"".join(self._rng.choices(letters, k=self._rng.randint(2, 11))) for _ in range(WORDS)})
        self._rng.shuffle(words)
        self._words = np.array(words, dtype=object)
        weights = 1 / (np.arange(len(words)) + 8)
        self._cumulated = np.cumsum(weights / weights.sum())
        self._templates = [self._text(90) for _ in range(TEMPLATES)]
        self._recent: deque[str] = deque(maxlen=A_DAY)

    def texts(self) -> Iterator[str]:
        """Yield texts of some 1,500 characters: news, copies and fillings of templates."""
        while True:
            kind = self._rng.random()
            if kind < COPY_SHARE and self._recent:
                delay = int(self._rng.expovariate(1 / COPY_DELAY)) % len(self._recent)
                yield self._copied(self._recent[-1 - delay])
            elif kind < COPY_SHARE + TEMPLATE_SHARE:
                words = self._rng.choice(self._templates).split(" ")
                for at in range(10, len(words), 30):
                    words[at] = self._some(1)[0].capitalize()
                yield " ".join(words)
            else:
                text = self._text(int(min(max(self._rng.lognormvariate(5.2, 0.6), 40), 1_200)))
                self._recent.append(text)
                yield text

    def _some(self, count: int) -> list[str]:
        ranks = np.searchsorted(self._cumulated, self._draw.random(count))
        return list(self._words[np.minimum(ranks, len(self._words) - 1)])

    def _text(self, length: int) -> str:
        words = self._some(length)
        for at in range(0, length, 14):
            words[at] = words[at].capitalize()
            words[at - 1] += "."
        for at in range(50, length, 60):
            words[at] = f"\n{words[at].capitalize()}"
        for at in range(9, length, 37):
            words[at] = str(self._rng.randint(1, 3_000))
        return " ".join(words)

    def _copied(self, text: str) -> str:
        words = text.split(" ")
        for at in self._rng.sample(range(len(words)), len(words) // 40):
            words[at] = self._some(1)[0]
        if self._rng.random() < 0.3:
            words = words[: int(len(words) * 0.7)]
        return " ".join(words) + ("\nСообщает редакция." if self._rng.random() < 0.5 else "")


def measure(articles: int, folder: Path, progress: Callable[[Point], None] | None = None) -> list[Point]:
    """Fill an archive in `folder` with `articles` and return the curve; `progress` gets each point as it is made."""
    db = open_archive(folder / "archive.db")
    db.execute("drop trigger if exists articles_fts_insert")  # full-text search has a benchmark of its own
    with write(db):
        for number in range(OUTLETS):
            db.execute(
                "insert into sources(id, name, homepage, languages, kind) values (?, ?, ?, '[]', 'private')",
                (f"outlet-{number}", f"Outlet {number}", f"https://outlet-{number}.example/"),
            )
    press = Press().texts()
    points: list[Point] = []
    done = since = 0
    spent = busy = reading = 0.0
    while done < articles:
        batch = [(done + n + 1, next(press)) for n in range(min(BATCH, articles - done))]
        rows = [_row(number, text) for number, text in batch]
        reading -= time.process_time()
        for row in rows:
            _WORD.findall(row[8].lower())
        reading += time.process_time()
        with write(db):
            opened = [open_story(db, row[0], row[5]) for row in rows]
            db.conn.executemany(
                "insert into articles(id, url, url_key, source_id, language, title, published_at, first_seen_at,"
                " last_seen_at, words, text_sha256, text, story_role, story_id)"
                " values (?, ?, ?, ?, 'ru', ?, ?, ?, ?, 0, '', ?, 'first', ?)",
                [(*row, story) for row, story in zip(rows, opened, strict=True)],
            )
        begun, begun_cpu = time.perf_counter(), time.process_time()
        made = signatures(row[8] for row in rows)
        with write(db):
            for row, story, signature in zip(rows, opened, made, strict=True):
                place(
                    db, row[0], title=row[4], text=row[8], language="ru", source_id=row[3],
                    published_at=row[5], first_seen_at=row[6], made=signature, opened=story,
                )  # fmt: skip
        spent += time.perf_counter() - begun
        busy += time.process_time() - begun_cpu
        done += len(batch)
        if done in CHECKPOINTS or done == articles:
            points.append(
                Point(
                    articles=done,
                    articles_a_second=(done - since) / spent,
                    cpu_ms_an_article=busy / (done - since) * 1000,
                    times_reading=busy / reading,
                    bytes_an_article=_index_bytes(db) / done,
                    rss_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                )
            )
            if progress is not None:
                progress(points[-1])
            since, spent, busy, reading = done, 0.0, 0.0, 0.0
    return points


def table(points: list[Point]) -> str:
    """Return the curve as a Markdown table."""
    return "\n".join([HEAD, *map(line, points)])


def line(point: Point) -> str:
    """Return one point as a row of the table."""
    return (
        f"| {point.articles:,} | {point.articles_a_second:,.0f} | {point.cpu_ms_an_article:.2f} |"
        f" {point.times_reading:.1f} |"
        f" {point.bytes_an_article:.0f} | {point.rss_mib:.0f} |"
    )


def run(articles: int = 100_000, folder: Path | None = None, progress: Callable[[Point], None] | None = None) -> str:
    """Measure in `folder` (a temporary one by default, removed afterwards) and return the table."""
    place_for_it = folder or Path(tempfile.mkdtemp(prefix="dedupe-scale-"))
    try:
        return table(measure(articles, place_for_it, progress))
    finally:
        if folder is None:
            shutil.rmtree(place_for_it)


def _row(number: int, text: str) -> tuple[int, str, str, str, str, str, str, str, str]:
    moment = (START + timedelta(days=1) * (number / A_DAY)).strftime("%Y-%m-%dT%H:%M:%SZ")
    url = f"https://outlet-{number % OUTLETS}.example/{number}"
    return number, url, url, f"outlet-{number % OUTLETS}", f"News {number}", moment, moment, moment, text


def _index_bytes(db: Database) -> int:
    marks = ",".join("?" * len(INDEX_TABLES))
    query = f"select coalesce(sum(pgsize), 0) from dbstat where name in ({marks}) and aggregate = 1"
    return int(db.execute(query, INDEX_TABLES).fetchone()[0])


SECTION = Section(
    name="stories",
    title="Placing an article in its story",
    about="`python -m benchmarks.dedupe_scale`: signature, query, verdict, insert and commit, in one process, in an "
    "archive with WAL and `synchronous=FULL`.",
    run=lambda quick: Result(text=run(5_000 if quick else 50_000)),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    print(HEAD)
    run(options.articles, options.folder, lambda point: print(line(point), flush=True))


if __name__ == "__main__":
    main()
