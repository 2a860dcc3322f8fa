"""Makes the Datasette of an archive: its own pages, what its tables mean, how they are sorted, how long SQL may run."""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.database import Database
from datasette.version import __version_info__

from archive.descriptions import TABLES
from archive.site.canned import QUERIES
from archive.site.showing import MOUNT, STATIC

FOLDER = Path(__file__).parent

SQL_TIME_LIMIT_MS = 5_000
"""Default 1,000; a search for a common word over a million articles takes some 300 ms warm, far more cold."""
FACET_TIME_LIMIT_MS = 2_000
"""Default 200. A value above the SQL limit would be ignored."""
MAX_RETURNED_ROWS = 1_000
TRUNCATE_CELLS = 300
"""Characters of a text shown in a table; the article's own page has it whole. Default 2,048."""

OWN_ADDRESSES = frozenset({"search", "stories", "outlets", "edits", "deletions", "reprints"})
"""A file with one of these names would hide its database's page behind ours."""

FACETS: dict[str, dict[str, Any]] = {
    # by number: a search of the table for a common word would sort hundreds of thousands of texts by their date
    "articles": {"sort_desc": "id", "facets": ["language", "source_id"], "label_column": "title", "size": 50},
    "sources": {"sort": "id", "label_column": "name", "facets": ["kind", "country"]},
    "links": {"facets": ["state", "source_id"]},
    "runs": {"sort_desc": "id", "facets": ["outcome"]},
    "topic_hits": {"facets": ["topic_id"]},
    "deletions": {"sort_desc": "gone_at"},
    "edits": {"sort_desc": "size"},
}

PRIVATE_TABLES = ("tombstones",)
"""Not for a public site: what was forgotten, and why, is nobody else's business."""


def site(archive: Path, host: str = "127.0.0.1", *, public: bool = False) -> Datasette:
    """Return the Datasette that shows `archive` to those who reach `host`; runs on the 0.65 and the 1.0 line.

    Arbitrary SQL and the download of the file are for loopback only, and not for a `public` site behind a proxy:
    `hex(zeroblob(400e6))` takes 2 GB of memory whatever the time limit.
    """
    # with rich installed every wrong address prints pages of local variables; real errors print their traceback anyway
    sys.modules["datasette.handle_exception"].__dict__["rich"] = None
    private = is_loopback(host) and not public
    name = database_name(archive)
    # canned queries belong to the metadata on 0.65 and to the configuration on 1.0
    configured = int(__version_info__[0]) >= 1
    own: dict[str, Any] = {"queries": QUERIES}
    if not private:
        own["tables"] = {table: {"allow": False} for table in PRIVATE_TABLES}
    config = {"databases": {name: own}}
    made = Datasette(
        [str(archive)],
        metadata=metadata(archive) if configured else _with(metadata(archive), name, own),
        template_dir=str(FOLDER / "templates"),
        plugins_dir=str(FOLDER / "plugins"),
        static_mounts=[(MOUNT, str(STATIC))],
        settings={
            "sql_time_limit_ms": SQL_TIME_LIMIT_MS,
            "facet_time_limit_ms": FACET_TIME_LIMIT_MS,
            "max_returned_rows": MAX_RETURNED_ROWS,
            "truncate_cells_html": TRUNCATE_CELLS,
            "suggest_facets": False,
            "default_allow_sql": private,
            "allow_download": private,
        },
        **({"config": config} if configured else {}),
    )
    if name != archive.stem:
        made.remove_database(archive.stem)
        made.add_database(Database(made, path=str(archive), is_mutable=True), name=name)
    return made


def database_name(archive: Path) -> str:
    """Return what the archive's tables are addressed by: the name of the file, unless a page of ours has it."""
    return f"{archive.stem}-tables" if archive.stem in OWN_ADDRESSES else archive.stem


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
        "databases": {database_name(archive): {"description": "One archive of news articles.", "tables": tables}},
    }


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address to listen on."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _with(data: dict[str, Any], name: str, own: dict[str, Any]) -> dict[str, Any]:
    """Return metadata with the queries, and with what is forbidden of single tables."""
    database = data["databases"][name]
    database["queries"] = own["queries"]
    for table, rule in own.get("tables", {}).items():
        database["tables"][table] = database["tables"].get(table, {}) | rule
    return data
