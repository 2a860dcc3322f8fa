"""Limits of memory for one task in a process: what it may add, and what is nobody's task."""

from __future__ import annotations

import ctypes
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


def limit(which: int, most: int) -> None:
    """Set a limit of this process, within the one that it cannot raise."""
    _, hard = resource.getrlimit(which)
    resource.setrlimit(which, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def unlimit(which: int) -> None:
    """Lift a limit of this process as far as that goes."""
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (hard, hard))


class Memory(NamedTuple):
    """What a process holds, in bytes: `data` is what RLIMIT_DATA counts and its stack, `resident` what is in memory."""

    data: int
    resident: int


def memory() -> Memory | None:
    """Return what this process holds, or None where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:  # noqa: PTH123 - a third of the time, for each page
            pages = file.read(200).split()
    except OSError:
        return None
    return Memory(int(pages[5]) * resource.getpagesize(), int(pages[1]) * resource.getpagesize())


def give_back() -> None:
    """Return to the system what the allocator keeps free, where it is one that can (glibc)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


@contextmanager
def own_memory() -> Iterator[None]:
    """Let the process itself need the memory of this block: a model that the first text of its kind waits for.

    The limit of the task that happens to come first is raised by what stays. Outside of a limited task nothing is done.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    before = memory()
    if soft == hard or before is None:
        yield
        return
    unlimit(resource.RLIMIT_DATA)
    try:
        yield
    finally:
        limit(resource.RLIMIT_DATA, soft + max(0, (memory() or before).data - before.data))
