"""Runs what a hostile page could kill in a process that can be killed, with limits on time and memory and one retry."""

from __future__ import annotations

import asyncio
import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

from archive.errors import DauysError
from pipelines.member import Member, Task
from pipelines.task_process import OUT_OF_MEMORY, WORN, Terms

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
TASKS_A_PROCESS = 10_000
"""Tasks after which a worker is replaced, so that what its libraries leak goes with it; memory has its own limit. A new
process and its models take two seconds, as much as seventy pages."""
ATTEMPTS = 2
"""How often a task whose worker died is tried: the first death may have been a neighbour's or the machine's."""
AT_ONCE = 2
"""Tasks that a process has: the one that it works on, and the next one, which it need not wait for."""


class Poisoned(DauysError):
    """Raised when a task exceeded its time or memory, or took the worker with it twice."""


class TooMuchMemory(Poisoned):
    """Raised when a task needed more memory than this worker gives."""


class WorkerClosed(DauysError):
    """Raised when a task is given to a worker that was closed, or waits in one while it closes."""


class Worker:
    """One or more processes for tasks that must not harm the caller; started when they are needed.

    Functions and arguments must be picklable and importable. Use it as a context manager, or call `close`.
    `warm_up`, a module's function, runs once in each new process before its first task and outside the time limit;
    `ready` names the module that loads what tasks need, for processes that are forked.

    One thread gives the tasks out, in their order, and takes the answers; it waits for what comes, and never polls.
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
        self.tasks_a_process = tasks_a_process
        self._terms = Terms(
            group=os.getpgrp(),
            timeout_s=timeout_s,
            memory_bytes=memory_bytes,
            growth_bytes=growth_bytes,
            warm_up=warm_up,
        )
        self._ready = ready
        self._waiting: deque[Task] = deque()
        self._members: list[Member] = []
        self._lock = threading.Lock()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._has_room = False

    async def run(self, function: Callable[..., Result], *args: Any) -> Result:
        """Await `function(*args)` without holding up the event loop. Raises as `submit`'s future does."""
        return await asyncio.wrap_future(self.submit(function, *args))

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
        task = Task(outcome, function, args)
        with self._lock:
            if not self._closed:
                self._waiting.append(task)
                self._rouse()
                return outcome
        task.fail(WorkerClosed("the worker was closed"))
        return outcome

    def close(self) -> None:
        """End the processes at once; tasks that still wait raise WorkerClosed. Closing twice does nothing."""
        with self._lock:
            if not self._closed:
                self._closed = True
                if self._thread is not None:
                    os.write(self._wake, b"\0")
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _rouse(self) -> None:
        """Have the thread look at what waits; it is not woken where it would have no room for it."""
        if self._thread is None:
            self._selector = selectors.DefaultSelector()
            self._woken, self._wake = os.pipe()
            self._selector.register(self._woken, selectors.EVENT_READ)
            self._thread = threading.Thread(target=self._serve, name="tasks", daemon=True)
            self._thread.start()
        elif self._has_room:
            self._has_room = False
            os.write(self._wake, b"\0")

    def _serve(self) -> None:
        """Be the thread."""
        try:
            while self._is_wanted():
                for key, _ in self._selector.select(self._patience_s()):
                    if key.data is None:
                        os.read(self._woken, 64)
                    elif key.data in self._members:
                        self._attend(key.data)
                self._end_the_slow()
        finally:
            self._end()

    def _is_wanted(self) -> bool:
        """Give out what waits; tell whether to go on."""
        while True:
            room = self._give_out()
            with self._lock:
                if self._closed or not room or not self._waiting:
                    self._has_room = room
                    return not self._closed

    def _give_out(self) -> bool:
        """Give out tasks as far as there is room; tell whether there is more of it."""
        while self._waiting:
            member = self._free_member()
            if member is None and len(self._members) < self.processes:
                member = self._start()
            if member is None and len(self._members) >= self.processes:
                return False
            if member is not None:
                self._give(member, self._waiting.popleft())
        return True

    def _free_member(self) -> Member | None:
        """Return a process that is to have the next task, None where a new one is better or all have enough."""
        hired = (member for member in self._members if member.given < self.tasks_a_process)
        member = min(hired, key=lambda member: len(member.tasks), default=None)
        most = 1 if len(self._members) < self.processes else AT_ONCE
        return member if member is not None and len(member.tasks) < most else None

    def _start(self) -> Member | None:
        """Start a process; None where the system gives none, which whoever waits longest hears of in the end."""
        try:
            member = Member(self._terms, self._ready)
        except OSError as error:
            self._waiting[0].deaths += 1
            if self._waiting[0].deaths >= ATTEMPTS:
                self._waiting.popleft().fail(error)
            return None
        self._members.append(member)
        self._selector.register(member.out_of, selectors.EVENT_READ, member)
        return member

    def _give(self, member: Member, task: Task) -> None:
        try:
            is_sent = member.give(task)
        except Exception as error:  # its arguments cannot be pickled
            task.fail(error)
            return
        if not is_sent and member.into not in self._selector.get_map():
            self._selector.register(member.into, selectors.EVENT_WRITE, member)

    def _attend(self, member: Member) -> None:
        """Write what a process has room for, and take what it answers."""
        if member.into in self._selector.get_map() and member.flush():
            self._selector.unregister(member.into)
        try:
            for task, is_well, value in member.answers():
                (task.succeed if is_well else task.fail)(value)
        except (EOFError, OSError):
            self._bury(member)
            return
        if member.given >= self.tasks_a_process and not member.tasks:
            member.retire()

    def _patience_s(self) -> float | None:
        """Return the seconds until a process has used up its time."""
        deadlines = [deadline for member in self._members if (deadline := member.deadline()) is not None]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _end_the_slow(self) -> None:
        now = time.monotonic()
        for member in tuple(self._members):
            deadline = member.deadline()
            if deadline is not None and deadline <= now:
                member.kill()
                self._bury(member, took_too_long=member.is_ready)

    def _bury(self, member: Member, *, took_too_long: bool = False) -> None:
        """Take down the end of a process. The task that it worked on is judged, the others wait as before."""
        self._members.remove(member)
        for fd in (member.out_of, member.into):
            if fd in self._selector.get_map():
                self._selector.unregister(fd)
        code = member.bury()
        if member.tasks:
            task = member.tasks[0]
            verdict = self._verdict(task, code, took_too_long=took_too_long)
            if verdict is not None:
                member.tasks.popleft()
                task.fail(verdict)
        self._waiting.extendleft(reversed(member.tasks))

    def _verdict(self, task: Task, code: int | None, *, took_too_long: bool) -> Poisoned | None:
        """Return what is told of a task whose process ended, None where it is tried again."""
        if took_too_long:
            return Poisoned(f"took longer than {self._terms.timeout_s:g} s")
        task.deaths += code != WORN
        if task.deaths < ATTEMPTS:
            return None
        if code == OUT_OF_MEMORY:
            most = min(self._terms.growth_bytes, self._terms.memory_bytes)
            return TooMuchMemory(f"needed more than {most // 1024**2} MiB")
        return Poisoned(f"ended its process {ATTEMPTS} times (exit code {'unknown' if code is None else code})")

    def _end(self) -> None:
        """Leave no process and nobody who waits."""
        with self._lock:
            self._closed = True
        for member in self._members:
            member.kill()
        for member in self._members:
            member.bury()
        for task in (*(task for member in self._members for task in member.tasks), *self._waiting):
            task.fail(WorkerClosed("the worker was closed"))
        self._selector.close()
        with self._lock:
            os.close(self._woken)
            os.close(self._wake)

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
