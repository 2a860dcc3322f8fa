"""A press, an archive and the real programs between them, started as a user starts them, at the press's time."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.db import open_archive
from archive.times import CLOCK_VARIABLE
from crawler.housekeeping import register
from crawler.runner import CrawlOptions
from crawler.sources import load_sources
from tests.newsroom import Newsroom
from tests.newsroom.log import Request

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 300
"""Seconds after which a program that should have ended is a failure of the test."""


@dataclass(kw_only=True)
class Ended:
    """How a program ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Return both streams."""
        return self.out + self.err


@dataclass(kw_only=True)
class River:
    """A folder with a sources file and an archive, and the programs run over them."""

    folder: Path
    newsroom: Newsroom
    environment: dict[str, str] = field(default_factory=dict)
    sources: Path = field(init=False)
    archive: Path = field(init=False)

    def __post_init__(self) -> None:
        self.sources = self.folder / "sources.toml"
        self.archive = self.folder / "archive.db"
        self.newsroom.sources_toml(self.sources)

    def env(self) -> dict[str, str]:
        """Return an environment in which our programs have the press's time."""
        offset = (self.newsroom.clock.now() - datetime.now(UTC)).total_seconds()
        return {**os.environ, CLOCK_VARIABLE: str(offset), "PYTHONPATH": str(ROOT), **self.environment}

    def list_outlets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make the archive, with its outlets listed, and give this process the press's time: for crawls begun here."""
        monkeypatch.setenv(CLOCK_VARIABLE, self.env()[CLOCK_VARIABLE])
        open_archive(self.archive).close()
        register(self.archive, load_sources(self.sources, allow_loopback=True), all_listed=True)

    def options(self, **more: Any) -> CrawlOptions:
        """Return what a crawl of the river that is begun here is started with."""
        return CrawlOptions(
            archive=self.archive, sources=self.sources, topics=ROOT / "topics.toml", allow_loopback=True, **more
        )

    def scheduler(self, *arguments: str) -> list[str]:
        """Return the command line of a scheduler."""
        return [
            *(sys.executable, str(ROOT / "scheduler.py"), "--archive", str(self.archive)),
            *("--sources", str(self.sources), "--allow-loopback", *arguments),
        ]

    def scrapy(self, *arguments: str) -> list[str]:
        """Return the command line of a Scrapy command over this archive and these outlets."""
        return [
            *(sys.executable, "-m", "scrapy", *arguments, "-s", f"ARCHIVE={self.archive}"),
            *("-s", f"SOURCES={self.sources}", "-s", "ALLOW_LOOPBACK=1"),
        ]

    def run(self, command: list[str], **more: Any) -> Ended:
        """Run a program to its end."""
        done = subprocess.run(
            command, cwd=ROOT, env=self.env(), capture_output=True, text=True, timeout=LIMIT_S, check=False, **more
        )
        return Ended(code=done.returncode, out=done.stdout, err=done.stderr)

    def once(self, *arguments: str) -> Ended:
        """Run the scheduler over everything that is due, and demand that it ends well."""
        done = self.run(self.scheduler("--once", *arguments))
        assert done.code == 0, done.said
        assert "Traceback" not in done.said, done.said
        return done

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a scheduler that goes on by itself."""
        log = (self.folder / "scheduler.log").open("w", encoding="utf-8")
        with log:
            return subprocess.Popen(
                self.scheduler(*arguments), cwd=ROOT, env=self.env(), stdout=log, stderr=log, text=True
            )

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Return what the archive has; an archive that is not there yet has nothing."""
        if not self.archive.exists():
            return []
        with closing(sqlite3.connect(f"{self.archive.as_uri()}?mode=ro", uri=True, timeout=60)) as db:
            db.row_factory = sqlite3.Row
            try:
                return [dict(row) for row in db.execute(sql, values)]
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise

    def articles(self) -> dict[str, dict[str, Any]]:
        """Return the stored articles by their address."""
        return {row["url"]: row for row in self.rows("select * from articles")}

    def asked_since(self, mark: int) -> list[Request]:
        """Return the requests that the press was asked after a mark of its log."""
        return self.newsroom.log.since(mark)


def wait_until(true: Callable[[], object], what: str) -> None:
    """Look again and again until something is true; a condition of another process cannot be awaited otherwise."""
    end = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.05)
