"""One real crawl over bad sites and a good one, started as the scheduler starts it, watched from outside."""

from __future__ import annotations

import json
import os
import sqlite3
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from crawler.runner import Crawl, CrawlOptions, CrawlResult
from tests.hostile.case import Case, Later
from tests.hostile.press import GOOD, feed, good_page, good_path
from tests.mockserver import MIB, MockServer, Site, text

ROOT = Path(__file__).resolve().parents[2]
ADDONS = {"crawler.addon.DauysAddon": 100, "tests.hostile.heartbeat.HeartbeatAddon": 200}
HURRY: Mapping[str, str] = {
    "AUTOTHROTTLE_ENABLED": "0",
    "CONCURRENT_REQUESTS": "8",
    "RETRY_BACK_OFF_S": "0",
    "DOWNLOAD_TIMEOUT": "10",
    "RETRY_TIMES": "1",
    "HOST_RESOLVER": "tests.hostile.resolver.Rebinding",
}
"""What differs from a crawl of every day: no pauses, and a shorter limit of time."""
SOURCE = """[[source]]
id = "{id}"
name = "Проба"
homepage = "{home}"
languages = ["ru"]
country = "KZ"
kind = "private"
timezone = "Asia/Almaty"
delay = 0
domains = {domains}
entries = [
{entries}
]
"""


@dataclass(slots=True, kw_only=True)
class Watched:
    """What became of a crawl: its rows, the memory of its processes and the longest stall of its loop."""

    result: CrawlResult
    folder: Path
    sites: dict[str, Site]
    good: Site
    peak_mib: float
    parts_mib: list[int]
    heartbeat: dict[str, float]

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Return rows of the archive."""
        return rows_of(self.folder / "archive.db", sql, *values)

    @property
    def good_stored(self) -> int:
        """How many of the good pages are articles."""
        return len(self.rows("select 1 from articles where url like ?", self.good.url("/news/good-%")))

    def link(self, case: Case) -> dict[str, Any]:
        """Return the row of a case's link."""
        (row,) = self.rows("select * from links where url = ?", self.sites[case.name].url(case.path))
        return row

    def entry(self, case: Case) -> dict[str, Any]:
        """Return the row of a case's entry."""
        (row,) = self.rows("select * from entries where url = ?", self.sites[case.name].url(case.path))
        return row

    def found(self, case: Case) -> list[dict[str, Any]]:
        """Return the links that a case's site brought, by its entry or what that led to."""
        return self.rows("select * from links where found_in like ?", self.sites[case.name].url("/%"))

    def article(self, case: Case) -> dict[str, Any] | None:
        """Return the article of a case's page."""
        article_id = self.link(case)["article_id"]
        rows = self.rows("select * from articles where id = ?", article_id)
        return rows[0] if rows else None


def rows_of(archive: Path, sql: str, *values: object) -> list[dict[str, Any]]:
    """Return rows of an archive."""
    with closing(sqlite3.connect(archive, timeout=60)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(sql, values)]


@dataclass(slots=True)
class Memory:
    """Sums, five times a second, what the processes of a crawl hold: shared pages are counted once (PSS, Linux)."""

    pid: int
    peak_mib: float = 0.0
    parts_mib: list[int] = field(default_factory=list)
    """What each process held at the peak, the crawl itself first."""
    _done: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Measure until told to stop."""
        while not self._done.wait(0.2):
            try:
                crawl = psutil.Process(self.pid)
                # its readers are not its children, but of its group
                readers = (
                    process for process in psutil.process_iter() if process.pid != self.pid and self._has(process)
                )
                parts = [_held(process) for process in (crawl, *readers)]
            except psutil.NoSuchProcess:
                continue
            if sum(parts) > self.peak_mib * MIB:
                self.peak_mib, self.parts_mib = sum(parts) / MIB, [part // MIB for part in parts]

    def _has(self, process: psutil.Process) -> bool:
        try:
            return os.getpgid(process.pid) == self.pid
        except ProcessLookupError:
            return False

    def stop(self) -> None:
        """Measure no more."""
        self._done.set()


def _held(process: psutil.Process) -> int:
    try:
        info = process.memory_full_info()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
    return int(getattr(info, "pss", info.uss))


def crawl_over(web: MockServer, folder: Path, cases: Sequence[Case], **changes: str) -> Watched:
    """Open a site for each case and a good one, crawl them as one source, and return what became of it."""
    source = Source(web, cases)
    (folder / "sources.toml").write_text(source.block("hostile"), encoding="utf-8")
    settings = {
        **HURRY,
        "ADDONS": json.dumps(ADDONS),
        "HEARTBEAT_FILE": str(folder / "heartbeat.json"),
        **changes,
    }
    options = CrawlOptions(
        archive=folder / "archive.db",
        sources=folder / "sources.toml",
        topics=ROOT / "topics.toml",
        allow_loopback=True,
        settings=tuple(settings.items()),
    )
    crawl = Crawl("hostile", options, root=ROOT)
    memory = Memory(crawl.crew.pid)
    watching = threading.Thread(target=memory.watch)
    watching.start()
    try:
        result = crawl.wait()
    finally:
        memory.stop()
        watching.join()
    measured = folder / "heartbeat.json"
    return Watched(
        result=result,
        folder=folder,
        sites=source.sites,
        good=source.good,
        peak_mib=memory.peak_mib,
        parts_mib=memory.parts_mib,
        heartbeat=json.loads(measured.read_text(encoding="utf-8")) if measured.exists() else {},
    )


class Source:
    """The sites of some cases, and the source that they are all of.

    Each has a port of its own, and so a place of its own in the downloader: to it they are as many domains.
    """

    def __init__(self, web: MockServer, cases: Sequence[Case], tls: ssl.SSLContext | None = None) -> None:
        self._cases = cases
        for resource in (resource for case in cases for resource in case.resources.values()):
            if isinstance(resource, Later):
                resource.prepare()
        self.sites = {case.name: web.site(case.resources, host="127.0.66.1") for case in cases}
        self.good = web.site({"/news": good_page}, tls=tls)
        bad = [self.sites[case.name].url(case.path) for case in cases if case.kind == "page"]
        good = [self.good.url(good_path(number)) for number in range(GOOD)]
        # the bad ones are dated later and so asked for first
        self.good.resources["/rss.xml"] = text(feed(good + bad), kind="application/rss+xml")

    def block(self, source_id: str) -> str:
        """Return the table of the source."""
        entries = [("feed", self.good.url("/rss.xml"))]
        entries += [(case.kind, self.sites[case.name].url(case.path)) for case in self._cases if case.kind != "page"]
        hosts = {site.netloc for site in (*self.sites.values(), self.good)}
        return SOURCE.format(
            id=source_id,
            home=self.good.url("/"),
            domains=json.dumps(sorted({*hosts, "rebound.example"})),
            entries="\n".join(f'    {{ kind = "{kind}", url = "{url}", fallback = false }},' for kind, url in entries),
        )
