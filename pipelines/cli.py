"""The commands of `python -m pipelines`: one group, each command in a module of its own."""

from __future__ import annotations

import click

from archive.commandline import Commands
from pipelines.extract_command import extract_command
from pipelines.import_command import import_command
from pipelines.reindex_command import reindex_stories_command
from pipelines.replay_command import replay_command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Turn pages and files into articles, outside a crawl."""


main.add_command(extract_command)
main.add_command(import_command)
main.add_command(replay_command)
main.add_command(reindex_stories_command)
