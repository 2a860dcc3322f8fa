"""A table that processes share which were forked off one another: what one has worked out the others need not."""

from __future__ import annotations

import mmap
from typing import Final

import xxhash

SLOTS: Final = 1 << 18
"""Places, of 64 bytes: 16 MB, of which the system gives what is written to. A year of news has fewer common words."""
_SLOT: Final = 64
_HEAD: Final = 17
"""Bytes of a place before the value: eight that tell the key, one for the length, eight that tell a torn value."""
MOST: Final = _SLOT - _HEAD
"""Bytes of a value; a longer one is not kept."""


class SharedTable:
    """Short values under keys, for processes that are forked after it was made.

    It forgets: a key may drive another one out. It takes no lock: a value that two wrote at the same moment is told by
    its digest, and is absent.
    """

    def __init__(self) -> None:
        self._map = mmap.mmap(-1, SLOTS * _SLOT)

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, or None where it has none, or none any more."""
        mark = xxhash.xxh3_64_digest(key)
        start = _start(mark)
        slot = self._map[start : start + _SLOT]
        if slot[:8] != mark:
            return None
        value = slot[_HEAD : _HEAD + slot[8]]
        return value if slot[9:_HEAD] == xxhash.xxh3_64_digest(mark + value) else None

    def put(self, key: bytes, value: bytes) -> None:
        """Keep a value for a while."""
        if len(value) > MOST:
            return
        mark = xxhash.xxh3_64_digest(key)
        start = _start(mark)
        slot = mark + bytes([len(value)]) + xxhash.xxh3_64_digest(mark + value) + value
        self._map[start : start + len(slot)] = slot


_tables: list[SharedTable] = []


def shared() -> SharedTable:
    """Return the table of this process, which those share that are forked off it once it was made."""
    if not _tables:
        _tables.append(SharedTable())
    return _tables[0]


def _start(mark: bytes) -> int:
    return int.from_bytes(mark[:4], "big") % SLOTS * _SLOT
