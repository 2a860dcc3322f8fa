"""Starts processes in milliseconds: they are forked off one that has loaded what they need, the nurse.

A fresh interpreter takes one to three seconds of processor time to load what a crawl or a reader of pages needs, and
memory of its own for it; a fork takes hundredths, and shares. A crawl cannot fork itself, because it has threads.
Where there is no nurse (a crawl that a person starts) `context` is multiprocessing's own `spawn`.
"""

from __future__ import annotations

import atexit
import io
import multiprocessing
import os
import select
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import partial
from multiprocessing import forkserver, popen_forkserver, process, reduction, spawn
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext, ForkServerContext, set_spawning_popen
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

MOST_FDS = 64
"""File descriptors with one request; a reader of pages is given eight."""
GRACE_S = 2.0
"""Seconds that the end of a nurse is waited for."""
SPARING = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "100000",
    "MALLOC_TRIM_THRESHOLD_": "200000",
}
"""For the nurse and whom she bears: threads of a numerical library would not outlive a fork, a heap for each thread of
a crawl keeps what its pages took, and one heap for pages and small things is never given back (30 to 50 MiB of all)."""
LEFT_BEHIND = "ignore::UserWarning:multiprocessing.resource_tracker"
"""What a crawl that is killed leaves is cleared away, and nobody need hear of it."""
LEADER, MEMBER = b"L", b"M"
"""Kinds of a process: one that leads a process group and may ask for others, and one that joins its asker's."""

handed: list[int] = []
"""The descriptors that this process was given by its parent."""


@dataclass(frozen=True, slots=True)
class _Line:
    """The end of a nurse's line that those hold who may ask: where to ask, and a pipe that tells her that they live."""

    talk: socket.socket
    alive: int

    def is_heard(self) -> bool:
        """Tell whether the nurse lives: a pipe without a reader is an error."""
        look = select.poll()
        look.register(self.alive, 0)
        return not look.poll(0)

    def ask(self, kind: bytes, module: str, fds: list[int]) -> tuple[int, int]:
        """Ask for a process forked once `module` is loaded; return where its number and its end are read, and where to
        write what it shall do. Raises OSError when the nurse is gone."""
        told_r, told_w = os.pipe()
        data_r, data_w = os.pipe()
        own = [self.talk.fileno(), self.alive] if kind == LEADER else []
        try:
            socket.send_fds(self.talk, [kind + module.encode()], [data_r, told_w, *own, *fds])
        except BaseException:
            os.close(told_r)
            os.close(data_w)
            raise
        finally:
            os.close(data_r)
            os.close(told_w)
        return told_r, data_w


_line: _Line | None = None
_nurse: subprocess.Popen[bytes] | None = None
_lock = threading.Lock()


def adopt(talk: int, alive: int) -> None:
    """Hold the line, in a process that was born by it."""
    global _line
    _line = _Line(socket.socket(fileno=talk), alive)


def ensure(root: Path) -> None:
    """Have a nurse at work, which imports from the folder `root`; start one where there is none or it died."""
    global _line, _nurse
    with _lock:
        if _line is not None and _line.is_heard():
            return
        _let_go()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        alive_r, alive_w = os.pipe()
        with theirs:
            try:
                _nurse = subprocess.Popen(  # noqa: S603 - our own module, no shell
                    [sys.executable, "-W", LEFT_BEHIND, "-m", "pipelines.nurse", str(theirs.fileno()), str(alive_r)],
                    cwd=root,
                    env={**os.environ, **SPARING},
                    pass_fds=(theirs.fileno(), alive_r),
                    stdin=subprocess.DEVNULL,
                    # a signal to the terminal's group must not reach her, nor her children
                    start_new_session=True,
                )
            finally:
                os.close(alive_r)
        _line = _Line(ours, alive_w)
        atexit.register(dismiss)  # once more than needed does no harm


