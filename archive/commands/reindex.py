"""`reindex`: makes the full-text index anew."""

from __future__ import annotations

from pathlib import Path

import click

from archive.commandline import archive_option
from archive.terminal import progress
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
    with progress("indexing") as advance:
        count = rebuild_index(archive, fresh=fresh, progress=advance)
    click.echo(f"{archive}: {count:,} articles in the index.")
