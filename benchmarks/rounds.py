"""Runs rounds of Dauys over the benchmarks' press, as its scheduler does, and demands that each ends well."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.spending import Spent, spend

ROOT = Path(__file__).resolve().parents[1]
CORES = 2
"""Crawls side by side, and cores that what is possible is reckoned for."""
ARCHIVE, SOURCES = "archive.db", "sources.toml"
"""Files in the folder of a round."""


def crawl(folder: Path, *, watch: bool = False, later_s: int = 0, limit_s: float = 1200) -> Spent:
    """Crawl what is due for the sources in `folder`, so many seconds later; `watch` looks at the memory."""
    command = [
        *(sys.executable, "-m", "benchmarks.crawl_all", "--archive", str(folder / ARCHIVE)),
        *("--sources", str(folder / SOURCES), "--parallel", str(CORES)),
    ]
    return checked("the crawl", command, watch=watch, later_s=later_s, limit_s=limit_s)


def checked(
    what: str, command: Sequence[str], *, watch: bool = False, later_s: int = 0, limit_s: float = 1200
) -> Spent:
    """Run a command and return what it took; raise RuntimeError with the end of what it said where it failed."""
    env = {**os.environ, "DAUYS_CLOCK_OFFSET_S": str(later_s)}
    spent = spend(command, cwd=ROOT, env=env, watch=watch, limit_s=limit_s)
    if spent.code:
        raise RuntimeError(f"{what} ended with {spent.code}:\n{spent.out[-2000:]}")
    return spent
