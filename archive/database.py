"""sqlite-utils, loaded by who uses its tables and migrations: a search asks SQLite itself and need not wait for it."""

from __future__ import annotations

import sys
from importlib.util import find_spec

if "sqlite_utils" not in sys.modules:
    # sqlite-utils loads pandas and numpy wherever it finds them, for methods that nothing here uses: 0.7 s and 67 MB,
    # 0.1 s and 20 MB in each crawl and each scheduler.
    unseen = [name for name in ("pandas", "numpy") if name not in sys.modules and find_spec(name) is not None]
    sys.modules |= dict.fromkeys(unseen)  # type: ignore[arg-type]
    try:
        import sqlite_utils  # noqa: F401, TID251 - it is loaded now, while they are out of its sight
    finally:
        for name in unseen:
            del sys.modules[name]

from sqlite_utils import Database, Migrations  # noqa: TID251

__all__ = ["Database", "Migrations"]
