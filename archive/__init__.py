"""Keeps articles for good: SQLite, full-text index and WARC. Imports nothing of the crawler or the pipelines."""

from __future__ import annotations

import sys
from importlib.util import find_spec

if not {"sqlite_utils", "pandas"} & sys.modules.keys() and find_spec("pandas") is not None:
    # sqlite-utils loads pandas wherever it finds it, for a method that nothing here uses: 0.7 s and 67 MB in each
    # crawl and each reader of pages.
    sys.modules["pandas"] = None  # type: ignore[assignment]
    try:
        import sqlite_utils  # noqa: F401 - it is loaded now, while pandas is out of its sight
    finally:
        del sys.modules["pandas"]
