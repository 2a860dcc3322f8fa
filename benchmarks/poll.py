"""Measures a poll of an outlet that has nothing new, beside `scrapy crawl` of a spider that does nothing at all.

usage: python -m benchmarks.poll [--rounds 5]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.section import Result, Section
from benchmarks.spending import spend, tree_mib
from tests.end_to_end.river import River
from tests.newsroom import Newsroom

OUTLET = "tumar"
EMPTY = """import scrapy


class Empty(scrapy.Spider):
    name = "empty"
    start_urls = []
"""
IDLE_S = 20
"""Seconds that a scheduler idles before its memory is read: longer than a tick."""


def run(rounds: int = 5) -> Result:
    """Return the table of both, and the memory of an idle scheduler."""
    ours: list[float] = []
    theirs: list[float] = []
    with tempfile.TemporaryDirectory() as folder, Newsroom(outlets=(OUTLET,), clock="2026-02-26T12:00:00Z") as newsroom:
        river = River(folder=Path(folder), newsroom=newsroom)
        river.once()
        project = Path(folder) / "project"
        scrapy = [sys.executable, "-m", "scrapy"]
        subprocess.run([*scrapy, "startproject", "stock", str(project)], check=True, capture_output=True)
        (project / "stock" / "spiders" / "empty.py").write_text(EMPTY, encoding="utf-8")
        polite = ("-s", "AUTOTHROTTLE_ENABLED=0", "-s", "DOWNLOAD_DELAY=0")
        for number in range(rounds + 1):
            mark = newsroom.log.mark()
            mine = spend(river.scrapy("crawl", OUTLET, "-a", "due=0", *polite), cwd=_root(), env=river.env())
            asked = newsroom.log.since(mark)
            stock = spend([*scrapy, "crawl", "empty"], cwd=project, env=dict(os.environ))
            if mine.code or stock.code:
                raise RuntimeError(f"a crawl failed:\n{mine.out}\n{stock.out}")
            if number:  # the first fills the caches of the system
                ours.append(mine.cpu_s)
                theirs.append(stock.cpu_s)
        idle = _idle(river)
    answers = sum(request.status == 304 for request in asked)
    base = statistics.median(theirs)
    cost = statistics.median(ours)
    return Result(
        text=f"Median of {rounds}, turn about; the poll made {len(asked)} requests, {answers} answered by 304.\n\n"
        "| | CPU, s | against the empty spider |\n| --- | ---: | ---: |\n"
        f"| `scrapy crawl` of an empty spider in a new project | {base:.2f} | 1.00 |\n"
        f"| a poll of an unchanged outlet | {cost:.2f} | {cost / base:.2f} |\n\n"
        f"An idle scheduler takes {idle:.0f} MiB."
    )


def _idle(river: River) -> float:
    """Return the MiB of a scheduler with nothing due."""
    scheduler = river.begin()
    try:
        time.sleep(IDLE_S)
        return tree_mib(scheduler.pid)
    finally:
        scheduler.terminate()
        scheduler.wait()


def _root() -> Path:
    return Path(__file__).resolve().parents[1]


SECTION = Section(
    name="poll",
    title="Looking for news",
    about="`python -m benchmarks.poll`: the whole subprocess, from the interpreter's start to its end, with "
    "conditional requests, the archive opened and its row in `runs` written.",
    run=lambda quick: run(2 if quick else 5),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    print(run(parser.parse_args().rounds).text)


if __name__ == "__main__":
    main()
