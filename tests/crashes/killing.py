"""Ends processes of a running scheduler with kill -9, when a seed says so, and keeps count of what that cost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.end_to_end.river import LIMIT_S, River, wait_until
from tests.newsroom.log import Request

Kind = Literal["scheduler", "nurse", "crawl", "reader"]
MARK = "DAUYS_TEST_KILLS"
"""Variable in the environment of all that a test started, by which what is left of it is found."""
CREW = "crawls"
"""The name of a process that crawls, of several outlets or of one."""
LOOK_S = 0.02


def children(pid: int) -> Iterator[int]:
    """Yield the processes that a process started and that still run."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            yield from map(int, task.read_text().split())
        except OSError:
            continue  # the thread has ended meanwhile


def name_of(pid: int) -> str:
    """Return the name that a process gave itself; nothing for one that has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def group_of(pid: int) -> int:
    """Return the process group of a process; 0 for one that has ended."""
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def born(scheduler: int) -> Iterator[tuple[int, str]]:
    """Yield the number and the name of each process that a scheduler's nurse bore."""
    for nurse in children(scheduler):
        yield from ((pid, name_of(pid)) for pid in children(nurse))


def runs(pid: int) -> bool:
    """Return whether a process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


def marked(mark: str) -> list[int]:
    """Return the processes that run with this mark in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}\0".encode() in (folder / "environ").read_bytes() and runs(int(folder.name)):
                found.append(int(folder.name))
        except OSError:
            continue  # ended meanwhile, or another user's
    return found


@dataclass(kw_only=True)
class Plan:
    """One kill: whom, after how many requests of the outlet (0: as soon as it is there), and how much later."""

    kind: Kind
    outlet: str = ""
    after: int = 0
    delay_s: float = 0.0
    armed_at: float | None = None


@dataclass(kw_only=True)
class Killer:
    """Runs schedulers of a river and kills by plan. `in_flight` counts, by round and address, pages that were served
    and not yet stored when their crawl died: the only ones that may be asked for again in that round. A crawl whose
    scheduler was killed ends by itself, by force where the machine is too busy for more."""

    river: River
    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[tuple[int, str]] = field(default_factory=Counter)
    round: int = 0
    round_mark: int = 0
    orphans: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.mark = f"{os.getpid()}-{self.seed}"
        self.river.environment[MARK] = self.mark

    @property
    def count(self) -> int:
        """Return how many processes were killed."""
        return self.kills.total()

    def begin_round(self) -> None:
        """Count requests anew: what was settled before may be due again."""
        self.round += 1
        self.round_mark = self.river.newsroom.log.mark()

    def run(self, plans: list[Plan]) -> None:
        """Run one scheduler over what is due, and carry out the plans whose moment comes before it has ended."""
        asked_from = self.river.newsroom.log.mark()
        process = self.river.begin("--once", "--parallel", "8")
        end = time.monotonic() + LIMIT_S
        try:
            while process.poll() is None and time.monotonic() < end:
                plans = [plan for plan in plans if not self._carried_out(plan, process, asked_from)]
                self._see_orphans_off()
                time.sleep(LOOK_S)
        finally:
            process.kill()
            code = process.wait(LIMIT_S)
        said = (self.river.folder / "scheduler.log").read_text(encoding="utf-8")
        assert code in (0, -signal.SIGKILL), said
        assert "Traceback" not in said, said

    def nobody_left(self) -> None:
        """Wait until all that was started has ended by itself."""
        wait_until(lambda: not self._see_orphans_off() and not marked(self.mark), "the end of all that was started")

    def _carried_out(self, plan: Plan, scheduler: subprocess.Popen[str], asked_from: int) -> bool:
        pid = self._victim(plan, scheduler.pid)
        if pid is None:
            return False
        if plan.armed_at is None:
            asked = self.river.newsroom.log.since(asked_from)
            if sum(request.outlet == plan.outlet for request in asked) < plan.after:
                return False
            plan.armed_at = time.monotonic() + plan.delay_s
        if time.monotonic() < plan.armed_at or not runs(pid):
            return False
        if plan.kind in ("scheduler", "nurse"):
            self.orphans |= {crew for crew, name in born(scheduler.pid) if name == CREW}
        os.kill(pid, signal.SIGKILL)
        self.kills[plan.kind] += 1
        if plan.kind == "crawl":
            wait_until(lambda: not runs(pid), "the end of a killed crawl")
            self._note_in_flight()
        return True

    def _see_orphans_off(self) -> bool:
        """Note what was in flight of each orphan that has ended; tell whether any is left."""
        ended = {pid for pid in self.orphans if not runs(pid)}
        if ended:
            self.orphans -= ended
            self._note_in_flight()
        return bool(self.orphans)

    @property
    def outlets(self) -> list[str]:
        """Return the outlets of the press."""
        return list(self.river.newsroom.press.outlets)

    def _victim(self, plan: Plan, scheduler: int) -> int | None:
        if plan.kind == "scheduler":
            return scheduler
        if plan.kind == "nurse":
            return next(children(scheduler), None)
        all_born = tuple(born(scheduler))
        crew = next((pid for pid, name in all_born if name == CREW), None)
        if crew is None or plan.kind == "crawl":
            return crew
        return next((pid for pid, name in all_born if name == "reader" and group_of(pid) == crew), None)

    def _note_in_flight(self) -> None:
        for outlet in self.outlets:
            self._note_in_flight_of(outlet)

    def _note_in_flight_of(self, outlet: str) -> None:
        due = {
            row["url"]
            for row in self.river.rows(
                "select url from links where source_id = ? and (next_check_at is null or next_check_at <= ?)"
                " and state in ('new', 'failed', 'stored', 'gone')",
                outlet,
                f"{self.river.newsroom.clock.now():%Y-%m-%dT%H:%M:%SZ}",
            )
        }
        served = {self.river.newsroom.url(outlet, r.path) for r in self.asked() if r.outlet == outlet}
        self.in_flight.update((self.round, url) for url in served & due)

    def asked(self) -> list[Request]:
        """Return the requests of this round."""
        return self.river.newsroom.log.since(self.round_mark)
