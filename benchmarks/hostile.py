"""Runs stock Scrapy with trafilatura over each way in which a server misbehaves.

usage: python -m benchmarks.hostile [--limit 20] [--minutes 60] [--only NAME ...]

Each case of `tests/hostile` is crawled alone beside twenty good pages by the stock crawl, within a limit of processor
time and 2 GB of address space; what ours has to make of it is what the tests hold. Writes docs/hostile.md.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.hostile.case import Case
from tests.hostile.cases import CASES
from tests.hostile.crawling import Memory, Source
from tests.hostile.press import GOOD
from tests.mockserver import MockServer

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "hostile.md"
LIMIT_S = 20.0
"""Seconds of processor time for the stock crawl of one case."""
CLOCK_SHARE = 4
"""How many times as much it may take by the clock: some sites take time and no work."""
FIRST = (
    "gzip-bomb", "brotli-bomb", "huge-body", "endless-body", "attributes", "b-flood", "span-flood", "br-flood",
    "json-ld-deep", "deep-text", "torn-gzip", "charset-0", "charset-2", "endless-headers", "many-headers",
    "long-header",
    "robots-huge", "robots-bomb", "robots-503", "to-file", "to-decimal", "to-private", "sitemap-flood", "sitemap-maze",
    "sitemap-broken-address", "sitemap-away", "feed-flood", "feed-links-away", "billion-laughs", "silence", "controls",
    "escapes", "nul", "date-february-30", "json-ld-urls", "p-flood", "table-flood", "section-flood", "packed-page",
    "zstd-bomb", "nested-bomb", "slow-body", "endless-100", "feed-bomb", "sitemap-bomb", "links", "many-attributes",
)  # fmt: skip
"""What is measured first when there is not the time for all: the rows of the design's table, and others of weight."""
STOCK_BYTES = 2 * 1024**3
STALL_S = 1.0
INTRODUCTION = """# Hostile servers

What a server can send, and what becomes of it: outcome and reason as recorded in `links` or `entries`. Each row is a
site that misbehaves in one way, crawled beside one with {good} good pages; `tests/hostile/` holds it. With each, all
good pages are stored, the event loop is not held up for a second and the processes stay under 500 MB.
[SECURITY.md](../SECURITY.md) says what is promised. Written by `make hostile`.

{stock}
"""
STOCK = """What the stock tools make of the same sites was measured on {day}: Scrapy {scrapy} as it comes, with
trafilatura {trafilatura} in the callback, feedparser for feeds, Scrapy's own sitemap spider and link extractor;
{limit:g} seconds of processor time, {clock:g} by the clock and 2 GB of address space a case. Told are what was read of
the bad page or list, how many good pages were stored where it was not all of them, the longest stall of the event loop
above a second, the peak of memory above 500 MB, and whether the crawl had to be killed. 'Stored' is no praise where the
page is a file, a bomb or somebody's metadata service.

| case | stock Scrapy and trafilatura | ours |
|---|---|---|"""
UNMEASURED = """`make hostile` also measures what stock Scrapy with trafilatura in the callback makes of each, in an
hour of a machine that does nothing else; this page was written without (`--minutes 0`).

| case | ours |
|---|---|"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What a stock crawl came to."""

    outcome: str
    good: int
    ended: bool
    peak_mib: float
    stall_s: float | None

    def cell(self) -> str:
        """Return the cell of the table."""
        said = [self.outcome]
        if self.good < GOOD:
            said.append(f"{self.good} of {GOOD} good pages")
        if self.stall_s is not None and self.stall_s >= STALL_S:
            said.append(f"stall of {self.stall_s:.0f} s")
        if self.peak_mib >= 500:
            said.append(f"{self.peak_mib:,.0f} MB")
        if not self.ended:
            said.append("**killed at the limit**")
        return ", ".join(said)


def run_stock(case: Case, limit_s: float) -> Stock:
    """Crawl one case with stock tools."""
    with MockServer() as web, tempfile.TemporaryDirectory() as folder:
        source = Source(web, [case])
        bad = source.sites[case.name].url(case.path)
        results = Path(folder) / "results"
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.stock_crawl", case.kind, source.good.url("/rss.xml"), bad, str(results)],
            cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        resource.prlimit(process.pid, resource.RLIMIT_AS, (STOCK_BYTES, STOCK_BYTES))
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (int(limit_s), int(limit_s)))
        memory = Memory(process.pid)
        watching = threading.Thread(target=memory.watch)
        watching.start()
        try:
            ended = process.wait(CLOCK_SHARE * limit_s) == 0
        except subprocess.TimeoutExpired:
            ended = False
        finally:
            process.kill()
            process.wait()
            memory.stop()
            watching.join()
        lines = [json.loads(line) for line in results.read_text("utf-8").splitlines()] if results.exists() else []
        beats = Path(f"{results}.heartbeat")
        return Stock(
            outcome=_outcome(case, bad, source, lines),
            good=sum(outcome == "stored" for url, outcome in lines if url.startswith(source.good.url("/news/good-"))),
            ended=ended,
            peak_mib=memory.peak_mib,
            stall_s=json.loads(beats.read_text("utf-8"))["stall_s"] if beats.exists() else None,
        )


def _outcome(case: Case, bad: str, source: Source, lines: Sequence[tuple[str, str]]) -> str:
    """Return what became of the bad page, or of the links that a list brought."""
    site = source.sites[case.name].url("/")
    if case.kind == "page":
        return next((outcome for url, outcome in lines if url == bad), "nothing recorded")
    brought = Counter(outcome for url, outcome in lines if url.startswith(site) or "127.0." not in url)
    return "; ".join(f"{count:,} x {outcome}" for outcome, count in brought.most_common(3)) or "nothing recorded"


def ours(case: Case) -> str:
    """Return what the tests hold our crawl to."""
    if case.kind == "page":
        if case.edge:
            return f"{case.state}, or failed: page ends its reader, by the speed of the machine"
        return f"{case.state}: {case.reason}" if case.reason else str(case.state)
    return f"{case.links:,} links" + (f"; {case.reason}" if case.reason else "")


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds of processor time for each stock crawl")
    parser.add_argument("--minutes", type=float, default=240.0, help="begin no stock crawl after so many minutes")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="these cases alone, to stdout")
    options = parser.parse_args()
    chosen = [case for case in CASES if not options.only or case.name in options.only]
    until = time.monotonic() + 60 * options.minutes
    stock: dict[str, str] = {}
    for case in sorted(chosen, key=lambda case: case.name not in FIRST):
        if time.monotonic() < until:
            stock[case.name] = run_stock(case, options.limit).cell()
            print(f"{case.name}: {stock[case.name]}", file=sys.stderr, flush=True)
    rows = []
    for case in chosen:
        cells = [case.what, stock.get(case.name, "not measured"), ours(case)]
        rows.append(f"| {' | '.join(map(_cell, cells if stock else cells[::2]))} |")
    if options.only:
        print("\n".join(rows))
        return
    told = STOCK.format(
        day=f"{datetime.now(UTC):%d %B %Y}", scrapy=version("scrapy"), trafilatura=version("trafilatura"),
        limit=options.limit, clock=CLOCK_SHARE * options.limit,
    )  # fmt: skip
    head = INTRODUCTION.format(good=GOOD, stock=told if stock else UNMEASURED)
    PAGE.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    print(PAGE, file=sys.stderr)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


if __name__ == "__main__":
    main()
