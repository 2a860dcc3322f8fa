"""Measures the CPU time of reading a page, beside trafilatura's own call with metadata, over the same real pages.

The pages are the development pages of the shared data; without them there is nothing to measure. Each has a process
of its own, and they take turns, so that the ratio does not depend on the machine.

usage: python -m benchmarks.extraction [--pages 200]
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import tarfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from archive.records import Page
from benchmarks.chart import bars
from benchmarks.section import Result, Section

ARCHIVE = Path(__file__).resolve().parents[2] / "shared" / "data" / "extract" / "extract_dev.tar.xz"
ZONE = ZoneInfo("Asia/Almaty")
FETCHED = datetime(2026, 11, 1, tzinfo=UTC)
WARM = 20
"""Pages, spread over all, that each reads before it is measured."""
CHUNK = 20
"""Pages that one reads before it is the other's turn."""


def pages(limit: int) -> list[tuple[str, bytes]]:
    """Return (address, body) of `limit` development pages, spread over all; none where the data is not at hand."""
    if not ARCHIVE.is_file():
        return []
    with tarfile.open(ARCHIVE) as packed:
        files = {member.name: packed.extractfile(member) for member in packed if member.isfile()}
        listing = next(stream for name, stream in files.items() if name.endswith("gt.jsonl") and stream)
        rows = [json.loads(line) for line in io.TextIOWrapper(listing, encoding="utf-8")]
        rows = rows[:: max(1, len(rows) // limit)][:limit]
        found = []
        for row in rows:
            stream = next((one for name, one in files.items() if name.endswith(row["file"])), None)
            if stream is not None:
                found.append((row["url"], stream.read()))
    return found


def run(limit: int = 700) -> Result:
    """Return the table: milliseconds of CPU a page, the ratio, and how often the slow path was taken."""
    corpus = pages(limit)
    if not corpus:
        return Result(text="The development pages are not beside this checkout: nothing was measured.")
    spent: dict[str, float] = dict.fromkeys(CALLS, 0.0)
    origins: Counter[str] = Counter()
    # a process for each: Dauys changes how the extractor selects elements, and the baseline must stay as it comes
    with ExitStack() as stack:
        context = multiprocessing.get_context("spawn")
        workers = {name: stack.enter_context(ProcessPoolExecutor(1, mp_context=context)) for name in CALLS}
        for name, worker in workers.items():
            # both have loaded what only some pages need, models and date parsers, before the clock runs
            worker.submit(CALLS[name], corpus[:: max(1, len(corpus) // WARM)]).result()
        for start in range(0, len(corpus), CHUNK):
            chunk = corpus[start : start + CHUNK]
            for name, worker in workers.items():
                cpu, found = worker.submit(CALLS[name], chunk).result()
                spent[name] += cpu
                origins.update(found)
    each = {name: 1000 * cpu / len(corpus) for name, cpu in spent.items()}
    base = each[BASE]
    slow = origins["thorough extraction"] + origins["JSON-LD articleBody"]
    rows = [f"| {name} | {cost:.1f} | {base / cost:.2f} |" for name, cost in each.items()]
    return Result(
        text=f"{len(corpus)} real pages (mean {sum(len(body) for _, body in corpus) / len(corpus) / 1000:.0f} kB), one "
        "core, the two in processes of their own, turn about.\n\n"
        "| | CPU a page, ms | pages a second, against trafilatura |\n| --- | ---: | ---: |\n" + "\n".join(rows) + "\n\n"
        f"Each page is parsed once. The text came from the thorough path on {slow} of {len(corpus)} pages "
        f"({slow / len(corpus):.0%}), where the fast one was doubtful and the other one won.",
        charts={"extraction": bars("Pages a second, against trafilatura", [(n, base / c) for n, c in each.items()])},
    )


def _ours(chunk: list[tuple[str, bytes]]) -> tuple[float, list[str]]:
    from pipelines.extract import extract, warm_up

    warm_up()
    found = []
    begun = time.process_time()
    for url, body in chunk:
        article = extract(Page(url=url, body=body, fetched_at=FETCHED), zone=ZONE)
        found.append(article.provenance.get("text", "none"))
    return time.process_time() - begun, found


def _theirs(chunk: list[tuple[str, bytes]]) -> tuple[float, list[str]]:
    import trafilatura

    begun = time.process_time()
    for url, body in chunk:
        trafilatura.bare_extraction(body, url=url, with_metadata=True)
    return time.process_time() - begun, []


BASE = "trafilatura, `bare_extraction(with_metadata=True)`"
CALLS = {BASE: _theirs, "Dauys, all fields": _ours}


SECTION = Section(
    name="extraction",
    title="Reading a page",
    about="`python -m benchmarks.extraction`: text, title, authors, dates, language and the rest, against the "
    "extractor that does the work inside.",
    run=lambda quick: run(50 if quick else 700),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=700, help="how many pages to read at most")
    print(run(parser.parse_args().pages).text)


if __name__ == "__main__":
    main()
