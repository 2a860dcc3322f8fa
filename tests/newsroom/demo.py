"""`make demo`: the real scheduler over the newsroom, round after round of an advanced clock, and what came of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlite_utils import Database

from archive.db import connect
from archive.times import CLOCK_VARIABLE, stored

from .audit import Finding, audit
from .clock import parse_time
from .newsroom import Newsroom

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path("data") / "demo"
ROUNDS = (
    ("2026-03-10T09:00:00Z", "the first look at ten outlets"),
    ("2026-03-10T10:30:00Z", "nothing but conditional requests for what has not changed"),
    ("2026-03-10T12:30:00Z", "an article is gone"),
    ("2026-03-10T14:00:00Z", "it is still gone: a removal"),
    ("2026-03-11T14:00:00Z", "it is back"),
    ("2026-03-12T09:00:00Z", "headlines change, articles vanish"),
    ("2026-03-12T14:00:00Z", "and stay away"),
    ("2026-03-14T06:00:00Z", "the day of silence"),
    ("2026-03-14T14:30:00Z", "a headline flaps back"),
    ("2026-03-15T15:00:00Z", "the vote"),
    ("2026-03-16T22:00:00Z", "the results, corrected"),
    ("2026-03-17T12:00:00Z", "the final figures"),
)


OUTLETS = """
select s.name, s.kind, count(*) as articles, sum(a.language = 'kk') as kk, sum(a.language = 'ru') as ru,
    sum(a.language = 'en') as en, sum(a.story_role = 'reprint') as reprints, sum(a.versions - 1) as edits,
    (select count(*) from deletions d where d.source_id = s.id) as deletions
from sources s join articles a on a.source_id = s.id group by s.id order by articles desc, s.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round cost and brought."""

    clock: datetime
    requests: int
    not_modified: int
    pages: int
    articles: int
    seconds: float


def main() -> int:
    """Run the demo; return 0 when the archive holds exactly what the newsroom's script planted."""
    console = Console(highlight=False, soft_wrap=True)
    _fresh(FOLDER)
    archive, sources = FOLDER / "archive.db", FOLDER / "sources.toml"
    begun = time.monotonic()
    with Newsroom(clock=ROUNDS[0][0]) as press:
        press.sources_toml(sources)
        console.print(
            f"The newsroom: {len(press.press.outlets)} invented outlets on loopback, Kazakh, Russian, English."
        )
        console.print(f"The real scheduler crawls them into {archive}, {len(ROUNDS)} rounds of an advanced clock.\n")
        console.print("clock         requests  not modified  pages  articles")
        for clock, happens in ROUNDS:
            done = _round(press, clock, archive, sources)
            console.print(
                f"{done.clock:%d %b %H:%M}  {done.requests:>8}  {done.not_modified:>12}  {done.pages:>5}"
                f"  {done.articles:>8}   {happens}"
            )
        with closing(connect(archive, read_only=True)) as db:
            findings = audit(db, press.ledger(parse_time(ROUNDS[0][0])))
            _summary(console, db, findings)
        manners = press.log.summary()
    console.print(
        f"\nManners: {manners['robots_violations']} requests that robots.txt forbids, at most "
        f"{max(manners['max_in_flight'].values())} request at a time on a host. "
        f"{manners['requests']} requests in {time.monotonic() - begun:.0f} s."
    )
    console.print(f"\nThe archive is {archive}. Look at it:\n")
    console.print(f"  make serve ARCHIVE={archive}")
    console.print(f"  .venv/bin/python -m archive search референдум --archive {archive}")
    wrong = [finding for finding in findings if not finding.right]
    for finding in wrong:
        for case in (*finding.missing, *finding.made_up):
            console.print(f"not as planted: {finding.what}: {case}", style="red")
    return 1 if wrong else 0


def _summary(console: Console, db: Database, findings: list[Finding]) -> None:
    """Print the outlets, the languages, and what was planted beside what was found."""
    table = Table(title="\nWhat the archive holds", title_justify="left", box=None, pad_edge=False)
    for name in ("outlet", "kind", "articles", "kk", "ru", "en", "reprints", "edits", "deletions"):
        table.add_column(name, justify="left" if name in ("outlet", "kind") else "right")
    total = [0] * 7
    for row in db.query(OUTLETS):
        counts = [row[name] or 0 for name in ("articles", "kk", "ru", "en", "reprints", "edits", "deletions")]
        total = [one + other for one, other in zip(total, counts, strict=True)]
        table.add_row(row["name"], row["kind"], *map(str, counts))
    table.add_section()
    table.add_row("all", "", *map(str, total))
    console.print(table)
    (stories,) = db.execute("select count(*) from stories where articles > 1").fetchone()
    checks = Table(title=f"\nAgainst the script ({stories} stories told more than once)", title_justify="left",
                   box=None, pad_edge=False)  # fmt: skip
    for name in ("", "planted", "found", ""):
        checks.add_column(name, justify="right" if name else "left")
    for finding in findings:
        verdict = "as planted" if finding.right else f"{len(finding.missing)} missing, {len(finding.made_up)} made up"
        checks.add_row(finding.what, str(finding.planted), str(finding.found), verdict)
    console.print(checks)


def _fresh(folder: Path) -> None:
    """Begin with an empty folder; only one that an earlier demo made is removed."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def _round(press: Newsroom, clock: str, archive: Path, sources: Path) -> Round:
    moment = parse_time(clock)
    press.clock.set(moment)
    mark, begun = press.log.mark(), time.monotonic()
    offset = (moment - datetime.now(UTC)).total_seconds()
    command = [sys.executable, str(ROOT / "scheduler.py"), "--once", "--allow-loopback"]
    command += ["--archive", str(archive), "--sources", str(sources)]
    ended = subprocess.run(
        command, env=os.environ | {CLOCK_VARIABLE: str(offset)}, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise SystemExit(f"the scheduler ended with {ended.returncode}:\n{ended.stderr}")
    spent = press.log.summary(mark)
    with closing(connect(archive, read_only=True)) as db:
        (articles,) = db.execute("select count(*) from articles").fetchone()
        (pages,) = db.execute("select sum(pages) from runs where started_at >= ?", [stored(moment)]).fetchone()
    return Round(
        clock=moment,
        requests=spent["requests"],
        not_modified=spent["not_modified"],
        pages=pages or 0,
        articles=articles,
        seconds=time.monotonic() - begun,
    )


if __name__ == "__main__":
    sys.exit(main())
