"""`verify` and `backup`: is everything still there, and a copy of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import click
from rich.console import Console

from archive.backup import backup
from archive.commandline import PROBLEM, archive_option
from archive.db import ArchiveError
from archive.reading import open_for_reading
from archive.repair import repair
from archive.terminal import is_terminal, megabytes, safe
from archive.verify import rebuild_index, verify
from archive.warc import folder_of


@click.command("verify")
@archive_option
@click.option("--rebuild-index", "rebuild", is_flag=True, help="Make the full-text index anew first, as reindex does.")
@click.option("--repair", "mend", is_flag=True, help="First mend what can be mended, and say what was done.")
@click.pass_context
def verify_command(ctx: click.Context, archive: Path, rebuild: bool, mend: bool) -> None:
    """Check the archive to the last byte: database, full-text index, counts, and every capture in every WARC file.

    Each problem is one line that ends with what to do. Ends with 1 when there is one. Crawls may go on meanwhile.
    With --repair, what is left of the archive is used to mend it: torn ends of WARC files, pointers to captures,
    the full-text index, lost indexes and triggers, counts. No text and no capture is given up for it.

    \b
    Examples:
      python -m archive verify --archive data/archive.db
      python -m archive verify --repair
    """
    if rebuild:
        rebuild_index(archive)
    if mend:
        with Console(stderr=True).status("mending") as line:
            for done in repair(archive, progress=lambda step: line.update(f"mending {safe(step)}")):
                click.echo(f"Mended: {' '.join(str(done).split())}.")
    try:
        db = open_for_reading(archive)
    except ArchiveError as error:
        if isinstance(error.__cause__, sqlite3.DatabaseError):  # damage is what this command looks for
            raise click.ClickException(str(error)) from error
        raise
    found = 0
    # On stderr, so that the list of problems stays clean; a pipe gets none of it.
    console = Console(stderr=True)
    with console.status("opening") as line:
        for problem in verify(db, archive, progress=lambda step: line.update(f"checking {safe(step)}")):
            found += 1
            click.echo(" ".join(str(problem).split()))
    if found:
        ctx.exit(PROBLEM)
    (articles,) = db.execute("select count(*) from articles").fetchone()
    (pages,) = db.execute("select count(*) from pages").fetchone()
    click.echo(f"{archive}: whole. {articles:,} articles, {pages:,} pages.")


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@archive_option
def backup_command(file: Path, archive: Path) -> None:
    """Copy the archive's database to FILE while crawls go on, and check the copy.

    The WARC files are not in it: they only ever grow, and any copying tool can follow them.

    \b
    Example:
      python -m archive backup /mnt/disk/archive-2026-03-15.db
      rsync -a data/warc/ /mnt/disk/warc/
    """
    db = open_for_reading(archive)
    if is_terminal():
        with Console(stderr=True).status("copying and checking"):
            size = backup(db, file)
    else:
        size = backup(db, file)
    click.echo(f"{file}: {megabytes(size)}, checked. The captures are copied apart: rsync -a {folder_of(archive)}/ ...")
