"""Crawls everything that is due, as `scheduler.py --once` does, with politeness switched off: the command measured.

usage: python -m benchmarks.crawl_all --archive FILE --sources FILE [--parallel 16] [--topics FILE]
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from archive.db import open_archive
from crawler.dispatcher import Dispatcher
from crawler.housekeeping import register
from crawler.runner import CrawlOptions, CrawlResult
from crawler.sources import load_sources

ROOT = Path(__file__).resolve().parents[1]
RUDE = (("AUTOTHROTTLE_ENABLED", "0"), ("DOWNLOAD_DELAY", "0"))


def _tell(result: CrawlResult) -> None:
    print(result.source_id, result.outcome, result.reason or "", result.counters, flush=True)


def main() -> None:
    """Crawl."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--topics", type=Path, default=ROOT / "topics.toml")
    parser.add_argument("--parallel", type=int, default=16)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    sources = load_sources(options.sources, allow_loopback=True)
    open_archive(options.archive).close()
    register(options.archive, sources, all_listed=True)
    crawl = CrawlOptions(
        archive=options.archive, sources=options.sources, topics=options.topics, allow_loopback=True, settings=RUDE
    )
    chosen = {source.id: source for source in sources.enabled}
    dispatcher = Dispatcher(chosen, crawl, root=ROOT, parallel=options.parallel, report=_tell)
    dispatcher.drain()
    dispatcher.stop()


if __name__ == "__main__":
    main()
