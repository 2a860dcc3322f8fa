"""Makes texts safe for spreadsheets, which run a cell that looks like a formula."""

from __future__ import annotations

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a formula begins with (OWASP, CSV injection); some spreadsheets fold full-width forms."""
BOM = "\ufeff"
"""Without it Excel reads UTF-8 as the system's own code page and breaks every Cyrillic letter."""


def safe_cell(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula: texts that begin like one get an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
