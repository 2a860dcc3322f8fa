"""Runs rounds of Dauys over the benchmarks' press, as its scheduler does, and demands that each ends well."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from archive.times import CLOCK_VARIABLE
from benchmarks.page_press import feed, sources_toml
from benchmarks.spending import LOOK_S, Spent, spend

ROOT = Path(__file__).resolve().parents[1]
CORES = 2
"""Cores that what is possible is reckoned for."""
OUTLETS_AT_ONCE = 16
"""Outlets crawled side by side, as a scheduler does by itself."""
ARCHIVE, SOURCES = "archive.db", "sources.toml"
"""Files in the folder of a round."""
LIMIT_S = 1800
"""Seconds after which a round that does not end is broken off."""


def listed(folder: Path, hosts: int) -> Path:
    """Write the sources of so many hosts of the press into `folder`, and their feeds, one a line; return that file."""
    (folder / SOURCES).write_text(sources_toml(hosts), encoding="utf-8")
    feeds = folder / "feeds.txt"
    feeds.write_text("\n".join(feed(number) for number in range(hosts)), encoding="utf-8")
    return feeds


def crawl(
    folder: Path, *, watch: bool = False, look_s: float = LOOK_S, later_s: int = 0, limit_s: float = LIMIT_S
) -> Spent:
    """Crawl what is due for the sources in `folder`, so many seconds later; `watch` looks at the memory."""
    command = [
        *(sys.executable, "-m", "benchmarks.crawl_all", "--archive", str(folder / ARCHIVE)),
        *("--sources", str(folder / SOURCES), "--parallel", str(OUTLETS_AT_ONCE)),
    ]
    env = {**os.environ, CLOCK_VARIABLE: str(later_s)}
    return demand("the crawl", spend(command, cwd=ROOT, env=env, watch=watch, look_s=look_s, limit_s=limit_s))


def demand(what: str, spent: Spent) -> Spent:
    """Return what a command took; raise RuntimeError with the end of what it said where it failed."""
    if spent.code:
        raise RuntimeError(f"{what} ended with {spent.code}:\n{spent.out[-2000:]}")
    return spent