def name_process(name: str) -> None:
    """Let lists of processes show what a fork is, where the system knows how (Linux, 15 letters)."""
    place = Path("/proc/self/comm")
    if place.exists():
        place.write_text(name[:15], encoding="utf-8")


def dismiss() -> None:
    """Let the nurse end, once those are gone whom she bore; her memory is the system's again."""
    with _lock:
        _let_go()


def _let_go() -> None:
    global _line, _nurse
    if _line is not None:
        _line.talk.close()
        os.close(_line.alive)
    if _nurse is not None:
        try:
            _nurse.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            # crawls keep her that nobody waited for; somebody has to take her end down
            threading.Thread(target=_nurse.wait, daemon=True).start()
    _line = _nurse = None


class _Handed:
    """Stands for a descriptor in what a child is told."""

    def __init__(self, place: int) -> None:
        self._place = place

    def detach(self) -> int:
        """Return the descriptor, in the child."""
        return handed[self._place]


class _Popen(popen_forkserver.Popen):
    """A child of the nurse, as multiprocessing knows one; threads may wait for it side by side."""

    DupFd = _Handed  # type: ignore[assignment]

    def __init__(self, process_obj: process.BaseProcess) -> None:
        self._reading = threading.Lock()
        self._fds: list[int] = []
        super().__init__(process_obj)

    def _launch(self, process_obj: Any) -> None:
        told = spawn.get_preparation_data(process_obj.name)
        for main in ("init_main_from_name", "init_main_from_path"):
            told.pop(main, None)  # what a child does stands in modules, never in a script
        whole = io.BytesIO()
        set_spawning_popen(self)
        try:
            reduction.dump(told, whole)
            reduction.dump(process_obj, whole)
        finally:
            set_spawning_popen(None)
        if _line is None:
            raise BrokenPipeError("there is no nurse")
        self.sentinel, data = _line.ask(process_obj.kind, process_obj.module, self._fds)
        # its other end tells the child that this process lives
        self.finalizer = Finalize(self, _close, (os.dup(data), self.sentinel))
        with os.fdopen(data, "wb") as pipe:
            pipe.write(whole.getbuffer())
        self.pid = _number(self.sentinel)

    def poll(self, flag: int = os.WNOHANG) -> int | None:
        """Return the exit code, None while the child runs; 255 where the nurse died, who alone could tell."""
        if self.returncode is None and wait([self.sentinel], 0 if flag == os.WNOHANG else None):
            with self._reading:
                if self.returncode is None:
                    try:
                        self.returncode = _number(self.sentinel)
                    except OSError:
                        self.returncode = 255
        return self.returncode


def _close(*fds: int) -> None:
    for fd in fds:
        os.close(fd)


def _number(told: int) -> int:
    try:
        return int(forkserver.read_signed(told))
    except EOFError as error:
        raise BrokenPipeError("the nurse died") from error


class _Born(process.BaseProcess):
    """A process that the nurse bears once she has loaded `module`."""

    _start_method = "forkserver"
    kind = MEMBER

    def __init__(self, module: str, **more: Any) -> None:
        super().__init__(**more)
        self.module = module

    @staticmethod
    def _Popen(process_obj: process.BaseProcess) -> _Popen:
        return _Popen(process_obj)


class Leader(_Born):
    """A process that leads a group and may have readers."""

    kind = LEADER


class _Context(ForkServerContext):
    """What multiprocessing calls a context, for processes that the nurse bears."""

    def __init__(self, module: str) -> None:
        super().__init__()
        self.Process = partial(_Born, module)  # type: ignore[assignment, misc]


def context(module: str) -> BaseContext:
    """Return the context to start a process in that needs what `module` loads: forked where a nurse lives.

    Who started her is of another session, whose process groups her children cannot join: he spawns his own.
    """
    if _line is not None and _nurse is None and _line.is_heard():
        return _Context(module)
    return multiprocessing.get_context("spawn")
