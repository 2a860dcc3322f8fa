"""The command line of the archive."""

from __future__ import annotations

import click

from archive.commandline import Commands
from archive.commands.book import codebook_command
from archive.commands.capture import capture_command
from archive.commands.care import backup_command, verify_command
from archive.commands.export import export_command
from archive.commands.find import search_command
from archive.commands.forgetting import forget_command
from archive.commands.health import stats_command, status_command
from archive.commands.reindex import reindex_command
from archive.commands.serve import serve_command
from archive.commands.time import deletions_command, edits_command, history_command, network_command, stories_command
from archive.commands.wacz import wacz_command


@click.group(cls=Commands, name="python -m archive")
def cli() -> None:
    """Read, check and copy an archive of news.

    The archive is named by --archive or by ARCHIVE in the environment. Commands end with 0 when done, with 1 when
    they found a problem, with 2 when they were used wrongly.

    \b
    Example:
      python -m archive search референдум --archive data/archive.db
    """


for _command in (
    search_command,
    stories_command,
    network_command,
    history_command,
    edits_command,
    deletions_command,
    capture_command,
    wacz_command,
    stats_command,
    status_command,
    verify_command,
    reindex_command,
    backup_command,
    forget_command,
    export_command,
    serve_command,
    codebook_command,
):
    cli.add_command(_command)
