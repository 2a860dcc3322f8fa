"""What the processes do that tests of the nursery have born; importable, so that a nurse's child finds it."""

from __future__ import annotations

import os
import sys
import time
from multiprocessing import parent_process

from pipelines import nursery
from pipelines.worker import Poisoned, Worker

MODULE = "colorsys"
"""A module that nothing else here loads: who has it was forked off the nurse."""


def lead(what: str) -> None:
    """Be the leader of a group, and have a reader as the test asks."""
    if what == "wait":
        parent = parent_process()
        assert parent is not None
        os.read(parent.sentinel, 1)
        print("alone", flush=True)
        return
    if what == "nurse killed":
        while nursery._line is not None and nursery._line.is_heard():
            time.sleep(0.01)
    with Worker(ready=MODULE) as worker:
        print(worker.call(look, os.getpid()), flush=True)
        if what == "read":
            try:
                worker.call(grow)
            except Poisoned:
                print("poisoned", flush=True)


def look(leader: int) -> str:
    """Tell what the reader is."""
    born = "forked" if MODULE in sys.modules else "spawned"
    return f"a reader of {'the' if os.getpgrp() == leader else 'another'} group, {born}"


def grow() -> int:
    """Take more memory than a task may."""
    return len(bytearray(1024**3))
