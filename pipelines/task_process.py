"""What a process for tasks does: it carries out one after the other, each within its room, and ends with its asker."""

from __future__ import annotations

import gc
import os
import resource
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from pipelines import nursery
from pipelines.frames import Outbox, incoming, message_of, pieces
from pipelines.limits import Memory, give_back, limit, memory, unlimit

KEPT_BYTES = 192 * 1024**2
"""Memory that tasks may leave in a process: the model of languages, the dictionary and the stop words are 140 MiB."""
LOOK_BYTES = 32 * 1024**2
"""Memory above what is known to be kept at which it is looked what is: the allocator gives back, which takes a
millisecond or two."""
ALARM_S = 5.0
"""Seconds past its limit after which a task ends its process by itself: its asker was killed, who would have ended
it."""
OUT_OF_MEMORY = 79
"""Exit code of a process in which a task met a limit of memory."""
WORN = 80
"""Exit code of a process that its earlier tasks left too large for another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a process is held to: its asker's process group, and the limits of `pipelines.worker`."""

    group: int
    timeout_s: float
    memory_bytes: int
    growth_bytes: int
    warm_up: Callable[[], None] | None


class _Room:
    """What this process held when its first task had come, what tasks left in it since, and what one may add.

    `at_rest` is None until then, and where the system does not tell.
    """

    at_rest: Memory | None = None
    kept: int = 0
    growth: int = 0


def serve(tasks: Connection, answers: Connection, terms: Terms) -> None:
    """Carry out what comes through `tasks`, (function, arguments), until its other end is closed.

    What goes back is None once it may begin, then (True, result) or (False, exception) for each.
    """
    _begin(terms)
    outbox = Outbox(answers.fileno())
    try:
        _send(outbox, None)
        for message in incoming(tasks.fileno()):
            _send(outbox, _outcome(message, terms.timeout_s + ALARM_S))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except OSError:
        return  # the asker is gone


def _begin(terms: Terms) -> None:
    """Prepare a fresh process: imports first, since what they allocate is no page's fault, then the limits.

    Its group is its asker's: whoever ends that ends it as well.
    """
    # Ctrl-C is for the asker, who ends its processes in order
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    if os.getpgrp() != terms.group:
        try:
            os.setpgid(0, terms.group)
        except PermissionError:
            os._exit(0)  # the asker was the group, and is gone
    nursery.name_process("reader")
    if terms.warm_up is not None:
        terms.warm_up()
    # what is there now stays: no collection need look at it again
    gc.collect()
    gc.freeze()
    limit(resource.RLIMIT_AS, terms.memory_bytes)
    _Room.growth = terms.growth_bytes
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _outcome(message: memoryview, alarm_s: float) -> tuple[bool, Any]:
    signal.setitimer(signal.ITIMER_REAL, alarm_s)
    try:
        function, args = message_of(message)
        message.release()  # a large one is not held twice
        return True, _guarded(function, args)
    except Exception as error:
        error.add_note("".join(traceback.format_exception(error)).rstrip())
        return False, error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _guarded(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Run a task within the process's room. One that needs more ends the process, and is tried once in a fresh one.

    The limit is for the task alone: a process that met it while it receives the next task would be ended for what
    its predecessors took.
    """
    if _Room.at_rest is None:
        # only now: to receive the first task has loaded its function's module
        _Room.at_rest = memory()
    if _Room.at_rest is not None:
        limit(resource.RLIMIT_DATA, _room(_Room.at_rest))
    try:
        return function(*args)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
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
            os._exit(WORN)
    return at_rest.data + _Room.kept + _Room.growth


def _send(outbox: Outbox, message: object) -> None:
    """Write an answer whole; one that cannot be pickled is answered by the reason."""
    try:
        ready = pieces(message)
    except MemoryError:
        raise
    except Exception as error:
        ready = pieces((False, TypeError(f"the answer cannot be sent: {error}")))
    outbox.put(ready)
    outbox.flush()
