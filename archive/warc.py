"""Keeps raw pages for good: appends them to WARC files, reads them back, mends what a dead process left open."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from archive.folders import make_folder, sync_folder
from archive.records import Page
from archive.times import now, stored
from archive.warc_format import (
    MAX_RECORD_BYTES,
    WarcError,
    decode_page,
    decompress,
    encode_info,
    encode_page,
    members,
    payload_sha256,
)

OPEN_SUFFIX = ".open"
MAX_FILE_BYTES = 1_000_000_000
"""A file is closed past this size: what the WARC guidelines and most tools expect."""

__all__ = [
    "Capture",
    "WarcError",
    "WarcWriter",
    "folder_of",
    "is_live",
    "locate",
    "payload_sha256",
    "read",
    "read_record",
    "recover",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Where a page is kept: file name (without `.open`), offset and length in bytes of its gzip member."""

    file: str
    offset: int
    length: int
    payload_sha256: str


def folder_of(archive: Path | str) -> Path:
    """Return the folder of the WARC files that belong to the archive at this path."""
    return Path(archive).parent / "warc"


class WarcWriter:
    """Appends pages to files of this process alone; used as a context manager, or closed with `close`.

    A file is named `{prefix}-{YYYYmmddHHMMSS}-{pid}-{serial}.warc.gz`, carries `.open` behind that until it is
    closed, and is locked while it is open. It is made with the first page; a new one follows past
    `max_bytes` and at midnight UTC. With `durable`, each page is on the disk when `write` returns (0.3 ms
    on an SSD), so that no row of the archive can point at a page that a power cut took.
    """

    def __init__(
        self,
        folder: Path | str,
        prefix: str,
        *,
        info: Mapping[str, str] | None = None,
        max_bytes: int = MAX_FILE_BYTES,
        durable: bool = True,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.folder = Path(folder)
        self.prefix = "".join(char if char.isalnum() or char in "._" else "_" for char in prefix)[:80] or "page"
        self.info = dict(info or {})
        self.max_bytes = max_bytes
        self.durable = durable
        self.clock = clock
        self._serial = 0
        self._fd: int | None = None
        self._name = ""
        self._day = ""
        self._size = 0
        self._begin = 0
        self._is_put_off = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def write(self, page: Page, record: bytes | None = None, *, sha256: str | None = None) -> Capture:
        """Append `page` and return where it is; raise WarcError when it cannot be kept, the file left whole.

        `record` is `encode_page(page)`, `sha256` the digest of its body, where the caller made them beforehand.
        """
        sha256 = sha256 or payload_sha256(page.body)
        record = record or encode_page(page, sha256)
        try:
            if self._fd is not None and (self._size >= self.max_bytes or self._day != self.clock().date().isoformat()):
                self.close()
            if self._fd is None:
                self._open()
            offset = self._append(record)
        except OSError as error:
            raise WarcError(f"{self.folder}: the page cannot be kept ({error.strerror or error})") from error
        return Capture(file=self._name, offset=offset, length=len(record), payload_sha256=sha256)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Have all pages that are written inside on the disk at the end of the block, with one wait for it.

        What was written is taken back when the block fails, so that no record is left which nothing points at.
        """
        name, size = self._name if self._fd is not None else "", self._size
        self._is_put_off = True
        try:
            yield
            try:
                self._sync()
            except OSError as error:
                raise WarcError(f"{self.folder}: pages cannot be kept ({error.strerror or error})") from error
        except BaseException:
            if self._fd is not None:
                self._size = size if self._name == name else self._begin
                os.ftruncate(self._fd, self._size)
            raise
        finally:
            self._is_put_off = False

    def _sync(self) -> None:
        """Wait until what was appended is on the disk, where that is wanted."""
        if self.durable and self._fd is not None:
            os.fdatasync(self._fd) if hasattr(os, "fdatasync") else os.fsync(self._fd)

    def close(self) -> None:
        """Give the open file its final name. Does nothing when none is open."""
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        try:
            os.fsync(fd)
            opened = self.folder / (self._name + OPEN_SUFFIX)
            opened.rename(self.folder / self._name)
            sync_folder(self.folder)
        except OSError as error:
            raise WarcError(f"{self.folder / self._name}: cannot be closed ({error.strerror or error})") from error
        finally:
            os.close(fd)

    def _open(self) -> None:
        make_folder(self.folder)
        moment = self.clock()
        while True:
            self._serial += 1
            name = f"{self.prefix}-{moment:%Y%m%d%H%M%S}-{os.getpid()}-{self._serial:05d}.warc.gz"
            fd = _create_locked(self.folder, name)
            if fd is not None:
                break
        self._fd, self._name, self._day, self._size = fd, name, moment.date().isoformat(), 0
        try:
            self._append(encode_info(name, stored(moment), self.info))
            self._begin = self._size
            sync_folder(self.folder)
        except OSError:
            # a file that cannot take even its first record is not left behind
            self._fd = None
            (self.folder / (name + OPEN_SUFFIX)).unlink(missing_ok=True)
            os.close(fd)
            raise

    def _append(self, record: bytes) -> int:
        """Write a whole record or nothing, and return its offset."""
        assert self._fd is not None  # noqa: S101 - narrows the type; `_open` has just set it
        offset = self._size
        try:
            rest = memoryview(record)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
            if not self._is_put_off:
                self._sync()
        except OSError:
            os.ftruncate(self._fd, offset)
            raise
        self._size += len(record)
        return offset


def read(folder: Path | str, file: str, offset: int, length: int) -> Page:
    """Return the page that a capture points at, from a closed file or one still open, its digest checked.

    Raises WarcError when the file is not there or the record is not whole.
    """
    record = read_record(folder, file, offset, length)
    try:
        return decode_page(decompress(record))
    except WarcError as error:
        raise WarcError(f"{Path(folder) / file} at {offset}: {error}") from error


def read_record(folder: Path | str, file: str, offset: int, length: int) -> bytes:
    """Return the compressed record that a capture points at, as it stands in its file; raise WarcError."""
    path = locate(folder, file)
    if offset < 0 or not 0 < length <= MAX_RECORD_BYTES:
        raise WarcError(f"{path}: no record can be at {offset} with a length of {length}")
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            return stream.read(length)
    except OSError as error:
        raise WarcError(f"{path}: {error.strerror or error}") from error


def locate(folder: Path | str, file: str) -> Path:
    """Return the path of a WARC file under its final or its `.open` name; raise WarcError when there is neither."""
    if not file or Path(file).name != file:
        raise WarcError(f"{file!r} is not the name of a WARC file")
    final = Path(folder) / file
    opened = Path(folder) / (file + OPEN_SUFFIX)
    # Asked a second time, since a file may get its final name between the two looks.
    for path in (final, opened, final):
        if path.is_file():
            return path
    raise WarcError(f"{final}: there is no such WARC file")


def recover(folder: Path | str) -> list[Path]:
    """Close the files that dead processes left open and return their final paths.

    Whatever follows the last whole record is cut off: a page is on the disk before the archive knows of
    it, so a torn record belongs to nothing. A file without a whole record is removed. A file whose
    process lives is locked and stays as it is.
    """
    mended = []
    for opened in sorted(Path(folder).glob(f"*.warc.gz{OPEN_SUFFIX}")):
        try:
            fd = os.open(opened, os.O_RDWR)
        except FileNotFoundError:  # another process has closed or mended it
            continue
        try:
            if not _lock(fd, opened):
                continue
            end = max((m.offset + m.length for m in members(opened) if m.fault is None), default=0)
            if end == 0:
                opened.unlink()
                continue
            os.ftruncate(fd, end)
            os.fsync(fd)
            mended.append(opened.rename(opened.with_name(opened.name.removesuffix(OPEN_SUFFIX))))
        finally:
            os.close(fd)
    if mended:
        sync_folder(Path(folder))
    return mended


def is_live(opened: Path) -> bool:
    """Tell whether a running process holds this `.open` file."""
    try:
        with opened.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:  # it has just got its final name
        return False
    return False


def _create_locked(folder: Path, name: str) -> int | None:
    """Make and lock a new file; return None when the name is taken or `recover` was quicker than the lock."""
    opened = folder / (name + OPEN_SUFFIX)
    if (folder / name).exists():
        return None
    try:
        fd = os.open(opened, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o644)
    except FileExistsError:
        return None
    if _lock(fd, opened):
        return fd
    os.close(fd)
    return None


def _lock(fd: int, path: Path) -> bool:
    """Lock an open file without waiting; return False when another process holds it or the name moved on.

    The lock is the kernel's and ends with its process however that dies, which a process id in the name
    does not tell: ids are used again, and other machines and containers have their own.
    """
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(fd), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False
