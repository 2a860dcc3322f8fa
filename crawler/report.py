"""What a scheduler tells its operator: a line for each crawl, a warning for each source in trouble."""

from __future__ import annotations

import logging
from pathlib import Path

from archive.db import connect
from archive.stats import health
from archive.times import now
from crawler.runner import CrawlResult

log = logging.getLogger("dauys.crawl")

# column of `runs` -> words for a person; zero counts are left out
_WORDS = {
    "articles_new": "new",
    "articles_changed": "changed",
    "reprints": "reprints",
    "off_topic": "off topic",
    "not_modified": "not modified",
    "errors": "errors",
}


def tell(result: CrawlResult) -> None:
    """Log how a crawl ended, in one line."""
    counts = [f"{result.counters[name]} {words}" for name, words in _WORDS.items() if result.counters.get(name)]
    line = f"{result.source_id}: {result.outcome}, {result.counters.get('requests', 0)} requests"
    if counts:
        line += ", " + ", ".join(counts)
    if result.reason:
        line += f" ({result.reason})"
    log.log(logging.INFO if result.outcome in ("ok", "partial") else logging.WARNING, "%s", line)


def tell_trouble(archive: Path) -> None:
    """Log a warning for each source that fails or has fallen silent."""
    db = connect(archive, read_only=True)
    try:
        for one in health(db, now()):
            if one.is_trouble:
                log.warning("%s: %s, %s", one.source_id, one.state, one.trouble)
    finally:
        db.close()
