"""`python -m pipelines reindex-stories`: the stories built again from the stored articles."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from archive.commandline import archive_option
from archive.db import open_archive


@click.command("reindex-stories")
@archive_option
def reindex_stories_command(archive: Path) -> None:
    """Build the stories again: who copied whom, from the articles as they are stored.

    Needed after an update that recognises reprints otherwise; crawls say so. No crawl should run meanwhile. When
    it is stopped, run it again.

    \b
    Example:
      python -m pipelines reindex-stories --archive data/archive.db
    """
    # numpy and what stands on it is not loaded for the other commands
    from pipelines.dedupe import rebuild

    console = Console(stderr=True)
    with (
        closing(open_archive(archive, create=False)) as db,
        Progress(console=console, transient=True, disable=not console.is_terminal) as bar,
    ):
        (total,) = db.execute("select count(*) from articles").fetchone()
        task = bar.add_task("stories", total=total)
        count = rebuild(db, progress=lambda done: bar.update(task, completed=done))
        (stories,) = db.execute("select count(*) from stories").fetchone()
    click.echo(f"{archive}: {count:,} articles in {stories:,} stories.")
