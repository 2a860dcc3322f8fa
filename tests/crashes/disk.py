"""A disk that loses power: what a recorded program did to its files, and what of it may be left at any moment.

The model is POSIX at its strictest. Data are sure once their file was synced, names once their folder was. What was not
synced may be there in any part: any sectors of any writes, a file's new size without its content, and the names up to
some moment, in order, as journalling file systems keep them.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

SECTOR = 512
"""Bytes that a disk writes whole or not at all."""
Loss = Literal["all", "some", "late", "none"]
"""What of the unsynced is lost: all, sectors here and there, all after a moment, none."""
_HEAD = struct.Struct("<cQQQ")


@dataclass(frozen=True, slots=True)
class Op:
    """One thing that the program did; the letters are those of recorder.c."""

    kind: str
    inode: int
    offset: int
    data: bytes

    @property
    def path(self) -> PurePosixPath:
        """Return the path of an operation on a name."""
        return PurePosixPath(self.data.partition(b"\0")[0].decode())

    @property
    def new_path(self) -> PurePosixPath:
        """Return where a rename led."""
        return PurePosixPath(self.data.partition(b"\0")[2].decode())


def read_log(path: Path) -> list[Op]:
    """Return what recorder.c wrote down; a record that the end of the program cut off is left out."""
    content, at, ops = path.read_bytes(), 0, []
    while at + _HEAD.size <= len(content):
        kind, inode, offset, length = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        if at + length > len(content):
            break
        ops.append(Op(kind.decode(), inode, offset, content[at : at + length]))
        at += length
    return ops


@dataclass(slots=True, eq=False)
class _File:
    """Bytes that are sure, and the writes and truncations since."""

    sure: bytearray = field(default_factory=bytearray)
    unsure: list[Op] = field(default_factory=list)

    def sync(self) -> None:
        for op in self.unsure:
            _apply(self.sure, op)
        self.unsure.clear()

    def after(self, loss: Loss, rng: random.Random) -> bytearray:
        """Return the bytes that are left."""
        content = bytearray(self.sure)
        if loss == "none":
            kept: Iterable[Op] = self.unsure
        elif loss == "late":
            kept = self.unsure[: rng.randint(0, len(self.unsure))]
        elif loss == "some":
            kept = _sectors(self.unsure, rng)
        else:
            kept = ()
        for op in kept:
            _apply(content, op)
        return content


@dataclass(slots=True)
class Disk:
    """The files of one folder, fed with the operations in their order."""

    root: PurePosixPath
    _files: dict[int, _File] = field(default_factory=dict)
    _folders: dict[int, PurePosixPath] = field(default_factory=dict)
    _sure: dict[PurePosixPath, _File | None] = field(default_factory=dict)
    """Names that are sure; None stands for a folder."""
    _unsure: list[tuple[Op, _File | None]] = field(default_factory=list)

    def feed(self, op: Op) -> None:
        """Take one operation."""
        if op.kind == "C":
            self._files[op.inode] = _File()
            self._unsure.append((op, self._files[op.inode]))
        elif op.kind in "UMR":
            self._unsure.append((op, None))
        elif op.kind == "D":
            self._folders[op.inode] = op.path
        elif op.kind == "S" and op.inode in self._folders:
            self._sync_folder(self._folders[op.inode])
        elif op.kind == "S":
            self._files[op.inode].sync()
        else:
            self._files[op.inode].unsure.append(op)

    def cut(self, target: Path, loss: Loss, rng: random.Random) -> None:
        """Write what a power cut at this moment leaves into the folder `target`."""
        names = dict(self._sure)
        kept = {"all": 0, "none": len(self._unsure)}.get(loss, rng.randint(0, len(self._unsure)))
        for op, file in self._unsure[:kept]:
            _rename(names, op, file)
        target.mkdir(parents=True)
        for path, file in sorted(names.items()):
            place = target / path.relative_to(self.root)
            if path != self.root and path.parent != self.root and names.get(path.parent, 0) is not None:
                continue  # its folder was lost
            if file is None:
                place.mkdir(exist_ok=True)
            else:
                place.write_bytes(file.after(loss, rng))

    def _sync_folder(self, folder: PurePosixPath) -> None:
        left = []
        for op, file in self._unsure:
            if op.path.parent == folder:
                _rename(self._sure, op, file)
            else:
                left.append((op, file))
        self._unsure = left


def _rename(names: dict[PurePosixPath, _File | None], op: Op, file: _File | None) -> None:
    if op.kind in "CM":
        names[op.path] = file
    elif op.kind == "U":
        names.pop(op.path, None)
    elif op.path in names:
        names[op.new_path] = names.pop(op.path)


def _apply(content: bytearray, op: Op) -> None:
    size = op.offset if op.kind == "T" else op.offset + len(op.data)
    if op.kind == "T":
        del content[size:]
    if len(content) < size:
        content.extend(bytes(size - len(content)))
    if op.kind == "W":
        content[op.offset : size] = op.data


def _sectors(ops: list[Op], rng: random.Random) -> Iterator[Op]:
    """Yield some sectors of the writes; a truncation is kept or not."""
    share = rng.choice((0.05, 0.5, 0.95))
    for op in ops:
        at = 0
        while at < len(op.data) or op.kind == "T":
            step = SECTOR - (op.offset + at) % SECTOR
            if rng.random() < share:
                yield Op(op.kind, op.inode, op.offset + at, op.data[at : at + step])
            if op.kind == "T":
                break
            at += step
