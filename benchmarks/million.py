"""Measures how long the site and the command line take to answer, in synthetic archives of growing size.

Requests go through the whole site in this process, made ready as `serve` does: routing, query, template. The words of
each class are drawn from the index by how many articles a search for them finds. Wall-clock and processor time are
given; on a machine that does other work as well the processor time is what counts.

usage: python -m benchmarks.million [ARCHIVE ...] [--articles 10000] [--repeat 15]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import quote

from archive.database import Database
from archive.db import connect
from archive.search.analyser import TOKEN
from archive.search.query import understood
from archive.search.ranking import matching
from archive.site.app import site
from archive.site.ready import make_ready
from benchmarks.section import Result, Section
from benchmarks.synthetic import HEAD as RATES
from benchmarks.synthetic import fill

HEAD = (
    "| articles | what | median, ms | 95th percentile, ms | processor, ms | 95th percentile, ms | requests |\n"
    "| ---: | --- | ---: | ---: | ---: | ---: | ---: |"
)
SHARES = {"everywhere": (0.30, 1.0), "common": (0.05, 0.30), "rare": (0.0, 0.001)}
"""Which words a class is drawn from: the share of the articles that have them."""
CLI_RUNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds that one request took, by the clock and of processor time."""

    wall: float
    cpu: float


def words_of(db: Database, seed: int = 1) -> dict[str, list[str]]:
    """Return words of each class, as they stand in texts."""
    rng = random.Random(seed)
    (last,) = db.execute("select max(id) from articles").fetchone()
    seen: dict[str, int] = {}
    for number in rng.sample(range(1, last + 1), min(60, last)):
        row = db.execute("select text from articles where id = ?", [number]).fetchone()
        for word in TOKEN.findall(row[0].lower()) if row else ():
            if word.isalpha() and word not in seen and len(seen) < 4_000 and rng.random() < 0.25:
                seen[word] = len(matching(db, understood(word).expression))
    found = {
        name: [word for word, n in seen.items() if least * last < n <= most * last]
        for name, (least, most) in SHARES.items()
    }
    for words in found.values():
        rng.shuffle(words)
    return found


