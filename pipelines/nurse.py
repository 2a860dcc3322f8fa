"""Forks processes off one that has loaded what they need: run by `pipelines.nursery`, as `python -m pipelines.nurse`.

One thread and no event loop, so that a fork copies no lock that another thread holds. It serves those who hold the
other end of its line, and ends when none of them is left.
"""

from __future__ import annotations

import gc
import importlib
import os
import selectors
import signal
import socket
import sys
import traceback
from multiprocessing import resource_tracker, spawn
from multiprocessing.forkserver import write_signed
from typing import NoReturn

from pipelines import nursery

COLLECT_AFTER = 20_000
"""New objects after which a child looks for unreachable ones; Python's 700 are a tenth of the time of reading pages."""
WORDS = 256
"""Bytes of a request: a kind and the name of a module."""


def main() -> None:
    """Serve the line whose descriptors the command line names."""
    line, alive = map(int, sys.argv[1:])
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])
    resource_tracker.ensure_running()  # one for all, which a fork inherits
    _Nurse(socket.socket(fileno=line), alive).serve()


class _Nurse:
    """The server: which of its children still lives, and where its end is told."""

    def __init__(self, line: socket.socket, alive: int) -> None:
        self._line = line
        self._alive = alive
        self._told: dict[int, int] = {}
        self._loaded: set[str] = set()
        self._woken, self._wake = os.pipe()
        for fd in (self._woken, self._wake):
            os.set_blocking(fd, False)

    def serve(self) -> None:
        """Fork what is asked for until nobody is left to ask."""
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        with selectors.DefaultSelector() as selector:
            for source in (self._line, self._alive, self._woken):
                selector.register(source, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._woken in ready:
                    os.read(self._woken, 4096)
                    self._bury()
                if self._line in ready:
                    self._bear(selector)
                elif self._alive in ready:
                    return

    def _bury(self) -> None:
        while self._told:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            told = self._told.pop(pid)
            _tell(told, os.waitstatus_to_exitcode(status))
            os.close(told)

    def _bear(self, selector: selectors.BaseSelector) -> None:
        words, fds, _, _ = socket.recv_fds(self._line, WORDS, nursery.MOST_FDS)
        kind, module = words[:1], words[1:].decode()
        if module not in self._loaded:
            importlib.import_module(module)
            self._loaded.add(module)
            # what is there now is shared for good: a collection in a child would copy its pages only to look at them
            gc.collect()
            gc.freeze()
        data, told, *rest = fds
        pid = os.fork()
        if not pid:
            selector.close()
            self._live(kind, data, told, rest)
        if kind == nursery.LEADER:
            os.setpgid(pid, pid)  # here as well as there: whoever hears the number may signal the group
        self._told[pid] = told
        _tell(told, pid)
        for fd in (data, *rest):
            os.close(fd)

    def _live(self, kind: bytes, data: int, told: int, rest: list[int]) -> NoReturn:
        """Be the child: let go of all that is the server's, and do what `data` says."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._line.close()
            for fd in (self._alive, self._woken, self._wake, told, *self._told.values()):
                os.close(fd)
            if kind == nursery.LEADER:
                os.setpgid(0, 0)
                nursery.adopt(*rest[:2])
                rest = rest[2:]
            nursery.handed[:] = rest
            code = spawn._main(data, os.dup(data))
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)


def _tell(told: int, number: int) -> None:
    try:
        write_signed(told, number)
    except BrokenPipeError:
        return  # who asked is no more


if __name__ == "__main__":
    main()
