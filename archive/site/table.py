"""Writes what a search found as CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from archive.spreadsheet import BOM, safe_cell

COLUMNS = (
    "id", "published_at", "source_id", "source", "language", "title", "url", "story_id", "story_role",
    "story_similarity", "versions", "gone_at", "words", "first_seen_at", "last_seen_at",
)  # fmt: skip


def to_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as CSV with a header; texts that a spreadsheet would take for a formula get an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([safe_cell(row[name]) for name in COLUMNS])
    return BOM + out.getvalue()
