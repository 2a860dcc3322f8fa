"""`scrapy check-sources`: tell everything that is wrong with a list of outlets, or that nothing is."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from archive.config import Problem
from crawler.loader import SpiderMissingError, sources_path, spider_class
from crawler.sources import Sources, SourcesError, load_sources


class Command(ScrapyCommand):
    """Lint a `sources.toml`."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Return the arguments as the usage line shows them."""
        return "[options] [FILE]"

    def short_desc(self) -> str:
        """Return the line for the list of commands."""
        return "Check the list of outlets"

    def long_desc(self) -> str:
        """Return what --help says."""
        return (
            "Check a list of outlets and print every problem with its file, line, table, key and cause; exit code 1 "
            "when there is one. Without FILE the project's own list is checked. "
            "Example: scrapy check-sources sources.toml"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add this command's options to Scrapy's."""
        super().add_options(parser)
        parser.add_argument(
            "--allow-loopback", action="store_true", help="let outlets be on this machine or a private network"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, print, set the exit code."""
        if len(args) > 1 or any(arg.startswith("-") for arg in args):
            raise UsageError(f"one FILE at most, not {' '.join(args)}")
        assert self.settings is not None  # noqa: S101 - Scrapy sets it before it calls run
        path = Path(args[0]) if args else sources_path(self.settings)
        loopback = opts.allow_loopback or self.settings.getbool("ALLOW_LOOPBACK")
        try:
            sources = load_sources(path, allow_loopback=loopback)
        except SourcesError as error:
            self._tell(error.problems)
            return
        problems = spider_problems(sources)
        if problems:
            self._tell(problems)
            return
        print(summary(sources))

    def _tell(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            print(problem, file=sys.stderr)
        self.exitcode = 1


def spider_problems(sources: Sources) -> list[Problem]:
    """Return a problem for each source whose `spider` cannot be loaded."""
    problems = []
    for source in sources:
        if source.spider is None:
            continue
        try:
            spider_class(source)
        except SpiderMissingError as error:
            table = f'[[source]] "{source.id}"'
            problems.append(Problem(file=str(sources.file), table=table, key="spider", cause=str(error)))
    return problems


def summary(sources: Sources) -> str:
    """Return one line of figures."""
    kinds = Counter(source.kind for source in sources)
    languages = Counter(language for source in sources for language in source.languages)
    entries = sum(len(source.entries) for source in sources)
    return (
        f"{sources.file}: no problem in {len(sources)} outlets ({len(sources.enabled)} enabled; "
        f"{', '.join(f'{kind} {count}' for kind, count in kinds.most_common())}; "
        f"{', '.join(f'{language} {count}' for language, count in languages.most_common())}), {entries} entries"
    )
