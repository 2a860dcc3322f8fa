"""The command line of the archive."""

from __future__ import annotations

import click

from archive.commandline import Commands

COMMANDS = {
    "backup": "archive.commands.care:backup_command",
    "capture": "archive.commands.capture:capture_command",
    "codebook": "archive.commands.book:codebook_command",
    "deletions": "archive.commands.time:deletions_command",
    "edits": "archive.commands.time:edits_command",
    "export": "archive.commands.export:export_command",
    "forget": "archive.commands.forgetting:forget_command",
    "history": "archive.commands.time:history_command",
    "network": "archive.commands.time:network_command",
    "reindex": "archive.commands.reindex:reindex_command",
    "search": "archive.commands.find:search_command",
    "serve": "archive.commands.serve:serve_command",
    "stats": "archive.commands.health:stats_command",
    "status": "archive.commands.health:status_command",
    "stories": "archive.commands.time:stories_command",
    "verify": "archive.commands.care:verify_command",
    "wacz": "archive.commands.wacz:wacz_command",
}


@click.group(cls=Commands, name="python -m archive", modules=COMMANDS)
def cli() -> None:
    """Read, check and copy an archive of news.

    The archive is named by --archive or by ARCHIVE in the environment. Commands end with 0 when done, with 1 when
    they found a problem, with 2 when they were used wrongly.

    \b
    Example:
      python -m archive search референдум --archive data/archive.db
    """
