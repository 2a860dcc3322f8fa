"""Measures how long writers wait for their turn: ten crawls, a scheduler and fifty readers of the site on one archive.

usage: python -m benchmarks.crowd [--pages 60]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil

from archive.db import open_archive
from benchmarks.page_press import sources_toml
from benchmarks.press_server import running
from benchmarks.section import Result, Section
from crawler.runner import Crawl, CrawlOptions, CrawlResult
from tests.crashes.readers import READ, Helper, serving

ROOT = Path(__file__).resolve().parents[1]
CRAWLS, READERS = 10, 50
LOOK_S = 5.0
"""Seconds for which a reader looks at a page."""
HURRY = {"AUTOTHROTTLE_ENABLED": "0", "DOWNLOAD_DELAY": "0"}
ADDONS = json.dumps({"crawler.addon.DauysAddon": 100, "benchmarks.turn_waits.WaitsAddon": 200})


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """What a crowd came to. `waits` are in seconds, in order of size; `busy` is the share of all cores in use."""

    waits: list[float]
    articles: int
    seconds: float
    pages_read: int
    refused: int
    log_mib: float
    busy: float

    def wait(self, share: float) -> float:
        """Return the wait, in milliseconds, that so large a share of all was not longer than."""
        return 1000 * self.waits[min(len(self.waits) - 1, int(share * len(self.waits)))]


def crowd(folder: Path, *, settings: dict[str, str], look_s: float) -> Crowd:
    """Run ten crawls of the press to their end beside a scheduler and the readers."""
    archive, waits = folder / "archive.db", folder / "waits"
    sources = sources_toml(CRAWLS) if settings else sources_toml(CRAWLS).replace("delay = 0\n", "")
    (folder / "sources.toml").write_text(sources, encoding="utf-8")
    (folder / "idle.toml").write_text(f"[[{sources_toml(CRAWLS + 1).rpartition('[[')[2]}", encoding="utf-8")
    open_archive(archive).close()
    options = CrawlOptions(
        archive=archive, sources=folder / "sources.toml", topics=ROOT / "topics.toml", allow_loopback=True,
        settings=(*settings.items(), ("ADDONS", ADDONS), ("WAITS_FILE", str(waits))),
    )  # fmt: skip
    scheduler = [
        *(sys.executable, "scheduler.py", "--archive", str(archive), "--sources", str(folder / "idle.toml")),
        *("--allow-loopback",),
    ]
    first = subprocess.Popen(scheduler, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with serving(archive) as address:
            readers = Helper(READ, address, str(READERS), str(look_s))
            begun = time.monotonic()
            psutil.cpu_percent()
            crawls = [Crawl(f"bench{number:03d}", options, root=ROOT) for number in range(CRAWLS)]
            second = subprocess.run([*scheduler, "--once"], cwd=ROOT, capture_output=True, text=True, check=False)
            with ThreadPoolExecutor(CRAWLS) as waiting:
                ends = [waiting.submit(crawl.wait) for crawl in crawls]
                log_bytes = [_size(archive) for _ in _until_ended(ends)]
            results = [end.result() for end in ends]
            seconds, busy = time.monotonic() - begun, psutil.cpu_percent()
            readers.tell()
            read = readers.result()
    finally:
        first.terminate()
        first.wait()
    if read["bad"] or "another scheduler" not in second.stderr or any(one.outcome != "ok" for one in results):
        raise RuntimeError(f"{read['bad'][:3]} {second.stderr} {results}")
    asked = [json.loads(line) for line in waits.read_text(encoding="utf-8").splitlines()]
    with closing(open_archive(archive)) as db:
        (articles,) = db.execute("select count(*) from articles").fetchone()
    return Crowd(
        waits=sorted(had - asked for asked, had in asked), articles=articles, seconds=seconds,
        pages_read=read["pages"], refused=second.returncode, log_mib=max(log_bytes) / 1024**2, busy=busy / 100,
    )  # fmt: skip


PACES: tuple[tuple[str, dict[str, str], float], ...] = (
    (f"as they come; a reader looks at a page for {LOOK_S:.0f} s", {}, LOOK_S),
    ("no pause between pages, of crawls or readers", HURRY, 0.0),
)
"""The pace of every day, and one that never pauses: settings of the crawls, seconds of a reader for a page."""


def run(pages: int = 60, paces: Sequence[tuple[str, dict[str, str], float]] = PACES) -> Result:
    """Return the table of the crowd at each pace."""
    rows = []
    with tempfile.TemporaryDirectory() as place, running(Path(place) / "press", CRAWLS + 1, pages):
        for name, settings, look_s in paces:
            folder = Path(place) / str(len(rows))
            folder.mkdir()
            one = crowd(folder, settings=settings, look_s=look_s)
            shares = " | ".join(f"{one.wait(share):.0f}" for share in (0.5, 0.95, 0.99, 1))
            rates = f"{one.articles / one.seconds:.1f} | {one.pages_read / one.seconds:.1f}"
            rows.append(f"| {name} | {len(one.waits):,} | {rates} | {one.busy:.0%} | {shares} | {one.log_mib:.0f} |")
    return Result(
        text=f"{CRAWLS} outlets of {pages} articles, {os.cpu_count()} cores; a second scheduler was refused.\n\n"
        "| pace | writes | articles stored a second | pages read a second | cores in use "
        "| wait, ms: median | 95 of 100 | 99 of 100 | longest | log, MiB |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n" + "\n".join(rows)
    )


def _until_ended(ends: list[Future[CrawlResult]]) -> Iterator[None]:
    while not all(end.done() for end in ends):
        yield
        time.sleep(0.2)


def _size(archive: Path) -> int:
    log = archive.with_name(f"{archive.name}-wal")
    return log.stat().st_size if log.exists() else 0


SECTION = Section(
    name="crowd",
    title="Many writers, many readers",
    about="`python -m benchmarks.crowd`: ten crawls, two schedulers and a site with fifty readers on one archive; how "
    "long each write of the crawls waited, from asking for its turn to having it.",
    run=lambda quick: run(4, PACES[1:]) if quick else run(30),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=60, help="articles of each outlet")
    print(run(parser.parse_args().pages).text)


if __name__ == "__main__":
    main()
