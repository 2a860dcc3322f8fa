"""Makes the Datasette of an archive: what its tables mean, how they are sorted and faceted, how long SQL may run."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any

from datasette.app import Datasette

from archive.descriptions import TABLES

FOLDER = Path(__file__).parent

SQL_TIME_LIMIT_MS = 5_000
"""Default 1,000; a search for a common word over a million articles takes some 300 ms warm, far more cold."""
FACET_TIME_LIMIT_MS = 2_000
"""Default 200. A value above the SQL limit would be ignored."""
MAX_RETURNED_ROWS = 1_000
TRUNCATE_CELLS = 300
"""Characters of a text shown in a table; the article's own page has it whole. Default 2,048."""

FACETS: dict[str, dict[str, Any]] = {
    "articles": {"sort_desc": "published_at", "facets": ["language", "source_id"], "label_column": "title", "size": 50},
    "sources": {"sort": "id", "label_column": "name", "facets": ["kind", "country"]},
    "links": {"facets": ["state", "source_id"]},
    "runs": {"sort_desc": "id", "facets": ["outcome"]},
    "topic_hits": {"facets": ["topic_id"]},
    "deletions": {"sort_desc": "gone_at"},
    "edits": {"sort_desc": "size"},
}


def site(archive: Path, host: str = "127.0.0.1") -> Datasette:
    """Return the Datasette that shows `archive` to those who reach `host`.

    Arbitrary SQL and the download of the file are for loopback only: `hex(zeroblob(400e6))` takes 2 GB of
    memory whatever the time limit.
    """
    private = is_loopback(host)
    return Datasette(
        [str(archive)],
        metadata=metadata(archive),
        plugins_dir=str(FOLDER / "plugins"),
        settings={
            "sql_time_limit_ms": SQL_TIME_LIMIT_MS,
            "facet_time_limit_ms": FACET_TIME_LIMIT_MS,
            "max_returned_rows": MAX_RETURNED_ROWS,
            "truncate_cells_html": TRUNCATE_CELLS,
            "suggest_facets": False,
            "default_allow_sql": private,
            "allow_download": private,
        },
    )


def metadata(archive: Path) -> dict[str, Any]:
    """Return Datasette's metadata: the descriptions of the codebook, with the order and facets of each table."""
    tables = {
        name: {
            "description": table.description,
            "columns": dict(table.columns),
            "hidden": table.internal,
            **FACETS.get(name, {}),
        }
        for name, table in TABLES.items()
    }
    return {
        "title": "Dauys: an archive of the news",
        "description": "What the outlets published, who copied whom, what was changed and what was removed.",
        "databases": {archive.stem: {"description": "One archive of news articles.", "tables": tables}},
    }


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address to listen on."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
