"""Compares two versions of a text word by word, by paragraphs first so that long texts stay cheap."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

MAX_PRODUCT = 4_000_000
"""Old times new items of one comparison, whose cost is quadratic at worst: about 2 s. Beyond it all counts as new."""

_WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text that stayed, was added or was removed."""

    kind: Literal["same", "added", "removed"]
    text: str


def word_diff(old: str, new: str) -> list[Piece]:
    """Return the pieces that turn `old` into `new`: same and removed make `old`, same and added make `new`."""
    return _joined(_words(old, new))


def changed_paragraphs(old: str, new: str) -> list[list[Piece]]:
    """Return the paragraphs (lines) of two texts that differ, each as pieces; what stayed is left out."""
    before, after = old.split("\n"), new.split("\n")
    changed: list[list[Piece]] = []
    for kind, i1, i2, j1, j2 in _opcodes(before, after):
        if kind == "equal":
            continue
        gone, come = before[i1:i2], after[j1:j2]
        paired = min(len(gone), len(come))
        changed += [word_diff(*pair) for pair in zip(gone, come, strict=False)]
        changed += [[Piece(kind="removed", text=line)] for line in gone[paired:]]
        changed += [[Piece(kind="added", text=line)] for line in come[paired:]]
    return [[piece for piece in line if piece.text] for line in changed if any(piece.text.strip() for piece in line)]


def _words(old: str, new: str) -> Iterator[Piece]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    for kind, i1, i2, j1, j2 in _opcodes(before, after):
        if kind == "equal":
            yield Piece(kind="same", text="".join(before[i1:i2]))
            continue
        yield Piece(kind="removed", text="".join(before[i1:i2]))
        yield Piece(kind="added", text="".join(after[j1:j2]))


def _opcodes(before: list[str], after: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield difflib's opcodes, the common beginning and end taken off before the costly part."""
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    tail = next((at for at in range(shorter - head) if before[-1 - at] != after[-1 - at]), shorter - head)
    i2, j2 = len(before) - tail, len(after) - tail
    if head:
        yield "equal", 0, head, 0, head
    if (i2 - head) * (j2 - head) > MAX_PRODUCT:
        yield "replace", head, i2, head, j2
    else:
        matcher = SequenceMatcher(None, before[head:i2], after[head:j2], autojunk=False)
        for kind, a1, a2, b1, b2 in matcher.get_opcodes():
            yield kind, a1 + head, a2 + head, b1 + head, b2 + head
    if tail:
        yield "equal", i2, len(before), j2, len(after)


def _joined(pieces: Iterator[Piece]) -> list[Piece]:
    """Join what a single kept space or comma would cut to shreds, and drop empty pieces."""
    result: list[Piece] = []
    removed = added = ""
    gap = ""
    for piece in pieces:
        if piece.kind == "same":
            if (removed or added) and not any(char.isalnum() for char in piece.text):
                gap += piece.text
                continue
            result += _pair(removed, added)
            removed = added = ""
            result.append(Piece(kind="same", text=gap + piece.text))
            gap = ""
        elif piece.text:
            # the gap belongs to both sides once the change goes on behind it
            removed, added, gap = removed + gap, added + gap, ""
            if piece.kind == "removed":
                removed += piece.text
            else:
                added += piece.text
    result += _pair(removed, added)
    if gap:
        result.append(Piece(kind="same", text=gap))
    return result


def _pair(removed: str, added: str) -> list[Piece]:
    pieces = []
    if removed:
        pieces.append(Piece(kind="removed", text=removed))
    if added:
        pieces.append(Piece(kind="added", text=added))
    return pieces
