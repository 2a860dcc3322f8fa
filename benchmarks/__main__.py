"""`make bench`: run every benchmark and write docs/performance.md. QUICK=1 measures less and takes minutes."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import dedupe_scale, extraction

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
VERSIONS = ("trafilatura", "lxml", "numpy", "sqlite-utils", "scrapy")


def main() -> None:
    """Measure and write."""
    quick = os.environ.get("QUICK", "") not in ("", "0")
    print("reading pages", file=sys.stderr)
    reading = extraction.run(100 if quick else 700)
    print("placing articles in stories", file=sys.stderr)
    stories = dedupe_scale.run(10_000 if quick else 100_000)
    versions = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    PAGE.write_text(
        "# Performance\n\n"
        f"Written by `make bench` on {datetime.now(UTC):%d %B %Y}: Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, {versions}. Figures of one machine say little; the ratios, taken in one run, "
        "say more.\n\n"
        "## Reading a page\n\n"
        "`python -m benchmarks.extraction`: text, title, authors, dates, language and the rest, against the "
        f"extractor that does the work inside.\n\n{reading}\n"
        "## Placing an article in its story\n\n"
        "`python -m benchmarks.dedupe_scale`: signature, query, verdict, insert and commit, in one process, in an "
        f"archive with WAL and `synchronous=FULL`.\n\n{stories}\n",
        encoding="utf-8",
    )
    print(PAGE)


if __name__ == "__main__":
    main()
