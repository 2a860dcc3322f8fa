"""Keeps the stop words of the thorough extraction as it looks them up: its library makes the set anew for each page."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import justext.core  # type: ignore[import-untyped]
from trafilatura import external

from pipelines.limits import own_memory

_lowered = justext.core.define_stoplist


@cache
def keep() -> frozenset[str]:
    """Have the words of all of justext's languages lowered once a process, and return them.

    Without it each page that is read thoroughly lowers 154,000 words: 0.1 s of processor time, and 30 MiB for a moment
    that a process does not get rid of. What is looked up stays the same.
    """
    with own_memory():
        words: frozenset[str] = _lowered(external.jt_stoplist_init())

    def define_stoplist(some: Iterable[str]) -> frozenset[str]:
        lowered: frozenset[str] = words if some is words else _lowered(some)
        return lowered

    external.JT_STOPLIST = words  # type: ignore[assignment]
    justext.core.define_stoplist = define_stoplist
    return words
