"""The process that may be killed: its limits, its retry, and that nobody else suffers."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from pipelines import nursery
from pipelines.limits import own_memory
from pipelines.worker import Poisoned, Worker, WorkerClosed
from tests.end_to_end.river import ROOT, wait_until

needs_statm = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is told in /proc, on Linux")


def double(number: int) -> int:
    return 2 * number


def process_id() -> int:
    return os.getpid()


def end_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def end_process_once(mark: str) -> str:
    if not Path(mark).exists():
        Path(mark).touch()
        end_process()
    return "alive"


def never_end() -> None:
    while True:
        pass


def take_memory() -> int:
    return len(bytearray(4 * 1024**3))


def complain() -> None:
    raise ValueError("as a page would")


def note(file: str) -> int:
    with Path(file).open("a", encoding="utf-8") as notes:
        notes.write("done\n")
    return os.getpid()


def take_seconds(seconds: float) -> None:
    time.sleep(seconds)


def swell_and_shrink(count: int, body: bytes) -> tuple[int, bytes]:
    return len(body), bytes(count)


def unsendable() -> object:
    return threading.Lock()


class Picky(Exception):
    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other}")


def raise_picky() -> None:
    raise Picky("this", "that")


def die_at_once() -> None:
    os._exit(3)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    # more than loading this module takes on a busy machine, which is the first task's part
    with Worker(timeout_s=5.0) as worker:
        yield worker


def test_results_and_errors_come_back(worker: Worker) -> None:
    """A task's result and its own exception reach the caller."""
    assert worker.call(double, 21) == 42
    with pytest.raises(ValueError, match="as a page would"):
        worker.call(complain)


@pytest.mark.parametrize(
    ("task", "cause"),
    [(never_end, "took longer"), (take_memory, "needed more"), (end_process, "ended its process 2 times")],
)
def test_poison_is_named_and_the_worker_goes_on(worker: Worker, task: object, cause: str) -> None:
    """A task over its limits is poisoned, with the reason, and the next task is served."""
    with pytest.raises(Poisoned, match=cause):
        worker.call(task)  # type: ignore[arg-type]
    assert worker.call(double, 4) == 8


def test_innocent_victims_are_tried_again(worker: Worker, tmp_path: Path) -> None:
    """A task whose process died once gets its second chance."""
    assert worker.call(end_process_once, str(tmp_path / "mark")) == "alive"


def test_neighbours_of_poison_are_answered() -> None:
    """Tasks in flight beside a deadly one all come back, in the order they were asked."""
    with Worker(processes=2, timeout_s=20.0) as worker:
        before = [worker.submit(double, number) for number in range(6)]
        deadly = worker.submit(end_process)
        after = [worker.submit(double, number) for number in range(6)]
        assert [future.result() for future in before + after] == [0, 2, 4, 6, 8, 10] * 2
        assert isinstance(deadly.exception(), Poisoned)


def test_who_only_waited_is_not_blamed(tmp_path: Path) -> None:
    """Tasks that wait in the pipe of a process which dies, again and again, are carried out once each, in order."""
    notes = tmp_path / "notes"
    with Worker() as worker:
        futures: list[Future[int]] = []
        deadly = []
        for _ in range(4):
            deadly.append(worker.submit(end_process))
            futures.append(worker.submit(note, str(notes)))
        assert all(isinstance(future.exception(), Poisoned) for future in deadly)
        assert all(future.result() > 0 for future in futures)
    assert notes.read_text(encoding="utf-8") == "done\n" * 4


def test_the_wait_for_ones_turn_is_not_counted() -> None:
    """The time limit is for the task that is worked on: three that together take longer than it all succeed."""
    with Worker(timeout_s=8.0) as worker:
        futures = [worker.submit(take_seconds, 3.0) for _ in range(3)]
        assert [future.exception() for future in futures] == [None] * 3


def test_a_process_that_is_killed_while_it_rests_harms_nobody(worker: Worker) -> None:
    """The next task is served by another process, and has both its attempts."""
    os.kill(worker.call(process_id), signal.SIGKILL)
    assert worker.call(double, 3) == 6


def test_large_tasks_and_large_answers_pass_each_other() -> None:
    """More than a pipe holds goes both ways at once, and neither side waits for the other."""
    with Worker(processes=2) as worker:
        futures = [worker.submit(swell_and_shrink, 5_000_000 + n, bytes(6_000_000 - n)) for n in range(8)]
        assert [(size, len(back)) for size, back in (future.result() for future in futures)] == [
            (6_000_000 - n, 5_000_000 + n) for n in range(8)
        ]


def test_what_cannot_travel_is_told(worker: Worker) -> None:
    """Arguments, results and exceptions that cannot be pickled fail their own task, and the process goes on."""
    process = worker.call(process_id)
    with pytest.raises((TypeError, AttributeError)):
        worker.call(len, threading.Lock())
    with pytest.raises(TypeError, match="cannot be sent"):
        worker.call(unsendable)
    with pytest.raises(TypeError, match="argument"):
        worker.call(raise_picky)
    assert worker.call(process_id) == process


def test_an_error_tells_where_it_was_raised(worker: Worker) -> None:
    """The traceback of the process comes along, for the log."""
    error = worker.submit(complain).exception()
    assert error is not None
    assert "in complain" in "".join(traceback.format_exception(error))


