"""`python -m pipelines reindex-stories`: the stories built again from the stored articles."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from archive.commandline import archive_option
from archive.db import open_archive
from archive.terminal import progress


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

    with closing(open_archive(archive, create=False)) as db:
        (total,) = db.execute("select count(*) from articles").fetchone()
        with progress("stories", of=total) as advance:
            count = rebuild(db, progress=advance)
        (stories,) = db.execute("select count(*) from stories").fetchone()
    click.echo(f"{archive}: {count:,} articles in {stories:,} stories.")
