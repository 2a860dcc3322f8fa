"""Measures a whole round over a press of real-sized pages: Dauys, and the sum of its parts on the same press.

The parts are fetching every page with Scrapy as it comes and doing nothing with it, and reading every page without
storing it; what two cores allow is what these two would take. Shares are of processor time, which a busy machine bends
least; articles a second are wall-clock time.

usage: python -m benchmarks.end_to_end [--hosts 40] [--pages 125]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chart import lines
from benchmarks.page_press import file_of
from benchmarks.peers.environments import HERE
from benchmarks.press_server import Served, running
from benchmarks.rounds import ARCHIVE, CORES, OUTLETS_AT_ONCE, ROOT, crawl, demand, listed
from benchmarks.scoring import stored
from benchmarks.section import Result, Section
from benchmarks.spending import Spent, spend

LATER_S = 2 * 3600
"""Seconds after the first round that the second one takes place: feeds are due then, and so are fresh articles."""
WHOLE = 0.99
"""Share of the pages that a round must have stored for its figures to mean anything."""
READ = 400
"""Pages, spread over all, whose reading is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What a round took: both rounds of Dauys, fetching alone, and reading alone in seconds of a core for a page."""

    pages: int
    articles: int
    fetch: Spent
    reading_s: float
    ours: Spent
    again: Spent


def measure(folder: Path, served: Served, hosts: int) -> Round:
    """Crawl a press that is being served, twice, and its parts."""
    feeds = listed(folder, hosts)
    plain = [sys.executable, str(HERE / "plain_scrapy.py"), str(feeds), str(folder / "none.jsonl"), "fetch"]
    return Round(
        pages=len(served.truths),
        fetch=demand("fetching alone", spend(plain, cwd=ROOT, env=os.environ)),
        reading_s=reading(served),
        ours=crawl(folder, watch=True),
        again=crawl(folder, later_s=LATER_S),
        articles=len(stored(folder / ARCHIVE)),
    )


def reading(served: Served) -> float:
    """Return the processor seconds that reading a page takes, in a process of its own as a worker is."""
    script = (
        "import sys, json, gzip, time; from pathlib import Path; from datetime import UTC, datetime\n"
        "from zoneinfo import ZoneInfo; from archive.records import Page\n"
        "from pipelines.extract import extract, warm_up\n"
        "warm_up(); rows = json.loads(sys.stdin.read()); spent = 0.0\n"
        "for url, file in rows:\n"
        "    body = gzip.decompress(Path(file).read_bytes()); begun = time.process_time()\n"
        "    extract(Page(url=url, body=body, fetched_at=datetime.now(UTC)), zone=ZoneInfo('Asia/Almaty'))\n"
        "    spent += time.process_time() - begun\n"
        "print(spent / len(rows))\n"
    )
    step = max(1, len(served.truths) // READ)
    rows = [(one.url, str(file_of(served.folder, one.url))) for one in served.truths[::step]]
    done = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps(rows), cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def run(hosts: int, pages: int) -> Result:
    """Serve a press of `hosts` outlets with `pages` articles each, crawl it, and return the tables."""
    with tempfile.TemporaryDirectory(prefix="end-to-end-") as name:
        folder = Path(name)
        with running(folder / "press", hosts, pages) as served:
            found = measure(folder, served, hosts)
    # a round that stored a part of it has no cost a page
    if found.articles < found.pages * WHOLE:
        raise RuntimeError(f"{found.articles} of {found.pages} articles were stored:\n{found.ours.out[-4000:]}")
    return _told(found, hosts)


def _told(found: Round, hosts: int) -> Result:
    ours, again = found.ours, found.again
    fetching, whole = found.fetch.cpu_s / found.pages, ours.cpu_s / found.pages
    parts = fetching + found.reading_s
    steady = sorted(size for _, size in ours.memory)
    middle = steady[len(steady) // 2] if steady else 0.0
    return Result(
        text=f"{found.pages:,} pages on {hosts} hosts, {OUTLETS_AT_ONCE} crawled side by side; everything is stored "
        "with text, topic, duplicate verdict, WARC and index. Start-up of every process is included.\n\n"
        "| part | CPU a page, ms |\n| --- | ---: |\n"
        f"| fetching with Scrapy as it comes, nothing done with the page | {1000 * fetching:.1f} |\n"
        f"| reading the page (extraction, all fields) | {1000 * found.reading_s:.1f} |\n"
        f"| Dauys, everything | {1000 * whole:.1f} |\n\n"
        f"The parts alone are {parts / whole:.0%} of the whole; two free cores would allow "
        f"{CORES / parts:.0f} pages a second of the parts and {CORES / whole:.0f} of everything. Measured: "
        f"{found.articles:,} articles, {found.articles / ours.wall_s:.1f} a second on this machine, with all else that "
        "it did.\n\n"
        f"A second round two hours later, over the unchanged press, took {again.cpu_s:.1f} s of CPU, not "
        f"{ours.cpu_s:.1f}. "
        f"Memory of the whole process tree: {middle:.0f} MiB in the middle of it, {ours.peak_mib:.0f} at most.\n\n"
        "![Memory](images/performance/crawl-memory.svg)\n",
        charts={
            "crawl-memory": lines(
                "Memory of the process tree over a crawl", {"MiB": ours.memory}, x="seconds", y="MiB"
            ),
        },
    )


SECTION = Section(
    name="end-to-end",
    title="A whole round",
    about="`python -m benchmarks.end_to_end`: a press on loopback that serves real-sized pages (some 170 kB, 600 "
    "elements) as fast as it is asked, gzipped, with validators.",
    run=lambda quick: run(8, 25) if quick else run(40, 125),
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=40)
    parser.add_argument("--pages", type=int, default=125, help="articles of each host")
    options = parser.parse_args()
    print(run(options.hosts, options.pages).text)


if __name__ == "__main__":
    main()
