"""One process for tasks as its asker sees it: what it was given, what comes back, and how it ended."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.process import BaseProcess
from typing import Any

from pipelines import nursery
from pipelines.frames import Inbox, Outbox, message_of, pieces, widen
from pipelines.task_process import Terms, serve

START_S = 300.0
"""Seconds for a process to begin: loading models takes two of processor time, and a busy machine twenty times that."""
END_S = 5.0
"""Seconds that a process may take to end which has closed its pipe; then it is killed."""


@dataclass(slots=True, eq=False)
class Task:
    """A call that somebody waits for, and how often its process died of it."""

    outcome: Future[Any]
    function: Callable[..., Any]
    args: tuple[Any, ...]
    deaths: int = 0

    def succeed(self, result: object) -> None:
        """Tell who waits, unless somebody was quicker."""
        with contextlib.suppress(InvalidStateError):
            self.outcome.set_result(result)

    def fail(self, error: BaseException) -> None:
        """Tell who waits, unless somebody was quicker."""
        with contextlib.suppress(InvalidStateError):
            self.outcome.set_exception(error)


class Member:
    """A process, its two pipes and its tasks; the first of them is being worked on. Nothing here waits but `bury`.

    Starting it raises OSError where the system gives no more.
    """

    def __init__(self, terms: Terms, ready: str) -> None:
        tasks_out, tasks_in = Pipe(duplex=False)
        answers_out, answers_in = Pipe(duplex=False)
        self._ends = (tasks_in, answers_out)
        # a fork of this process would copy its event loop and its locks: the context has it forked elsewhere
        self._process: BaseProcess = nursery.context(ready).Process(  # type: ignore[attr-defined]
            target=serve, args=(tasks_out, answers_in, terms), name="reader", daemon=True
        )
        try:
            with tasks_out, answers_in:
                self._process.start()
        except BaseException:
            self._close()
            raise
        for end in self._ends:
            os.set_blocking(end.fileno(), False)
        widen(tasks_in.fileno())
        self._outbox, self._inbox = Outbox(tasks_in.fileno()), Inbox(answers_out.fileno())
        self.into, self.out_of = self._outbox.fd, self._inbox.fd
        self.tasks: deque[Task] = deque()
        self.given = 0
        self.is_ready = False
        self._since = time.monotonic()
        self._timeout_s = terms.timeout_s

    def give(self, task: Task) -> bool:
        """Add a task; tell whether it is on its way, or `flush` must be called for the rest.

        Raises what its pickling raises; the process has heard nothing of it then.
        """
        ready = pieces((task.function, task.args))
        if not self.tasks and self.is_ready:
            self._since = time.monotonic()
        self.tasks.append(task)
        self.given += 1
        self._outbox.put(ready)
        return self.flush()

    def flush(self) -> bool:
        """Write what the pipe takes; tell whether nothing is left to write."""
        try:
            return self._outbox.flush()
        except OSError:
            return True  # it died, as the other pipe will say

    def answers(self) -> Iterator[tuple[Task, bool, Any]]:
        """Yield the tasks that are done, whether well, and with what. Raises EOFError when the process has ended."""
        for whole in self._inbox.arrived():
            # the next one's time begins, or the first one's: what a process does before it is ready is not counted
            self._since = time.monotonic()
            try:
                answer = message_of(whole)
            except Exception as error:
                answer = False, error
            if answer is None:
                self.is_ready = True
            else:
                yield self.tasks.popleft(), *answer

    def deadline(self) -> float | None:
        """Return the moment until which the process may go on as it does, None where nobody waits for it."""
        if not self.is_ready:
            return self._since + START_S
        return self._since + self._timeout_s if self.tasks else None

    def retire(self) -> None:
        """Let the process end when it has done its tasks."""
        self._ends[0].close()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def bury(self) -> int | None:
        """Wait for the end of a process that is ending and return its exit code, None where nobody can tell."""
        self._process.join(END_S)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        self._close()
        # it is not closed as well: multiprocessing's own end of the program may be waiting for it
        return self._process.exitcode

    def _close(self) -> None:
        for end in self._ends:
            end.close()
