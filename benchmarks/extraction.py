"""Measures the CPU time of reading a page, beside trafilatura's own call with metadata, over the same real pages.

The pages are the development pages of the shared data; without them there is nothing to measure. Both run in
this process on one core, turn about, so that the ratio does not depend on the machine.

usage: python -m benchmarks.extraction [--pages 200]
"""

from __future__ import annotations

import argparse
import io
import json
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import trafilatura

from archive.records import Page
from benchmarks.section import Result, Section
from pipelines.extract import extract, warm_up

ARCHIVE = Path(__file__).resolve().parents[2] / "shared" / "data" / "extract" / "extract_dev.tar.xz"
ZONE = ZoneInfo("Asia/Almaty")
FETCHED = datetime(2026, 11, 1, tzinfo=UTC)


def pages(limit: int) -> list[tuple[str, bytes]]:
    """Return (address, body) of the first `limit` development pages; empty where the data is not beside the project."""
    if not ARCHIVE.is_file():
        return []
    with tarfile.open(ARCHIVE) as packed:
        files = {member.name: packed.extractfile(member) for member in packed if member.isfile()}
        listing = next(stream for name, stream in files.items() if name.endswith("gt.jsonl") and stream)
        rows = [json.loads(line) for line in io.TextIOWrapper(listing, encoding="utf-8")][:limit]
        found = []
        for row in rows:
            stream = next((one for name, one in files.items() if name.endswith(row["file"])), None)
            if stream is not None:
                found.append((row["url"], stream.read()))
    return found


def run(limit: int = 700) -> str:
    """Return the table: milliseconds of CPU a page, and the ratio."""
    corpus = pages(limit)
    if not corpus:
        return "The development pages are not beside this checkout: nothing was measured.\n"
    warm_up()
    trafilatura.bare_extraction(corpus[0][1], url=corpus[0][0], with_metadata=True)
    ours = theirs = 0.0
    for url, body in corpus:
        begun = time.process_time()
        extract(Page(url=url, body=body, fetched_at=FETCHED), zone=ZONE)
        between = time.process_time()
        trafilatura.bare_extraction(body, url=url, with_metadata=True)
        ours += between - begun
        theirs += time.process_time() - between
    each, other = 1000 * ours / len(corpus), 1000 * theirs / len(corpus)
    return (
        f"{len(corpus)} real pages, one core.\n\n"
        "| | CPU a page, ms | pages a second, against trafilatura |\n| --- | ---: | ---: |\n"
        f"| trafilatura {trafilatura.__version__}, `bare_extraction(with_metadata=True)` | {other:.1f} | 1.00 |\n"
        f"| Dauys, all fields | {each:.1f} | {other / each:.2f} |\n"
    )


SECTION = Section(
    name="extraction",
    title="Reading a page",
    about="`python -m benchmarks.extraction`: text, title, authors, dates, language and the rest, against the "
    "extractor that does the work inside.",
    run=lambda quick: Result(text=run(100 if quick else 700)),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=700, help="how many pages to read at most")
    print(run(parser.parse_args().pages))


if __name__ == "__main__":
    main()
