"""Runs what a hostile page could kill in a process that can be killed, with limits on time and memory and one retry."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import resource
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from archive.errors import DauysError
from pipelines import nursery
from pipelines.limits import Memory, give_back, limit, memory, unlimit

Result = TypeVar("Result")

TIMEOUT_S = 30.0
"""Seconds by the clock for one task: the slowest honest page of 636 took 1.1 of processor time, hostile ones up to 120,
and a busy machine must not make poison of honest pages."""
MEMORY_BYTES = 2 * 1024**3
"""Address space of one worker. A worker at rest takes 0.6 GiB of it (most never touched), an honest page 0.1 more."""
GROWTH_BYTES = 120 * 1024**2
"""Memory that a task may add to a worker, where the system tells what it has (Linux): 600 KB of honest HTML take
50 MiB, the largest of 685 honest pages (2.9 MB) under 100, hostile pages took 1.2 GiB. Counted from what the worker
held before: libraries reserve by the number of cores, and models stay that a task was the first to need."""
KEPT_BYTES = 192 * 1024**2
"""Memory that tasks may leave in a worker: the model of languages, the dictionary and the stop words are 140 MiB."""
LOOK_BYTES = 32 * 1024**2
"""Memory above what is known to be kept at which it is looked what is: the allocator gives back, which takes a
millisecond or two."""
TASKS_A_PROCESS = 10_000
"""Tasks after which a worker is replaced, so that what its libraries leak goes with it; memory has its own limit. A new
process and its models take two seconds, as much as seventy pages."""
PIPE_BYTES = 1024**2
"""What a pipe to a worker holds: the most that Linux gives a user by default, and more than 99 of 100 real pages."""
ATTEMPTS = 2
"""How often a task whose worker died is tried: the first death may have been a neighbour's or the machine's."""


class Poisoned(DauysError):
    """Raised when a task exceeded its time or memory, or took the worker with it twice."""


class WorkerClosed(DauysError):
    """Raised when a task is given to a worker that was closed, or waits in one while it closes."""


_SET_PIPE_SIZE = getattr(fcntl, "F_SETPIPE_SZ", None)
_OUT_OF_MEMORY = 79
"""Exit code of a worker in which a task met a limit of memory."""
_WORN = 80
"""Exit code of a worker that its earlier tasks left too large for another one."""


class _Room:
    """What this process held at rest, what tasks left in it since, and what one may add; None where the system does
    not tell."""

    at_rest: Memory | None = None
    kept: int = 0
    growth: int = 0


def _begin(group: int, memory_bytes: int, growth_bytes: int, warm_up: Callable[[], None] | None) -> None:
    """Prepare a fresh process: imports first, since what they allocate is no page's fault, then the limits.

    `group` is its asker's: whoever ends that ends it as well.
    """
    if os.getpgrp() != group:
        try:
            os.setpgid(0, group)
        except PermissionError:
            os._exit(0)  # the asker was the group, and is gone
    nursery.name_process("reader")
    if warm_up is not None:
        warm_up()
    limit(resource.RLIMIT_AS, memory_bytes)
    _Room.at_rest, _Room.growth = memory(), growth_bytes
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _guarded(function: Callable[..., Result], *args: Any) -> Result:
    """Run a task within the process's room. One that needs more ends the process, and is tried once in a fresh one.

    The limit is for the task alone: a process that met it while it receives the next task would leave the rest of
    that task in the pipe, and its successors would wait for ever.
    """
    if _Room.at_rest is not None:
        limit(resource.RLIMIT_DATA, _room(_Room.at_rest))
    try:
        return function(*args)
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    finally:
        if _Room.at_rest is not None:
            unlimit(resource.RLIMIT_DATA)


def _room(at_rest: Memory) -> int:
    """Return what this process may hold with its next task.

    What earlier tasks left in use counts as the process's own: models and caches that they were the first to need.
    What they left free is the next one's to use. A process that would need more than KEPT_BYTES ends, and its task
    goes to a fresh one.
    """
    now = memory() or at_rest
    if now.resident > at_rest.resident + _Room.kept + LOOK_BYTES:
        give_back()
        _Room.kept = max(0, (memory() or at_rest).resident - at_rest.resident)
        if _Room.kept > KEPT_BYTES:
            os._exit(_WORN)
    return at_rest.data + _Room.kept + _Room.growth


class Worker:
    """One or more processes for tasks that must not harm the caller; started when the first task comes.

    Functions and arguments must be picklable and importable. Use it as a context manager, or call `close`.
    `warm_up`, a module's function, runs once in each new process before its first task and outside the time limit;
    `ready` names the module that loads what tasks need, for processes that are forked.
    """

    def __init__(
        self,
        *,
        processes: int = 1,
        timeout_s: float = TIMEOUT_S,
        memory_bytes: int = MEMORY_BYTES,
        growth_bytes: int = GROWTH_BYTES,
        tasks_a_process: int = TASKS_A_PROCESS,
        warm_up: Callable[[], None] | None = None,
        ready: str = __name__,
    ) -> None:
        self.processes = processes
        self.timeout_s = timeout_s
        self.memory_bytes = memory_bytes
        self.growth_bytes = growth_bytes
        self.tasks_a_process = tasks_a_process
        self.warm_up = warm_up
        self.ready = ready
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._closed = False
        self._open: set[Future[Any]] = set()

    async def run(self, function: Callable[..., Result], *args: Any) -> Result:
        """Await `function(*args)` without holding up the event loop. Raises as `submit`'s future does."""
        # Starting processes takes milliseconds that the loop should not lose.
        future = await asyncio.to_thread(self.submit, function, *args)
        return await asyncio.wrap_future(future)

    def call(self, function: Callable[..., Result], *args: Any) -> Result:
        """Wait for `function(*args)`. Raises as `submit`'s future does."""
        return self.submit(function, *args).result()

    def submit(self, function: Callable[..., Result], *args: Any) -> Future[Result]:
        """Return a future of `function(*args)`.

        It raises what the function raises, Poisoned for a task that cannot be finished within the limits, and
        WorkerClosed when the worker ends before it.
        """
        outcome: Future[Result] = Future()
        outcome.set_running_or_notify_cancel()
        self._open.add(outcome)
        outcome.add_done_callback(self._open.discard)
        self._attempt(outcome, function, args, ATTEMPTS)
        return outcome

    def close(self) -> None:
        """End the processes at once; tasks that still wait raise WorkerClosed. Closing twice does nothing."""
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()
        # The pool says nothing to tasks that it never began.
        for outcome in tuple(self._open):
            _fail(outcome, WorkerClosed("the worker was closed"))

    def _attempt(
        self, outcome: Future[Result], function: Callable[..., Result], args: tuple[Any, ...], attempts: int
    ) -> None:
        try:
            inner = self._schedule(function, args)
        except WorkerClosed as error:
            _fail(outcome, error)
            return

        def settle(done: Future[Result]) -> None:
            try:
                result = done.result()
            except (ProcessExpired, BrokenProcessPool) as error:
                worn = getattr(error, "exitcode", None) == _WORN
                if (attempts > 1 or worn) and not self._closed:
                    # Not on the pool's own thread, which has the dead to bury first.
                    retry = (outcome, function, args, attempts - (not worn))
                    threading.Thread(target=self._attempt, args=retry, daemon=True).start()
                else:
                    _fail(outcome, self._judged(error))
            except BaseException as error:
                _fail(outcome, self._judged(error))
            else:
                with contextlib.suppress(InvalidStateError):
                    outcome.set_result(result)

        inner.add_done_callback(settle)

    def _judged(self, error: BaseException) -> BaseException:
        """Return what the caller is told for the end that a task came to."""
        if self._closed and isinstance(error, ProcessExpired | BrokenProcessPool | CancelledError):
            return WorkerClosed("the worker was closed")
        if isinstance(error, TimeoutError):
            return Poisoned(f"took longer than {self.timeout_s:g} s")
        if getattr(error, "exitcode", None) == _OUT_OF_MEMORY:
            return Poisoned(f"needed more than {min(self.growth_bytes, self.memory_bytes) // 1024**2} MiB")
        if isinstance(error, ProcessExpired | BrokenProcessPool):
            return Poisoned(f"ended its process {ATTEMPTS} times ({_cause(error)})")
        return error

    def _schedule(self, function: Callable[..., Result], args: tuple[Any, ...]) -> Future[Result]:
        """Give a task to the pool, to a new one when the old one broke."""
        with self._lock:
            for pool in (self._pool, None):
                if self._closed:
                    raise WorkerClosed("the worker was closed")
                current = pool or self._new_pool()
                try:
                    future: Future[Result] = current.schedule(_guarded, args=(function, *args), timeout=self.timeout_s)
                except RuntimeError:  # the pool is broken; its processes may still run
                    current.stop()  # type: ignore[no-untyped-call]
                    current.join()
                    self._pool = None
                    continue
                if pool is None:
                    _widen(current)
                return future
        raise BrokenProcessPool("no process could be started")

    def _new_pool(self) -> ProcessPool:
        self._pool = ProcessPool(
            max_workers=self.processes,
            max_tasks=self.tasks_a_process,
            initializer=_begin,
            initargs=(os.getpgrp(), self.memory_bytes, self.growth_bytes, self.warm_up),
            context=nursery.context(self.ready),  # a fork of this process would copy its event loop and its locks
        )
        return self._pool

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)


def _widen(pool: ProcessPool) -> None:
    """Let a whole page lie in the pipe to a pool's processes, where the system allows it (Linux).

    Through the usual 64 KiB a page goes in pieces, each of which wakes both sides: that took a tenth of the time.
    """
    channel = pool._pool_manager.worker_manager.pool_channel
    if _SET_PIPE_SIZE is not None and channel is not None:
        with contextlib.suppress(OSError):  # the user's share of pipes is used up
            fcntl.fcntl(channel.writer.fileno(), _SET_PIPE_SIZE, PIPE_BYTES)


def _fail(outcome: Future[Any], error: BaseException) -> None:
    """Give a future its exception, unless closing the worker was quicker."""
    with contextlib.suppress(InvalidStateError):
        outcome.set_exception(error)


def _cause(error: BaseException) -> str:
    code = getattr(error, "exitcode", None)
    return f"exit code {code}" if code is not None else "the pool broke"
