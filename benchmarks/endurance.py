"""Measures the memory of a scheduler and all its processes over tens of thousands of pages, and whether it grows.

What is summed is the proportional share (PSS) of every process of the tree, so that a page of memory that two share
is counted once. Steady is what lies behind the first tenth of the pages: processes have begun and have loaded all.

A press of that size takes minutes to make; one that is kept in the folder that ENDURANCE_PRESS names serves again, by
the same port.

usage: python -m benchmarks.endurance [--pages 50000]
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.chart import lines
from benchmarks.press_server import running
from benchmarks.rounds import ARCHIVE, OUTLETS_AT_ONCE, crawl, listed
from benchmarks.section import Result, Section
from benchmarks.spending import Spent

PAGES_A_HOST = 500
KEPT = "ENDURANCE_PRESS"
"""Environment variable with the folder of a press to make or to serve again."""
LOOK_S = 2.0
"""Seconds between two looks at the memory, and at the number of articles."""
TELL_S = 60.0
WARM_SHARE = 0.1
LIMIT_S = 4 * 3600
"""Seconds after which a run that does not end is broken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Memory over a crawl: points of (articles stored, MiB), and what they come to."""

    points: tuple[tuple[float, float], ...]
    pages: int

    @property
    def steady(self) -> list[tuple[float, float]]:
        """Return the points behind the first tenth of the pages, while there are pages left."""
        return [point for point in self.points if self.pages * WARM_SHARE <= point[0] < self.pages]

    @property
    def median_mib(self) -> float:
        """Return the median of the steady state."""
        return statistics.median(size for _, size in self.steady)

    @property
    def most_mib(self) -> float:
        """Return the most that was seen at any time."""
        return max(size for _, size in self.points)

    @property
    def slope(self) -> float:
        """Return by how many MiB the steady state grows over 10,000 pages (least squares)."""
        at, sizes = zip(*self.steady, strict=True)
        return float(np.polyfit(at, sizes, 1)[0]) * 10_000

    def thinned(self, most: int = 300) -> list[tuple[float, float]]:
        """Return points for a chart: of each stretch the largest, so that no peak is hidden."""
        step = -(-len(self.points) // most)
        return [max(self.points[at : at + step], key=lambda point: point[1]) for at in range(0, len(self.points), step)]


def measure(folder: Path, pages: int) -> tuple[Curve, Spent]:
    """Crawl a press of so many pages in `folder` and return the curve of its memory."""
    hosts = max(1, round(pages / PAGES_A_HOST))
    with running(Path(os.environ.get(KEPT) or folder / "press"), hosts, pages // hosts) as served:
        listed(folder, hosts)
        with _counting(folder / ARCHIVE) as stored:
            spent = crawl(folder, watch=True, look_s=LOOK_S, limit_s=LIMIT_S)
    count = _articles(folder / ARCHIVE)
    if count < len(served.truths):
        raise RuntimeError(f"only {count} of {len(served.truths)} articles were stored:\n{spent.out[-2000:]}")
    seconds, articles = zip(*stored, strict=True)
    points = tuple((float(np.interp(at, seconds, articles)), size) for at, size in spent.memory)
    curve = Curve(points=points, pages=count)
    if len(curve.steady) < 2:
        raise RuntimeError(f"{count} pages are too few: they were stored between two looks")
    return curve, spent


@contextmanager
def _counting(archive: Path) -> Iterator[list[tuple[float, int]]]:
    """Count, beside a crawl, the articles it has stored: (seconds since the start, articles)."""
    begun, told = time.monotonic(), 0.0
    stored = [(0.0, 0)]
    done = threading.Event()

    def count() -> None:
        nonlocal told
        while not done.wait(LOOK_S):
            stored.append((time.monotonic() - begun, _articles(archive)))
            if stored[-1][0] > told + TELL_S:
                told = stored[-1][0]
                print(f"{told:6.0f} s  {stored[-1][1]:,} articles", file=sys.stderr, flush=True)

    counter = threading.Thread(target=count)
    counter.start()
    try:
        yield stored
    finally:
        done.set()
        counter.join()


def _articles(archive: Path) -> int:
    """Return how many articles an archive has; none while it is being made."""
    if not archive.exists():
        return 0
    with closing(sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True, timeout=60)) as db:
        if not db.execute("select 1 from sqlite_master where name = 'articles'").fetchone():
            return 0
        return int(db.execute("select coalesce(max(id), 0) from articles").fetchone()[0])


def run(pages: int) -> Result:
    """Return the figures and the curve."""
    with tempfile.TemporaryDirectory(prefix="endurance-") as folder:
        curve, spent = measure(Path(folder), pages)
    title = "Memory of the process tree by articles stored"
    return Result(
        text=f"{curve.pages:,} pages stored by one scheduler, {OUTLETS_AT_ONCE} outlets side by side, in "
        f"{spent.wall_s / 60:.0f} minutes ({curve.pages / spent.wall_s:.1f} a second beside what else the machine "
        f"did); {len(curve.points):,} looks at the proportional share (PSS) of all its processes.\n\n"
        "| memory of the process tree | |\n| --- | ---: |\n"
        f"| median behind the first tenth, MiB | {curve.median_mib:.0f} |\n"
        f"| most at any time, MiB | {curve.most_mib:.0f} |\n"
        f"| growth over 10,000 pages behind the first tenth, MiB | {curve.slope:+.1f} |\n\n"
        "![Memory over many pages](images/performance/endurance.svg)",
        charts={"endurance": lines(title, {"MiB": curve.thinned()}, x="articles", y="MiB")},
    )


SECTION = Section(
    name="endurance",
    title="Memory over many pages",
    about="`python -m benchmarks endurance`: tens of thousands of pages of the press through one scheduler, and the "
    "memory of all its processes as it goes on.",
    run=lambda quick: run(2_000 if quick else 50_000),
    by_name=True,
)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=50_000)
    print(run(parser.parse_args().pages).text)


if __name__ == "__main__":
    main()
