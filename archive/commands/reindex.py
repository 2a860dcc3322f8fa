"""`reindex`: makes the full-text index anew."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from archive.commandline import archive_option
from archive.verify import rebuild_index


@click.command("reindex")
@archive_option
@click.option("--fresh", is_flag=True, help="Begin from the first article, even where an earlier run was stopped.")
def reindex_command(archive: Path, fresh: bool) -> None:
    """Make the full-text index anew, beside the one in use, and then put it in its place.

    Needed after an update that reads words otherwise (search says so), or when verify finds the index wrong. Readers
    and crawls may go on meanwhile. When it is stopped, the next run goes on where it was.

    \b
    Example:
      python -m archive reindex --archive data/archive.db
    """
    columns = (TextColumn("indexing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("indexing")
        count = rebuild_index(
            archive, fresh=fresh, progress=lambda done, of: bar.update(task, completed=done, total=of)
        )
    click.echo(f"{archive}: {count:,} articles in the index.")
