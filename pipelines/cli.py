"""The commands of `python -m pipelines`: one group, each command in a module of its own."""

from __future__ import annotations

import sys

import click

from archive.errors import DauysError
from pipelines.extract_command import extract_command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Turn pages into articles, outside a crawl."""


main.add_command(extract_command)


def run() -> None:
    """Run the command line: 0 done, 1 found a problem, 2 wrong usage, a user's mistake told in one line."""
    try:
        code = main(standalone_mode=False, prog_name="python -m pipelines")
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except click.ClickException as error:
        click.echo(f"error: {' '.join(error.format_message().split())}", err=True)
        sys.exit(2)
    except click.Abort:
        click.echo("error: interrupted", err=True)
        sys.exit(130)
    except DauysError as error:
        click.echo(f"error: {' '.join(str(error).split())}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # The reader of our output has seen enough, as with `| head`.
        sys.stderr.close()
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)
