"""Measures a poll of an outlet that has nothing new, beside `scrapy crawl` of a spider that does nothing at all.

usage: python -m benchmarks.poll [--rounds 5]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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
IDLE_S = 50
"""Seconds that a scheduler idles before its memory is read: longer than it keeps what it has loaded for crawls."""
BORN = """
import json, os, sys
from pathlib import Path
from crawler.runner import Crawl, CrawlOptions
from pipelines import nursery
archive, sources, offset, polls = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
polite = (("AUTOTHROTTLE_ENABLED", "0"), ("DOWNLOAD_DELAY", "0"))
options = CrawlOptions(
    archive=archive, sources=sources, topics=Path("topics.toml").absolute(), allow_loopback=True, settings=polite
)
for number in range(polls):
    os.environ["DAUYS_CLOCK_OFFSET_S"] = str(offset + number * 1800)
    result = Crawl(sys.argv[5], options, root=Path.cwd()).wait()
    assert result.outcome == "ok", result
nursery.dismiss()
"""
"""Polls by a scheduler, half an hour apart."""
POLLS = 9


def run(rounds: int = 5) -> Result:
    """Return the table of both, and the memory of an idle scheduler."""
    ours: list[float] = []
    theirs: list[float] = []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        newsroom = stack.enter_context(Newsroom(outlets=(OUTLET,), clock="2026-02-26T12:00:00Z"))
        Path(folder, "river").mkdir()
        river = River(folder=Path(folder, "river"), newsroom=newsroom)
        river.once()
        idle = stack.enter_context(_idle(river, Path(folder, "idle")))
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
        one, many = (_born(river, polls) for polls in (1, POLLS))
        born = (many - one) / (POLLS - 1)
        idle_mib = idle()
    answers = sum(request.status == 304 for request in asked)
    base = statistics.median(theirs)
    cost = statistics.median(ours)
    return Result(
        text=f"Median of {rounds}, turn about; the poll made {len(asked)} requests, {answers} answered by 304.\n\n"
        "| | CPU, s | against the empty spider |\n| --- | ---: | ---: |\n"
        f"| `scrapy crawl` of an empty spider in a new project | {base:.2f} | 1.00 |\n"
        f"| a poll of an unchanged outlet by a person, `scrapy crawl` | {cost:.2f} | {cost / base:.2f} |\n"
        f"| a poll by a scheduler, the first of its kind | {one:.2f} | {one / base:.2f} |\n"
        f"| each that follows while its nurse lives | {born:.2f} | {born / base:.2f} |\n\n"
        f"An idle scheduler takes {idle_mib:.0f} MiB."
    )


def _born(river: River, polls: int) -> float:
    """Return the processor seconds of so many polls by one scheduler, start-up included."""
    offset = river.env()["DAUYS_CLOCK_OFFSET_S"]
    spent = spend(
        [sys.executable, "-c", BORN, str(river.archive), str(river.sources), offset, str(polls), OUTLET],
        cwd=_root(),
        env=river.env(),
    )
    if spent.code:
        raise RuntimeError(f"a poll failed:\n{spent.out}")
    return spent.cpu_s


@contextmanager
def _idle(river: River, folder: Path) -> Iterator[Callable[[], float]]:
    """Run a scheduler with nothing due on a copy of the archive while all else is measured.

    Yields what waits until it has been idle long enough, and tells its MiB.
    """
    shutil.copytree(river.folder, folder)
    scheduler = River(folder=folder, newsroom=river.newsroom).begin()
    begun = time.monotonic()

    def look() -> float:
        time.sleep(max(0.0, begun + IDLE_S - time.monotonic()))
        return tree_mib(scheduler.pid)

    try:
        yield look
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
