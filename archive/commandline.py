"""What every command has in common: the archive it works on, and errors that are one line, never a traceback."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click

from archive.db import ArchiveError
from archive.errors import DauysError

DEFAULT_ARCHIVE = "data/archive.db"
PROBLEM, WRONG_USAGE = 1, 2
"""Exit codes beside 0."""

F = TypeVar("F", bound=Callable[..., Any])


class _PlainErrors(click.Command):
    """Ends with 0 (done), 1 (a problem was found) or 2 (wrong usage).

    A user's mistake is one line on stderr; an archive that cannot be opened or written is one too.
    """

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; with `standalone_mode` end the process with the exit code."""
        try:
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            code = WRONG_USAGE
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else self.name
            code = _say(f"{error.format_message()} See: {path} --help", WRONG_USAGE)
        except click.ClickException as error:
            code = _say(error.format_message(), error.exit_code)
        except ArchiveError as error:
            code = _say(str(error), PROBLEM if _is_damage(error) else WRONG_USAGE)
        except DauysError as error:
            code = _say(str(error), PROBLEM)
        except sqlite3.DatabaseError as error:
            code = _say(f"the archive could not be read ({error}). See: python -m archive verify", PROBLEM)
        except (click.Abort, KeyboardInterrupt):
            code = _say("stopped", PROBLEM)
        if standalone_mode:
            sys.exit(code if isinstance(code, int) else 0)
        return code


class Command(_PlainErrors):
    """A program that is one command."""


class Commands(_PlainErrors, click.Group):
    """A program that is a group of commands.

    `modules` maps the name of each to `module:object`; a module is loaded when its command is asked for, so that a
    search does not wait for what an export needs.
    """

    def __init__(self, *args: Any, modules: Mapping[str, str], **named: Any) -> None:
        super().__init__(*args, **named)
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in order."""
        return sorted(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command, or return None for a name that none has."""
        if cmd_name not in self.modules:
            return None
        module, _, name = self.modules[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - narrows the type
        return command


def archive_option(command: F) -> F:
    """Add `--archive`, which also comes from the environment."""
    return click.option(
        "--archive",
        envvar="ARCHIVE",
        default=DEFAULT_ARCHIVE,
        show_default=True,
        show_envvar=True,
        type=click.Path(path_type=Path),
        help="The archive's file.",
    )(command)


class Day(click.ParamType[date]):
    """A day as people type it: 2026-03-10."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day, or fail with an example."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write it like 2026-03-10.", param, ctx)


def _is_damage(error: ArchiveError) -> bool:
    """Tell a damaged archive, which is a problem, from a file that should not have been named."""
    primary: int = getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF
    return primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_IOERR)


def _say(message: str, code: int) -> int:
    """Print each line of a message on one line; a list of problems is a line for each."""
    for line in message.splitlines():
        click.echo("Error: " + " ".join(line.split()), err=True)
    return code
