"""Measures what a command costs with all its children: processor time, and memory as it runs."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

LOOK_S = 0.5
"""Seconds between two looks at a process tree's memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a command took. `memory` is (seconds since its start, MiB of the whole tree), shared pages once."""

    wall_s: float
    cpu_s: float
    out: str
    code: int
    memory: tuple[tuple[float, float], ...] = ()

    @property
    def peak_mib(self) -> float:
        """Return the most memory that was seen."""
        return max((size for _, size in self.memory), default=0.0)


def tree_mib(pid: int) -> float:
    """Return the memory of a process and its children in MiB: proportional share where the system tells it."""
    total = 0
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                total += process.memory_full_info().pss
    return total / 1024**2


def spend(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    watch: bool = False,
    look_s: float = LOOK_S,
    limit_s: float = 1200,
) -> Spent:
    """Run a command to its end and return what it cost; processor time includes children that it waited for.

    `watch` looks at the memory of its tree every `look_s` seconds.
    """
    with tempfile.TemporaryFile() as log:
        begun = time.monotonic()
        process = subprocess.Popen(list(command), cwd=cwd, env=dict(env), stdout=log, stderr=subprocess.STDOUT)
        seen: list[tuple[float, float]] = []
        done = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, begun, look_s, seen, done), daemon=True)
        if watch:
            watcher.start()
        killer = threading.Timer(limit_s, process.kill)
        killer.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        took = time.monotonic() - begun
        killer.cancel()
        done.set()
        if watch:
            watcher.join()
        log.seek(0)
        return Spent(
            wall_s=took,
            cpu_s=usage.ru_utime + usage.ru_stime,
            out=log.read().decode("utf-8", "replace"),
            code=process.returncode,
            memory=tuple(seen),
        )


def _watch(pid: int, begun: float, look_s: float, seen: list[tuple[float, float]], done: threading.Event) -> None:
    while not done.wait(look_s):
        seen.append((time.monotonic() - begun, tree_mib(pid)))
