"""Reads the cells of a table as people and our own export write them: formulas made safe, lists in one cell. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from pipelines.extract import clean_text

_MADE_SAFE = re.compile(r"'(?=[=+\-@\t\r＝＋－＠])")
"""A quotation mark before what a spreadsheet would take for a formula: what the export puts there."""


def plain_cell(cell: str) -> str:
    """Return a cell as it was before it was made safe for spreadsheets."""
    return cell[1:] if _MADE_SAFE.match(cell) else cell


def text_list(value: Any) -> tuple[str, ...]:
    """Return a list of texts: given as one, as JSON, or with semicolons between; whatever is no text is left out."""
    if isinstance(value, str):
        value = _listed(value)
    if not isinstance(value, list | tuple):
        return ()
    cleaned = (clean_text(one).replace("\n", " ") for one in value if isinstance(one, str))
    return tuple(one for one in cleaned if one)


def _listed(value: str) -> list[Any]:
    if value.lstrip().startswith("["):
        try:
            read = json.loads(value)
        except (ValueError, RecursionError):
            return [value]
        return read if isinstance(read, list) else [value]
    return [part.strip() for part in value.split(";")]