def addresses(db: Database, words: dict[str, list[str]], repeat: int) -> dict[str, list[str]]:
    """Return what is asked for: class of request -> addresses, each asked once."""
    rng = random.Random(2)
    (last,) = db.execute("select max(id) from articles").fetchone()
    outlets = [row[0] for row in db.execute("select id from sources order by id")]
    stories = [row[0] for row in db.execute("select story_id from kept_spread order by random() limit ?", [repeat])]

    def some(name: str) -> Iterator[str]:
        return (quote(words[name][at % len(words[name])]) for at in range(repeat)) if words[name] else iter(())

    phrases = []
    while len(phrases) < repeat:
        (text,) = db.execute("select text from articles where id = ?", [rng.randrange(1, last + 1)]).fetchone()
        tokens = text.split()
        at = rng.randrange(len(tokens) - 2)
        phrases.append(quote(f'"{tokens[at]} {tokens[at + 1]}"'))
    return {
        "a word of most texts": [f"/search?q={word}" for word in some("everywhere")],
        "a common word": [f"/search?q={word}" for word in some("common")],
        "a common word, one outlet": [f"/search?q={word}&source={rng.choice(outlets)}" for word in some("common")],
        "a common word, two years": [f"/search?q={word}&since=2021-01-01&until=2022-12-31" for word in some("common")],
        "a common word, newest first": [f"/search?q={word}&sort=new" for word in some("common")],
        "two common words": [
            f"/search?q={one}+{other}" for one, other in zip(some("common"), some("everywhere"), strict=False)
        ],
        "a phrase": [f"/search?q={phrase}" for phrase in phrases],
        "a rare word": [f"/search?q={word}" for word in some("rare")],
        "a rare word, two years": [f"/search?q={word}&since=2021-01-01&until=2022-12-31" for word in some("rare")],
        "no word": ["/search"] * repeat,
        "no word, one outlet": [f"/search?source={rng.choice(outlets)}" for _ in range(repeat)],
        "the front page": ["/"] * repeat,
        "an outlet": [f"/outlet/{rng.choice(outlets)}" for _ in range(repeat)],
        "an article": [f"/article/{rng.randrange(1, last + 1)}" for _ in range(repeat)],
        "a story": [f"/story/{story}" for story in stories],
        "stories": [f"/stories?by={rng.choice(('size', 'speed', 'languages'))}" for _ in range(repeat)],
        "edits": ["/edits", "/edits?kind=headlines", "/edits?kind=silent"] * (repeat // 3),
        "deletions": ["/deletions"] * repeat,
        "outlets": ["/outlets"] * repeat,
        "reprints": ["/reprints"] * max(3, repeat // 5),
        "Datasette: articles with facets": ["/archive/articles"] * max(3, repeat // 5),
        "Datasette: a common word with facets": [f"/archive/articles?_search={word}" for word in some("common")],
        "Datasette: reprints": ["/archive/reprints"] * max(3, repeat // 5),
        "Datasette: coverage by day": ["/archive/coverage_by_day"] * max(3, repeat // 5),
    }  # fmt: skip


async def ask(archive: Path, classes: dict[str, list[str]], told: Callable[[str], None]) -> dict[str, list[Timing]]:
    """Ask for everything in turn, after one request of each class to load templates; return the timings."""
    client = site(archive).client
    make_ready()
    timings: dict[str, list[Timing]] = {}
    for name, paths in classes.items():
        for at, path in enumerate([*paths[-1:], *paths]):
            begun, cpu = time.perf_counter(), time.process_time()
            answer = await client.get(path)
            taken = Timing(wall=time.perf_counter() - begun, cpu=time.process_time() - cpu)
            trouble = "SQL Interrupted" in answer.text or "timed out" in answer.text
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code}")
            if at:
                timings.setdefault(f"{name}, interrupted" if trouble else name, []).append(taken)
        if name in timings:
            told(f"{name}: {median(one.cpu for one in timings[name]) * 1000:.0f} ms of processor")
    return timings


def from_the_shell(archive: Path, words: dict[str, list[str]], runs: int) -> dict[str, list[Timing]]:
    """Run `python -m archive search` for words of each class, and `--help` for what starting Python costs."""
    asked: dict[str, list[list[str]]] = {"the command line: --help": [["search", "--help"]] * runs}
    for name in SHARES:
        asked[f"the command line: a word ({name})"] = [
            ["search", word, "--archive", str(archive)] for word in words[name][:runs]
        ]
    timings: dict[str, list[Timing]] = {}
    for name, commands in asked.items():
        for command in commands:
            begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-m", "archive", *command], check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            timings.setdefault(name, []).append(Timing(wall=time.perf_counter() - begun, cpu=cpu))
    return timings


def measure(
    archive: Path, repeat: int, told: Callable[[str], None] = lambda line: None, *, cli_runs: int = CLI_RUNS
) -> list[str]:
    """Return the rows of the table for one archive."""
    with closing(connect(archive, read_only=True)) as db:
        (articles,) = db.execute("select sum(articles) from kept_outlets").fetchone()
        words = words_of(db)
        classes = addresses(db, words, repeat)
    timings = asyncio.run(ask(archive, classes, told)) | from_the_shell(archive, words, cli_runs)
    return [
        f"| {articles:,} | {name} | {_ms(walls, 0.5)} | {_ms(walls, 0.95)} | {_ms(cpus, 0.5)} | {_ms(cpus, 0.95)} |"
        f" {len(taken)} |"
        for name, taken in timings.items()
        for walls, cpus in [([one.wall for one in taken], [one.cpu for one in taken])]
    ]


def _ms(seconds: list[float], share: float) -> str:
    ordered = sorted(seconds)
    return f"{ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000:.0f}"


def run(*, through_store: int, sizes: tuple[int, ...], repeat: int, cli_runs: int = CLI_RUNS) -> Result:
    """Fill archives in a temporary folder, the articles' own way and in bulk, and ask those made in bulk."""
    rows: list[str] = []
    with tempfile.TemporaryDirectory(prefix="million-") as folder:
        rates = list(fill(Path(folder) / "store.db", through_store))
        for articles in sizes:
            archive = Path(folder) / f"{articles}" / "archive.db"
            archive.parent.mkdir()
            list(fill(archive, articles, bulk=True))
            rows += measure(archive, repeat, cli_runs=cli_runs)
    return Result(text="\n".join(["Filling, as an import does:", "", RATES, *rates, "", "Asking:", "", HEAD, *rows]))


def _run(quick: bool) -> Result:
    if quick:
        return run(through_store=3_000, sizes=(10_000,), repeat=6)
    return run(through_store=10_000, sizes=(10_000, 100_000), repeat=15)


SECTION = Section(
    name="million",
    title="The archive as it grows",
    about=(
        "`python -m benchmarks.million`: a synthetic archive of sixty outlets and ten years in three languages, filled "
        "through the store, and what the site takes to answer. `python -m benchmarks.synthetic FILE --articles 1000000 "
        "--bulk` makes a larger one to measure by `python -m benchmarks.million FILE`."
    ),
    run=_run,
    by_name=True,
)


def main() -> None:
    """Print the table of archives that are there, or of one that is made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", nargs="*", type=Path)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=15)
    options = parser.parse_args()
    print(HEAD)
    print(f"load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="million-") as folder:
        archives = options.archive
        if not archives:
            archives = [Path(folder) / "archive.db"]
            list(fill(archives[0], options.articles, bulk=True))
        for archive in archives:
            for row in measure(archive, options.repeat, lambda line: print(line, file=sys.stderr, flush=True)):
                print(row, flush=True)


if __name__ == "__main__":
    main()
