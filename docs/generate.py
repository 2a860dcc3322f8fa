"""Writes the pages of docs/ that are made from the program: the codebook, and every command's help.

python docs/generate.py writes them; with --check it only tells which are stale, and ends with 1 when one is.
"""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import click

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
COLUMNS = 100
"""Width of the help texts, so that every machine writes the same."""

CLI_HEAD = """# Commands

What `--help` says, for each command of the project. This page is made by `python docs/generate.py`.
"""


def pages() -> dict[str, str]:
    """Return the generated pages: file name in docs/ -> content."""
    sys.path.insert(0, str(ROOT))
    from archive.codebook import codebook

    return {"codebook.md": codebook(), "cli.md": _cli()}


def stale() -> list[str]:
    """Return the names of the pages that the program has moved away from."""
    return [
        name
        for name, content in pages().items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != content
    ]


def _cli() -> str:
    """Return the page of all commands, in the order of the packages, each with its subcommands."""
    groups = [
        (f"python -m {package}", _only_group(importlib.import_module(f"{package}.cli")))
        for package in ("archive", "pipelines")
        if (ROOT / package / "cli.py").exists()
    ]
    programs = [("python scheduler.py", [sys.executable, "scheduler.py"])]
    programs += [
        (f"scrapy {path.stem}", [sys.executable, "-m", "scrapy", path.stem])
        for path in sorted((ROOT / "crawler" / "commands").glob("[!_]*.py"))
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        asked = list(pool.map(lambda program: (program[0], _asked(program[1])), programs))
    helps = [asked[0], *(pair for name, group in groups for pair in _group(name, group)), *asked[1:]]
    return CLI_HEAD + "".join(f"\n## {name}\n\n```text\n{text}\n```\n" for name, text in helps)


def _only_group(module: ModuleType) -> click.Group:
    """Return the group of commands that a module defines."""
    return next(value for value in vars(module).values() if isinstance(value, click.Group))


def _group(name: str, group: click.Group) -> Iterator[tuple[str, str]]:
    """Yield the help of a click group and of each of its commands."""
    settings = {"terminal_width": COLUMNS, "max_content_width": COLUMNS, **group.context_settings}
    context = click.Context(group, info_name=name, **settings)
    yield name, _tidy(group.get_help(context))
    for sub in sorted(group.list_commands(context)):
        command = group.get_command(context, sub)
        assert command is not None  # noqa: S101 - narrows the type
        inner = click.Context(command, info_name=sub, parent=context, terminal_width=COLUMNS)
        yield f"{name} {sub}", _tidy(command.get_help(inner))


def _asked(command: list[str]) -> str:
    """Return what a program prints for --help."""
    environment = os.environ | {"COLUMNS": str(COLUMNS), "NO_COLOR": "1", "PYTHONWARNINGS": "ignore"}
    environment.pop("ARCHIVE", None)
    done = subprocess.run(  # noqa: S603 - our own programs
        [*command, "--help"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command[1:])} --help ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return _tidy(done.stdout)


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def main() -> int:
    """Write the pages, or with --check compare them."""
    parser = argparse.ArgumentParser(description="Write the generated pages of docs/.")
    parser.add_argument("--check", action="store_true", help="only tell which pages are stale")
    if parser.parse_args().check:
        found = stale()
        for name in found:
            print(f"docs/{name} is stale. Type: python docs/generate.py", file=sys.stderr)
        return 1 if found else 0
    for name, content in pages().items():
        (DOCS / name).write_text(content, encoding="utf-8")
        print(f"docs/{name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