def test_a_process_that_cannot_begin_is_not_started_for_ever() -> None:
    """Each task sees two of them; then it is told."""
    with Worker(warm_up=die_at_once) as worker, pytest.raises(Poisoned, match="exit code 3"):
        worker.call(double, 1)


def test_a_system_without_processes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none can be started, who waits hears the system's own words; one failure alone is nobody's harm."""
    real, left = nursery.context, [0]

    def refusing(module: str) -> object:
        if left[0]:
            left[0] -= 1
            raise BlockingIOError(11, "no more processes")
        return real(module)

    monkeypatch.setattr(nursery, "context", refusing)
    with Worker() as worker:
        left[0] = 2
        with pytest.raises(BlockingIOError):
            worker.call(double, 1)
        left[0] = 1
        assert worker.call(double, 2) == 4


ASKER = """
import sys, threading
from pipelines.worker import Worker
from tests.pipelines import test_worker as tasks

resting, busy = Worker(), Worker(timeout_s=4.0)
print(resting.call(tasks.process_id), busy.call(tasks.process_id), flush=True)
if sys.argv[1] == "leave":
    sys.exit()
for member in busy._members:
    member._timeout_s = 1e6  # the asker that is killed would have ended it
busy.submit(tasks.take_seconds, 1e6)
print("asked", flush=True)
threading.Event().wait()
"""


@pytest.mark.parametrize("how", ["leave", "die"])
def test_no_process_is_left_behind(how: str) -> None:
    """One that rests and one that works end with their asker, whether it forgets to close them or is killed."""
    asker = subprocess.Popen(
        [sys.executable, "-c", ASKER, how],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    with asker:
        assert asker.stdout is not None
        assert asker.stderr is not None
        pids = [int(pid) for pid in asker.stdout.readline().split()]
        if how == "die":
            assert asker.stdout.readline() == "asked\n"
            asker.kill()
        said = asker.stderr.read()
    for pid in pids:
        wait_until(lambda pid=pid: not Path(f"/proc/{pid}").exists(), f"the end of {pid}")
    if how == "leave":
        assert (asker.returncode, said) == (0, "")


def swell() -> int:
    return len([bytes(1000) for _ in range(50_000)])


def test_a_swollen_process_still_receives(tmp_path: Path) -> None:
    """Large tasks that come after ones which used all their memory arrive whole: the limit is for tasks alone."""
    with Worker(growth_bytes=60 * 1024**2) as worker:
        futures = [worker.submit(task, *args) for _ in range(4) for task, args in ((swell, ()), (len, (bytes(10**7),)))]
        outcomes = [future.exception(timeout=120) or future.result() for future in futures]
    assert [value for value in outcomes if not isinstance(value, Poisoned)].count(10**7) == 4


_kept: list[bytes] = []


def keep(mib: int) -> int:
    _kept.append(b"x" * (mib * 1024**2))
    return os.getpid()


def load_model(mib: int) -> int:
    with own_memory():
        return keep(mib)


@needs_statm
def test_what_earlier_tasks_left_is_not_counted_against_the_next() -> None:
    """A model that stays, and a cache that grows, leave each task the same room; the process goes on."""
    with Worker(growth_bytes=60 * 1024**2) as worker:
        assert len({worker.call(keep, 40) for _ in range(4)}) == 1


@needs_statm
def test_a_process_that_kept_too_much_gives_way_and_no_task_pays_for_it() -> None:
    """Past KEPT_BYTES the next task goes to a fresh process, however often that happens."""
    with Worker(growth_bytes=60 * 1024**2) as worker:
        ids = [worker.call(keep, 50) for _ in range(12)]
    assert 2 <= len(set(ids)) <= 4


@needs_statm
def test_a_model_is_loaded_outside_of_the_task_that_needs_it_first() -> None:
    """What is loaded as the process's own may be larger than a task's room; after it the room is what it was."""
    with Worker(growth_bytes=60 * 1024**2) as worker:
        model = worker.call(load_model, 100)
        assert worker.call(keep, 40) == model
        with pytest.raises(Poisoned, match="needed more than 60 MiB"):
            worker.call(keep, 150)


def test_processes_are_replaced() -> None:
    """After its share of tasks a process gives way to a new one."""
    with Worker(tasks_a_process=1) as worker:
        assert worker.call(process_id) != worker.call(process_id)
    with Worker(tasks_a_process=2) as worker:
        served = [future.result() for future in [worker.submit(process_id) for _ in range(5)]]
    assert [served.count(process) for process in dict.fromkeys(served)] == [2, 2, 1]


def test_nothing_starts_before_it_is_needed() -> None:
    """A worker that was never asked has no process, and closing it twice is no error."""
    worker = Worker()
    worker.close()
    worker.close()
    with pytest.raises(WorkerClosed):
        worker.call(double, 1)


def test_closing_tells_those_who_wait() -> None:
    """A task in flight when the worker closes ends with WorkerClosed, not in silence."""
    worker = Worker(timeout_s=60.0)
    future = worker.submit(never_end)
    worker.close()
    assert isinstance(future.exception(timeout=120), WorkerClosed)


@pytest.mark.asyncio
async def test_the_event_loop_goes_on() -> None:
    """While a task runs into its limit the loop serves others."""
    async with Worker(timeout_s=3.0) as worker:
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0.001)

        counting = asyncio.create_task(count())
        with pytest.raises(Poisoned):
            await worker.run(never_end)
        counting.cancel()
        assert await worker.run(double, 5) == 10
        assert turns > 100
