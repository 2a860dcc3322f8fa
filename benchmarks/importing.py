"""Measures what importing a page of a WARC file costs on one and on two processes, against extracting it alone.

The pages are the press's (190 kB, synthetic articles in three languages, all on topic), in one WARC file. The three
ways take turns, each in a process of its own, what starting it costs taken off by a file of one page.

usage: python -m benchmarks.importing [--pages 400]
"""

from __future__ import annotations

import argparse
import gzip
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from archive.records import Page
from archive.warc import WarcWriter
from archive.warc_format import decode_page, members
from benchmarks import page_press
from benchmarks.section import Result, Section
from benchmarks.spending import Spent, spend

ROOT = Path(__file__).resolve().parents[1]
FETCHED = datetime(2026, 3, 16, tzinfo=UTC)
WAYS = ("extraction alone", "import, one process", "import, two processes")


def recorded(folder: Path, pages: int) -> Path:
    """Write the press's pages into one WARC file and return it."""
    truths = page_press.make(folder / "press", 5, max(1, pages // 5))
    writer = WarcWriter(folder / "warc", "bench", durable=False)
    with writer:
        for truth in truths[:pages]:
            body = gzip.decompress(page_press.file_of(folder / "press", truth.url).read_bytes())
            headers = (("Content-Type", "text/html; charset=utf-8"),)
            writer.write(Page(url=truth.url, fetched_at=FETCHED, body=body, headers=headers))
    return next((folder / "warc").glob("*.warc.gz"))


def extract_alone(file: Path) -> int:
    """Extract every page of a file in this process; return how many there are."""
    from pipelines.extract import extract

    count = 0
    for member in members(file):
        if b"WARC-Type: response" in member.data[:200]:
            extract(decode_page(member.data), zone=ZoneInfo("Asia/Almaty"))
            count += 1
    return count


def measure(pages: int, rounds: int) -> dict[str, tuple[float, float]]:
    """Return, for each way, milliseconds of processor time a page and pages a second of wall-clock time."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        files = {"all": recorded(folder / "all", pages), "one": recorded(folder / "one", 1)}
        spent: dict[tuple[str, str], list[Spent]] = {}
        for turn in range(rounds):
            for way in WAYS:
                for name, file in files.items():
                    archive = folder / f"{turn}-{way[-13:].replace(' ', '')}-{name}" / "archive.db"
                    done = spend(_command(way, file, archive), cwd=ROOT, env=dict(os.environ))
                    if done.code:
                        raise SystemExit(f"{way}: {done.out[-500:]}")
                    spent.setdefault((way, name), []).append(done)
    found = {}
    for way in WAYS:
        cpu = min(one.cpu_s for one in spent[way, "all"]) - min(one.cpu_s for one in spent[way, "one"])
        wall = min(one.wall_s for one in spent[way, "all"]) - min(one.wall_s for one in spent[way, "one"])
        found[way] = 1000 * cpu / (pages - 1), (pages - 1) / max(wall, 0.001)
    return found


def _command(way: str, file: Path, archive: Path) -> list[str]:
    if way == WAYS[0]:
        return [sys.executable, "-m", "benchmarks.importing", "--alone", str(file)]
    processes = "2" if "two" in way else "1"
    import_it = [sys.executable, "-m", "pipelines", "import", str(file), "--archive", str(archive)]
    return [*import_it, "--processes", processes]


def run(quick: bool) -> Result:
    """Measure and return the section of the page."""
    pages, rounds = (60, 1) if quick else (400, 2)
    found = measure(pages, rounds)
    base = found[WAYS[0]][0]
    lines = ["| way | CPU a page | of extraction alone | pages a second |", "|---|---:|---:|---:|"]
    lines += [f"| {way} | {cpu:.1f} ms | {cpu / base:.2f} | {rate:.0f} |" for way, (cpu, rate) in found.items()]
    return Result(text="\n".join(lines))


SECTION = Section(
    name="importing",
    title="Importing WARC files",
    about="Pages of a WARC file through `python -m pipelines import` (unpacked, extracted in worker processes, matched,"
    " signed, placed in stories, indexed, stored, and copied into the archive's own WARC file) against extracting the "
    "same pages in one process and nothing else. Alone: `python -m benchmarks importing`.",
    run=run,
)


def main() -> None:
    """Measure, or extract a file's pages for the measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(extract_alone(options.alone))
        return
    for way, (cpu, rate) in measure(options.pages, options.rounds).items():
        print(f"{way:<24} {cpu:6.1f} ms CPU a page {rate:6.1f} pages a second")


if __name__ == "__main__":
    main()
