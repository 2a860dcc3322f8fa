"""The SQL functions that the triggers of the full-text index and of the kept counts call."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

import xxhash

from archive.kept import cells


def register(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that the triggers call; the analyser is loaded at the first word."""
    connection.create_function("search_text", 2, _text, deterministic=True)
    connection.create_function("search_digest", 3, digest, deterministic=True)
    connection.create_function("search_analyser", 0, analyser, deterministic=True)
    cells.register(connection)


Indexed = Mapping[tuple[str | None, str | None], str]
"""(text, language) -> the bases of its words, as `archive.search.analyser.indexed` gives them."""

_at_hand: ContextVar[Indexed] = ContextVar("_at_hand", default=MappingProxyType({}))


@contextmanager
def at_hand(found: Indexed) -> Iterator[None]:
    """Let the triggers take the bases of texts that were analysed before: no write lock is held meanwhile."""
    before = _at_hand.set(found)
    try:
        yield
    finally:
        _at_hand.reset(before)


def _text(text: str | None, language: str | None) -> str:
    known = _at_hand.get().get((text, language))
    if known is not None:
        return known
    from archive.search.analyser import indexed

    return indexed(text, language)


def analyser() -> str:
    """Return the version of the analyser in this program."""
    from archive.search.analyser import version

    return version()


def digest(title: str | None, text: str | None, language: str | None) -> int:
    """Return a signed 64-bit number for what of an article is in the index."""
    value = xxhash.xxh3_64_intdigest(f"{language or ''}\x1f{title or ''}\x1f{text or ''}".encode("utf-8", "replace"))
    return value - (1 << 64) if value >= 1 << 63 else value
