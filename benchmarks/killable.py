"""Measures what it costs to read pages in a process that can be killed, beside reading them in the crawl itself.

The pages are the development pages of the shared data, or those of the benchmarks' press where the data is not at hand.

usage: python -m benchmarks.killable [--pages 400] [--rounds 3]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import gzip
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from archive.frontier import LinkRow
from archive.records import Page
from benchmarks import extraction, page_press
from benchmarks.section import Result, Section
from pipelines.items import FetchedPage, Reading, TopicChoice
from pipelines.page_reader import prepare, read_page
from pipelines.worker import TASKS_A_PROCESS, Worker

TOPICS = TopicChoice(file=Path(__file__).resolve().parents[1] / "topics.toml")
BACKLOG = 16
"""Pages that a crawl has under way at most."""
CHUNK = 50
"""Pages that one reads before it is the other's turn."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of a chunk, or of all of them: processor time of every process, and by the clock."""

    cpu_s: float = 0.0
    wall_s: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.cpu_s + other.cpu_s, self.wall_s + other.wall_s)


def corpus(limit: int) -> tuple[str, list[tuple[str, bytes]]]:
    """Return what the pages are, and (address, body) of each."""
    if found := extraction.pages(limit):
        return "real pages", found
    with tempfile.TemporaryDirectory() as folder:
        truths = page_press.make(Path(folder), 1, limit)
        files = [(truth.url, page_press.file_of(Path(folder), truth.url)) for truth in truths]
        return "pages of the press", [(url, gzip.decompress(path.read_bytes())) for url, path in files]


def run(limit: int = 400, rounds: int = 3) -> Result:
    """Return the table: milliseconds a page in the crawl and in the worker, and their ratios."""
    kind, found = corpus(limit)
    pages = [fetched(url, body) for url, body in found]
    chunks = [pages[start : start + CHUNK] for start in range(0, len(pages), CHUNK)]
    total = {name: Spent() for name in CALLS}
    with ExitStack() as stack:
        context = multiprocessing.get_context("spawn")
        drivers = {name: stack.enter_context(ProcessPoolExecutor(1, mp_context=context)) for name in CALLS}
        for name, driver in drivers.items():
            # models and date parsers are loaded before the clock runs
            driver.submit(CALLS[name], pages[:: max(1, len(pages) // 20)]).result()
        for number in range(rounds * len(chunks)):
            # who begins changes, for the machine's speed does
            for name in sorted(CALLS, reverse=bool(number % 2)):
                total[name] += drivers[name].submit(CALLS[name], chunks[number % len(chunks)]).result()
        start_s = drivers[WORKER].submit(start_of_a_worker, pages[0]).result()
        drivers[WORKER].submit(close).result()
    count = rounds * len(pages)
    alone, killable = total[ALONE], total[WORKER]
    renewed = start_s / TASKS_A_PROCESS * count
    rows = (
        (ALONE, alone),
        (WORKER, killable),
        (f"the same, and its renewal after {TASKS_A_PROCESS:,} pages", killable + Spent(renewed, renewed)),
    )
    mean = sum(len(body) for _, body in found) / len(found) / 1000
    return Result(
        text=f"{len(pages)} {kind} (mean {mean:.0f} kB), {rounds} times, a backlog of {BACKLOG}, turn about. "
        f"A worker's start takes {start_s:.1f} s of processor time.\n\n"
        "| | CPU a page, ms | ratio | by the clock, ms | ratio |\n| --- | ---: | ---: | ---: | ---: |\n"
        + "\n".join(
            f"| {name} | {1000 * spent.cpu_s / count:.2f} | {spent.cpu_s / alone.cpu_s:.3f} | "
            f"{1000 * spent.wall_s / count:.2f} | {spent.wall_s / alone.wall_s:.3f} |"
            for name, spent in rows
        )
    )


def fetched(url: str, body: bytes) -> FetchedPage:
    """Return a page as a crawl has it."""
    link = LinkRow(
        url=url, source_id="bench", found_in=url, title_hint=None, published_hint=None, hint_from=None, attempts=0,
        article_id=None, etag=None, last_modified=None, missing_since=None, missing_status=None,
    )  # fmt: skip
    headers = (("content-type", "text/html"),)
    page = Page(url=url, body=body, fetched_at=extraction.FETCHED, headers=headers)
    return FetchedPage(page=page, link=link, zone=extraction.ZONE)


def in_the_crawl(pages: Sequence[FetchedPage]) -> Spent:
    """Read pages one after the other in this process, which looks at what it loaded no more often than a worker."""
    if not gc.get_freeze_count():
        prepare()
        gc.collect()
        gc.freeze()
    begun, cpu = time.monotonic(), time.process_time()
    for page in pages:
        replace(read_page(page, TOPICS), page=page.page)
    return Spent(time.process_time() - cpu, time.monotonic() - begun)


_worker: list[Worker] = []
"""The worker of this process, kept from chunk to chunk as a crawl keeps it."""


def in_the_worker(pages: Sequence[FetchedPage]) -> Spent:
    """Read pages as a crawl does, so many at once as it has items in work."""
    if not _worker:
        _worker.append(Worker(warm_up=prepare, tasks_a_process=1_000_000))
    return asyncio.run(_all(_worker[0], pages))


async def _all(worker: Worker, pages: Sequence[FetchedPage]) -> Spent:
    room = asyncio.Semaphore(BACKLOG)

    async def one(page: FetchedPage) -> Reading:
        async with room:
            return replace(await worker.run(read_page, page, TOPICS), page=page.page)

    begun, cpu = time.monotonic(), _cpu_s()
    await asyncio.gather(*map(one, pages))
    return Spent(_cpu_s() - cpu, time.monotonic() - begun)


def start_of_a_worker(page: FetchedPage) -> float:
    """Return the processor time of a worker from its start to its first page, in seconds."""
    before = _cpu_s()
    with Worker(warm_up=prepare) as worker:
        worker.call(len, b"")
        return _cpu_s() - before


def close() -> None:
    """End the worker of this process."""
    _worker.pop().close()


def _cpu_s() -> float:
    """Return the processor time of this process and all that it started."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = time.process_time() + ended.ru_utime + ended.ru_stime
    for child in psutil.Process().children(recursive=True):
        times = child.cpu_times()
        total += times.user + times.system
    return total


ALONE, WORKER = "in the crawl's own process", "in a worker that can be killed"
CALLS = {ALONE: in_the_crawl, WORKER: in_the_worker}


SECTION = Section(
    name="killable",
    title="Reading where it can be killed",
    about="`python -m benchmarks.killable`: the same pages read by the same code, in the crawl's own process and in "
    "its worker, which is limited in time and memory; counted are both processes, and what travels between them.",
    run=lambda quick: run(100, 1) if quick else run(400, 2),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=400, help="how many pages to read at most")
    parser.add_argument("--rounds", type=int, default=3, help="how often each page is read")
    options = parser.parse_args()
    print(run(options.pages, options.rounds).text)


if __name__ == "__main__":
    main()
