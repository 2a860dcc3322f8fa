"""Makes a process that is about to serve the site ready, so that no reader waits for what all of them need."""

from __future__ import annotations

import gc

from archive.search.query import understood

WORDS = "референдум жарлық constitution протоконституционализация"
"""A word of each language, and a Russian one that has to be guessed: what is asked about words is loaded by the first
one that needs it."""


def make_ready() -> None:
    """Load what searches need, and have the garbage collector leave alone what stays anyway.

    It would go through all modules and dictionaries at every hundredth request or so, for as long as a whole page
    takes: the slowest of twenty pages was twice as slow as the one in the middle.
    """
    import numpy as np  # noqa: F401 - nearly every search asks for it

    understood(WORDS)
    gc.collect()
    gc.freeze()
