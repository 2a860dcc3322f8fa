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
TOGETHER = 16
"""Outlets of a scheduler's look."""
PUBLISHED = "2026-02-26T11:00:00Z"
TEXT = "Референдум по новой Конституции Казахстана пройдёт 15 марта. Участки откроются в семь утра, сообщает комиссия."


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
        newsroom.advance(hours=2)
        one = _once(river)
        together = stack.enter_context(Newsroom(outlets=[], clock="2026-02-26T12:00:00Z"))
        each = _together(Path(folder, "together"), together) / TOGETHER
        idle_mib = idle()
    answers = sum(request.status == 304 for request in asked)
    base = statistics.median(theirs)
    cost = statistics.median(ours)
    return Result(
        text=f"Median of {rounds}, turn about; the poll made {len(asked)} requests, {answers} answered by 304.\n\n"
        "| | CPU, s | against the empty spider |\n| --- | ---: | ---: |\n"
        f"| `scrapy crawl` of an empty spider in a new project | {base:.2f} | 1.00 |\n"
        f"| a poll of an unchanged outlet by a person, `scrapy crawl` | {cost:.2f} | {cost / base:.2f} |\n"
        f"| a scheduler that polls one outlet and ends | {one:.2f} | {one / base:.2f} |\n"
        f"| each of {TOGETHER} outlets that a scheduler polls, and ends | {each:.2f} | {each / base:.2f} |\n\n"
        f"An idle scheduler takes {idle_mib:.0f} MiB."
    )


def _once(river: River) -> float:
    """Return the processor seconds of a scheduler that polls what is due and ends, start-up included."""
    spent = spend(river.scheduler("--once"), cwd=_root(), env=river.env())
    if spent.code:
        raise RuntimeError(f"a poll failed:\n{spent.out}")
    return spent.cpu_s


def _together(folder: Path, newsroom: Newsroom) -> float:
    """Return what a scheduler spends that looks at outlets with a feed and an article each, none of which changed."""
    folder.mkdir()
    for number in range(TOGETHER):
        outlet = f"outlet{number:02d}"
        newsroom.add_outlet(outlet)
        newsroom.add_article(outlet, title="Референдум: участки откроются", text=TEXT, published=PUBLISHED)
    river = River(folder=folder, newsroom=newsroom)
    river.once()
    newsroom.advance(hours=2)
    mark = newsroom.log.mark()
    spent = _once(river)
    if {request.outlet for request in newsroom.log.since(mark) if request.status == 304} != set(newsroom.press.outlets):
        raise RuntimeError("some outlets were not polled")
    return spent


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
