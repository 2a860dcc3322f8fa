"""Makes the folder of a package appear whole or not at all, and refuses to write over anything but a package."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.export.errors import ExportError
from archive.export.manifest import listed

PART_SUFFIX = ".part"
OLD_SUFFIX = ".old"


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give a block an empty folder beside `target` to write in, and rename it to `target` when the block is done.

    Where `target` is an earlier package with nothing else in it, that is replaced at the end; any other folder
    that is not empty is refused. When the block raises, nothing remains. Raises ExportError.
    """
    check_free(target)
    part = target.with_name(target.name + PART_SUFFIX)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _only_writer(part):
            try:
                yield part
                _to_the_disk(part)
                check_free(target)
                _take_place(part, target)
            except BaseException:
                shutil.rmtree(part, ignore_errors=True)
                raise
    except OSError as error:
        raise ExportError(f"{target}: the package cannot be written ({error.strerror or error}).") from error


def check_free(target: Path) -> None:
    """Raise ExportError unless `target` is free, an empty folder, or an earlier package and nothing else."""
    if not target.exists() and not target.is_symlink():
        return
    if not target.is_dir():
        raise ExportError(f"{target}: this is no folder. Name another one.")
    there = {path.name for path in target.iterdir()}
    if not there:
        return
    known = listed(target)
    if known is None:
        raise ExportError(f"{target}: there is something else in this folder. Name a new one.")
    if foreign := sorted(there - known):
        raise ExportError(
            f"{target}: beside an earlier package there is {foreign[0]} in this folder. Move it, or name a new one."
        )


@contextmanager
def _only_writer(part: Path) -> Iterator[None]:
    """Make `part` an empty folder that no other export writes in; what one that died left there is removed."""
    part.mkdir(exist_ok=True)
    handle = os.open(part, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ExportError(f"{part}: another export writes here. Wait for it, or name another folder.") from error
        _clear(part)
        yield
    finally:
        os.close(handle)


def _clear(part: Path) -> None:
    for path in part.iterdir():
        if path.is_dir():
            raise ExportError(f"{part}: this folder is in the way. Move it, or name another one.")
        path.unlink()


def _to_the_disk(folder: Path) -> None:
    """Wait until the disk has all files of a folder, so that a name in its place means that it is whole."""
    for path in (*sorted(folder.iterdir()), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _take_place(part: Path, target: Path) -> None:
    if not target.exists() or not any(target.iterdir()):
        part.rename(target)  # an empty folder gives way
        return
    old = target.with_name(target.name + OLD_SUFFIX)
    target.rename(old)
    part.rename(target)
    shutil.rmtree(old)
