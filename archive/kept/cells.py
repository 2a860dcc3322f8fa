"""What every article is counted by, eight bytes an article in blocks of one database page, and its topics as bits.

A search that finds half of a million articles counts them by day, language, outlet and role from these: eight megabytes
that are read as they lie, instead of half a million rows that are looked up.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Final

from archive.asking import Asked

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
    Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

BLOCK: Final = 504
"""Articles in a block: with eight bytes each it fits in one page of 4,096 bytes."""
SIZE: Final = 8
ROLES: Final = ("first", "reprint", "excerpt")
ROLE_BITS, SOURCE_BITS, LANGUAGE_BITS, DAY_BITS = 2, 20, 18, 22
SOURCE_AT: Final = ROLE_BITS
LANGUAGE_AT: Final = SOURCE_AT + SOURCE_BITS
DAY_AT: Final = LANGUAGE_AT + LANGUAGE_BITS
THERE_AT: Final = DAY_AT + DAY_BITS
"""The highest bit says that there is such an article."""
UNKNOWN: Final = "und"
"""Stands for a language that was not recognised, as ISO 639-2 has it."""
FEW: Final = 2_000
"""Articles up to which their blocks alone are read; more lie in most blocks, which are read faster all together."""


def cell(row: str) -> str:
    """Return the SQL expression of an article's cell; `row` is what its columns stand under.

    The day is counted as Python's ordinal, 0 for none. Outlets and languages have their numbers in kept_codes.
    """
    day = f"coalesce(cast(julianday({row}.published_day) - 1721424.5 as integer), 0)"
    return (
        f"((1 << {THERE_AT}) | ({day} << {DAY_AT})"
        f" | ((select code from kept_codes where kind = 'language' and name = coalesce({row}.language, '{UNKNOWN}'))"
        f" << {LANGUAGE_AT})"
        f" | ((select code from kept_codes where kind = 'source' and name = {row}.source_id) << {SOURCE_AT})"
        f" | (case {row}.story_role when 'reprint' then 1 when 'excerpt' then 2 else 0 end))"
    )


def register(connection: sqlite3.Connection) -> None:
    """Give a connection the functions by which the triggers write cells and bits."""
    connection.create_function("kept_cell", 3, with_cell, deterministic=True)
    connection.create_function("kept_bit", 3, with_bit, deterministic=True)
    connection.create_aggregate("kept_cells", 2, _Cells)  # type: ignore[arg-type]
    connection.create_aggregate("kept_bits", 1, _Bits)  # type: ignore[arg-type]


def with_cell(cells: bytes | None, place: int, value: int) -> bytes:
    """Return a block with another cell at `place`; an absent block is empty."""
    cells = cells or bytes(BLOCK * SIZE)
    at = place * SIZE
    return cells[:at] + value.to_bytes(SIZE, "little") + cells[at + SIZE :]


def with_bit(bits: bytes | None, place: int, on: int) -> bytes:
    """Return a block of bits with the one at `place` set or cleared; an absent block is empty."""
    changed = bytearray(bits or bytes(BLOCK // 8))
    changed[place // 8] = changed[place // 8] & ~(1 << place % 8) | (on << place % 8)
    return bytes(changed)


class _Cells:
    """Puts the cells of one block together."""

    def __init__(self) -> None:
        self.cells = bytearray(BLOCK * SIZE)

    def step(self, place: int, value: int) -> None:
        self.cells[place * SIZE : (place + 1) * SIZE] = value.to_bytes(SIZE, "little")

    def finalize(self) -> bytes:
        return bytes(self.cells)


class _Bits:
    """Puts the bits of one block together."""

    def __init__(self) -> None:
        self.bits = bytearray(BLOCK // 8)

    def step(self, place: int) -> None:
        self.bits[place // 8] |= 1 << place % 8

    def finalize(self) -> bytes:
        return bytes(self.bits)


def read_cells(db: Asked) -> Numbers:
    """Return the cell of every article, at the place of its number; 0 where there is none."""
    import numpy as np

    return np.frombuffer(_joined(db, "select block, cells from kept_cells order by block", (), BLOCK * SIZE), "<i8")


def cells_of(db: Asked, ids: Numbers) -> Numbers:
    """Return the cell of each of `ids`, which are in order."""
    import numpy as np

    if len(ids) > FEW:
        return at(read_cells(db), ids)
    sql = f"select block, cells from kept_cells where {_AMONG}"
    blocks, places = _places(ids)
    return np.frombuffer(_picked(db, sql, (), blocks, BLOCK * SIZE), "<i8")[places]


def at(numbers: Numbers, ids: Numbers) -> Numbers:
    """Return those of `numbers` that stand at the places `ids`, which are in order."""
    return numbers[_span(ids)]


def days_of(numbers: Numbers) -> Numbers:
    """Return the ordinal of the day of each cell, 0 where there is none."""
    return numbers >> DAY_AT & (1 << DAY_BITS) - 1


def languages_of(numbers: Numbers) -> Numbers:
    """Return the code of the language of each cell."""
    return numbers >> LANGUAGE_AT & (1 << LANGUAGE_BITS) - 1


def sources_of(numbers: Numbers) -> Numbers:
    """Return the code of the outlet of each cell."""
    return numbers >> SOURCE_AT & (1 << SOURCE_BITS) - 1


def roles_of(numbers: Numbers) -> Numbers:
    """Return the place in ROLES of the role of each cell."""
    return numbers & (1 << ROLE_BITS) - 1


def topics(db: Asked) -> list[str]:
    """Return the topics that any article is of."""
    return [row[0] for row in db.execute("select topic_id from kept_topic_counts order by 1")]


def read_topic(db: Asked, topic: str) -> Flags:
    """Return for every article, at the place of its number, whether it is of a topic."""
    import numpy as np

    sql = "select block, bits from kept_topics where topic_id = ? order by block"
    packed = np.frombuffer(_joined(db, sql, (topic,), BLOCK // 8), np.uint8)
    return np.unpackbits(packed, bitorder="little").astype(bool)


def of_topic(db: Asked, topic: str, ids: Numbers) -> Flags:
    """Return which of `ids`, which are in order, are of a topic."""
    import numpy as np

    if len(ids) > FEW:
        return flags_at(read_topic(db, topic), ids)
    sql = f"select block, bits from kept_topics where topic_id = ? and {_AMONG}"
    blocks, places = _places(ids)
    packed = np.frombuffer(_picked(db, sql, (topic,), blocks, BLOCK // 8), np.uint8)
    return np.unpackbits(packed, bitorder="little").astype(bool)[places]


def codes(db: Asked, kind: str) -> list[str]:
    """Return the names of a kind, 'source' or 'language', at the place of their number."""
    return [row[0] for row in db.execute("select name from kept_codes where kind = ? order by code", [kind])]


def flags_at(flags: Flags, ids: Numbers) -> Flags:
    """Return the flags of `ids`, which are in order; a topic's blocks end with its last article."""
    import numpy as np

    if len(ids) and ids[-1] >= len(flags):
        flags = np.concatenate((flags, np.zeros(int(ids[-1]) + 1 - len(flags), dtype=bool)))
    return flags[_span(ids)]


