"""A table that processes share which were forked off one another: what one has worked out the others need not."""

from __future__ import annotations

import mmap
from typing import Final

import xxhash

SLOTS: Final = 1 << 19
"""Places, of 32 bytes: 16 MB, of which the system gives what is written to. A year of news has fewer common words."""
_SLOT: Final = 32
_GROUP: Final = 4 * _SLOT
"""A key may be at four places, side by side."""
_HEAD: Final = 13
"""Bytes of a place before the value: eight that tell the key, one for the length, four that tell a torn value."""
_FREE: Final = bytes(8)
MOST: Final = _SLOT - _HEAD
"""Bytes of a value; a longer one is not kept."""


class SharedTable:
    """Short values under keys, for processes that are forked after it was made.

    It forgets: a key may drive another one out, if all its places are taken. It takes no lock: a value that two wrote
    at the same moment is told by its digest, and is absent.
    """

    def __init__(self) -> None:
        self._map = mmap.mmap(-1, SLOTS * _SLOT)

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, or None where it has none, or none any more."""
        mark = xxhash.xxh3_64_digest(key)
        start = _start(mark)
        group = self._map[start : start + _GROUP]
        at = group.find(mark)
        if at < 0 or at % _SLOT:
            return None
        value = group[at + _HEAD : at + _HEAD + group[at + 8]]
        return value if group[at + 9 : at + _HEAD] == _check(mark, value) else None

    def put(self, key: bytes, value: bytes) -> None:
        """Keep a value for a while, at a free place of its key if there is one."""
        if len(value) > MOST:
            return
        mark = xxhash.xxh3_64_digest(key)
        start = _start(mark)
        group = self._map[start : start + _GROUP]
        places = range(0, _GROUP, _SLOT)
        at = group.find(mark)
        if at < 0 or at % _SLOT:
            at = next((at for at in places if group[at : at + 8] == _FREE), places[mark[7] % len(places)])
        slot = mark + bytes([len(value)]) + _check(mark, value) + value
        self._map[start + at : start + at + len(slot)] = slot


def _check(mark: bytes, value: bytes) -> bytes:
    return xxhash.xxh3_64_digest(mark + value)[:4]


_tables: list[SharedTable] = []


def shared() -> SharedTable:
    """Return the table of this process, which those share that are forked off it once it was made."""
    if not _tables:
        _tables.append(SharedTable())
    return _tables[0]


def _start(mark: bytes) -> int:
    return int.from_bytes(mark[:4], "big") % (SLOTS * _SLOT // _GROUP) * _GROUP
