"""The process that may be killed: its limits, its retry, and that nobody else suffers."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.limits import own_memory
from pipelines.worker import Poisoned, Worker, WorkerClosed

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


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(timeout_s=2.0) as worker:
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
    async with Worker(timeout_s=1.0) as worker:
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        with pytest.raises(Poisoned):
            await worker.run(never_end)
        counting.cancel()
        assert await worker.run(double, 5) == 10
        assert turns > 1000
