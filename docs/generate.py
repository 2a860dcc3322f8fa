"""Writes the pages of docs/ that are made from the program: the codebook, and every command's help.

python docs/generate.py writes them; with --check it only tells which are stale, and ends with 1 when one is.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        sections = pool.map(_sections, _programs())
        return {"codebook.md": codebook(), "cli.md": CLI_HEAD + "".join(sections)}


def stale() -> list[str]:
    """Return the names of the pages that the program has moved away from."""
    return [
        name
        for name, content in pages().items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != content
    ]


def _programs() -> list[tuple[str, list[str]]]:
    """Return every program with the arguments that run it: name as people type it -> command line."""
    programs = [("python scheduler.py", [sys.executable, "scheduler.py"])]
    programs += [
        (f"python -m {package}", [sys.executable, "-m", package])
        for package in ("archive", "pipelines")
        if (ROOT / package / "__main__.py").exists()
    ]
    programs += [
        (f"scrapy {name}", [sys.executable, "-m", "scrapy", name])
        for name in sorted(path.stem for path in (ROOT / "crawler" / "commands").glob("[!_]*.py"))
    ]
    return programs


def _sections(program: tuple[str, list[str]]) -> str:
    name, command = program
    text = _help(command)
    result = f"\n## {name}\n\n```text\n{text}\n```\n"
    for sub in _subcommands(text):
        result += f"\n### {name} {sub}\n\n```text\n{_help([*command, sub])}\n```\n"
    return result


def _subcommands(text: str) -> Iterator[str]:
    """Yield the names under 'Commands:' in the help of a group."""
    _, found, rest = text.partition("\nCommands:\n")
    if found:
        yield from re.findall(r"^  ([a-z][a-z-]*)", rest, re.MULTILINE)


def _help(command: list[str]) -> str:
    environment = os.environ | {"COLUMNS": str(COLUMNS), "NO_COLOR": "1", "PYTHONWARNINGS": "ignore"}
    environment.pop("ARCHIVE", None)
    done = subprocess.run(  # noqa: S603 - our own programs
        [*command, "--help"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command[1:])} --help ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


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