_AMONG: Final = "block in (select value from json_each(?))"


def _span(ids: Numbers) -> Numbers | slice:
    """Return an index of `ids`, which are in order: where none between them is missing, one that copies nothing."""
    if not len(ids) or int(ids[-1]) - int(ids[0]) + 1 > len(ids):
        return ids
    return slice(int(ids[0]), int(ids[-1]) + 1)


def _places(ids: Numbers) -> tuple[list[int], Numbers]:
    """Return the blocks that hold `ids`, and the place of each in these blocks one after the other."""
    import numpy as np

    blocks, at = np.unique(ids // BLOCK, return_inverse=True)
    return blocks.tolist(), at * BLOCK + ids % BLOCK


def _picked(db: Asked, sql: str, values: tuple[str, ...], blocks: list[int], size: int) -> bytes:
    """Return some blocks one after the other, with an empty one in the place of each that is not there."""
    found = dict(db.conn.cursor().execute(sql, (*values, json.dumps(blocks))))
    empty = bytes(size)
    return b"".join([found.get(block, empty) for block in blocks])


def _joined(db: Asked, sql: str, values: tuple[str, ...], size: int) -> bytes:
    """Return blocks one after the other, with empty ones where there is none."""
    parts: list[bytes] = []
    for block, part in db.conn.cursor().execute(sql, values):
        parts.extend([bytes(size)] * (block - len(parts)))
        parts.append(part)
    return b"".join(parts)
