"""The commands of `python -m pipelines`: one group, each command in a module of its own."""

from __future__ import annotations

import click

from archive.commandline import Commands

COMMANDS = {
    "extract": "pipelines.extract_command:extract_command",
    "import": "pipelines.import_command:import_command",
    "reindex-stories": "pipelines.reindex_command:reindex_stories_command",
    "replay": "pipelines.replay_command:replay_command",
}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, modules=COMMANDS)
def main() -> None:
    """Turn pages and files into articles, outside a crawl."""
