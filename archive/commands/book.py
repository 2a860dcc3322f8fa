"""`codebook`: what every table and column means."""

from __future__ import annotations

import click

from archive.codebook import codebook


@click.command("codebook")
def codebook_command() -> None:
    """Print what every table, view and column of an archive means, as Markdown.

    \b
    Example:
      python -m archive codebook > codebook.md
    """
    click.echo(codebook(), nl=False)
