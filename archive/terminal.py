"""Prints for people: tables in colour on a terminal, aligned text in a pipe, nothing a stored text could smuggle in.

rich is loaded where it draws: a command in a pipe would wait for it longer than for its answer.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Protocol

import click

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
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for name, to_right in zip(columns, right, strict=True):
        drawn.add_column(name, justify="right" if to_right else "left", overflow="fold")
    for at, row in enumerate(rows):
        drawn.add_row(*(Text(safe(value)) for value in row), style=styles[at] if at < len(styles) else None)
    Console().print(drawn)


def is_terminal() -> bool:
    """Tell whether a person reads along."""
    return _is_terminal(sys.stdout)


def _is_terminal(stream: IO[str]) -> bool:
    """Tell whether a stream is shown to a person, as rich has it: some variables of the environment say so too."""
    if not stream.isatty() and os.environ.keys().isdisjoint(("FORCE_COLOR", "TTY_COMPATIBLE")):
        return False
    from rich.console import Console

    return Console(file=stream).is_terminal


class Advance(Protocol):
    """Told how much of a long piece of work is done; `of` where the whole became known, `label` to say what goes on."""

    def __call__(self, done: int, of: int | None = None, label: str | None = None) -> None:
        """Draw the progress."""


@contextmanager
def progress(label: str, *, of: int | None = None, counted: bool = True) -> Iterator[Advance]:
    """Show a bar with an estimate on stderr while a block works, and nothing where stderr is no terminal.

    The block gets a function to call with what is done so far, in the units of `of`; `counted` False shows
    a share where the units mean nothing to a person (bytes).
    """
    if not _is_terminal(sys.stderr):
        yield lambda done, of=None, label=None: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    amount = MofNCompleteColumn() if counted else TaskProgressColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(safe(label), total=of)

        def advance(done: int, of: int | None = None, label: str | None = None) -> None:
            bar.update(task, completed=done, total=of, description=safe(label) if label is not None else None)

        yield advance


def megabytes(size: int) -> str:
    """Return a size in bytes as people read it."""
    return f"{size / 1_000_000:,.1f} MB" if size < 10**9 else f"{size / 10**9:,.2f} GB"


def _aligned(columns: Sequence[str], rows: list[list[str]], right: list[bool], title: str | None) -> None:
    if title:
        click.echo(title)
    from rich.cells import cell_len

    lines = [list(columns), *rows]
    widths = [max(cell_len(line[at]) for line in lines) for at in range(len(columns))]
    for line in lines:
        cells = [
            " " * (width - cell_len(cell)) + cell if to_right else cell + " " * (width - cell_len(cell))
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())
