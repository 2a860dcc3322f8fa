"""Prints for people: tables in colour on a terminal, aligned text in a pipe, nothing a stored text could smuggle in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from archive.clean import clean_line

MAX_CELL_CHARS = 300
MAX_PIECE_CHARS = 20_000


def safe(value: object) -> str:
    """Return a value as one line without control characters, so that no title from the web drives the terminal."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return clean_line(str(value), MAX_CELL_CHARS)


def safe_part(text: str) -> str:
    """Return a piece of a line made safe, its outer spaces kept."""
    inner = clean_line(text, MAX_PIECE_CHARS)
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and inner else ""
    return before + inner + after


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None, styles: Sequence[str] = ()
) -> None:
    """Print rows under their columns; numbers stand to the right. `styles` colours rows on a terminal, in order."""
    rows = [list(row) for row in rows]
    right = [all(isinstance(row[at], int | float | None) for row in rows) for at in range(len(columns))]
    if not is_terminal():
        _aligned(columns, [[safe(value) for value in row] for row in rows], right, title)
        return
    drawn = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for name, to_right in zip(columns, right, strict=True):
        drawn.add_column(name, justify="right" if to_right else "left", overflow="fold")
    for at, row in enumerate(rows):
        drawn.add_row(*(Text(safe(value)) for value in row), style=styles[at] if at < len(styles) else None)
    Console().print(drawn)


def is_terminal() -> bool:
    """Tell whether a person reads along."""
    return Console().is_terminal


def megabytes(size: int) -> str:
    """Return a size in bytes as people read it."""
    return f"{size / 1_000_000:,.1f} MB" if size < 10**9 else f"{size / 10**9:,.2f} GB"


def _aligned(columns: Sequence[str], rows: list[list[str]], right: list[bool], title: str | None) -> None:
    if title:
        click.echo(title)
    lines = [list(columns), *rows]
    widths = [max(cell_len(line[at]) for line in lines) for at in range(len(columns))]
    for line in lines:
        cells = [
            " " * (width - cell_len(cell)) + cell if to_right else cell + " " * (width - cell_len(cell))
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())
