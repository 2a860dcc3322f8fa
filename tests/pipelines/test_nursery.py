"""Processes that are forked off a nurse: warm, in their asker's group, and gone when those are who asked for them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.river import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")

ASKER = """
import os, sys
from pathlib import Path
from pipelines import nursery
from pipelines.worker import Poisoned, Worker
from tests.pipelines import nursing

nursery.ensure(Path.cwd())
leader = nursery.Leader("json", target=nursing.lead, args=(sys.argv[1],))
leader.start()
print(leader.pid, nursery._nurse.pid, flush=True)
if sys.argv[1] == "nurse killed":
    sys.stdin.readline()
leader.join()
print(leader.exitcode, flush=True)
"""


def asking(what: str) -> subprocess.Popen[str]:
    """Start a program that has a process born, which leads a group and has a reader of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", ASKER, what],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_a_born_process_has_readers_of_its_own() -> None:
    """A reader is forked as well, has what its task needs loaded, and is of its asker's group; one that dies is
    replaced, and one that takes too much memory is poison, as everywhere."""
    with asking("read") as asker:
        out, _ = asker.communicate(timeout=60)
    assert out.splitlines()[1:] == ["a reader of the group, forked", "poisoned", "0"]


def test_without_a_nurse_readers_are_spawned() -> None:
    """A born process whose nurse was killed goes on; its readers are fresh interpreters."""
    with asking("nurse killed") as asker:
        assert asker.stdout is not None
        assert asker.stdin is not None
        _, nurse = map(int, asker.stdout.readline().split())
        os.kill(nurse, signal.SIGKILL)
        assert asker.stdout.readline().strip() == "a reader of the group, spawned"
        asker.stdin.write("\n")
        out, _ = asker.communicate(timeout=60)
    assert out.splitlines()[-1] == "255"


def test_who_started_the_nurse_spawns_its_own_readers() -> None:
    """A process group is of one session, and hers is another: a reader of hers could not join, and none would stay."""
    program = (
        "import os\nfrom pathlib import Path\nfrom pipelines import nursery\nfrom pipelines.worker import Worker\n"
        "nursery.ensure(Path.cwd())\n"
        "with Worker() as worker:\n    print(worker.call(os.getpgrp) == os.getpgrp())"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=120, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert said.stdout == "True\n"


def test_nobody_is_left_when_the_asker_is_killed() -> None:
    """A born process sees the end of its asker, and the nurse ends after the last who could ask her."""
    with asking("wait") as asker:
        assert asker.stdout is not None
        pids = [int(pid) for pid in asker.stdout.readline().split()]
        asker.kill()
        # the pipe is the born process's as well, and it writes when it has seen the end of its asker
        assert asker.stdout.read() == "alone\n"
    for pid in pids:
        _wait_for_end(pid)


def _wait_for_end(pid: int) -> None:
    from tests.end_to_end.river import wait_until

    wait_until(lambda: not Path(f"/proc/{pid}").exists() or _is_dead(pid), f"the end of {pid}")


def _is_dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] in (b"Z", b"X")
    except OSError:
        return True
