"""Ways in which an archive comes to harm, each a function of its path."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from archive.kept import cells
from archive.warc import OPEN_SUFFIX, folder_of


def sql(*statements: str) -> Callable[[Path], None]:
    def spoil(archive: Path) -> None:
        connection = sqlite3.connect(archive, isolation_level=None)
        cells.register(connection)
        for statement in statements:
            connection.execute(statement)
        connection.close()

    return spoil


def the_warc(archive: Path) -> Path:
    (path,) = folder_of(archive).iterdir()
    return path


def flip_a_byte(archive: Path) -> None:
    path = the_warc(archive)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def cut_the_warc(archive: Path) -> None:
    os.truncate(the_warc(archive), the_warc(archive).stat().st_size - 10)


def lose_the_warc(archive: Path) -> None:
    the_warc(archive).unlink()


def rename_the_warc(archive: Path) -> None:
    the_warc(archive).rename(folder_of(archive) / "moved.warc.gz")


def tear_the_end(archive: Path) -> None:
    """Half a record more, in a file that was closed: what a copying tool leaves that was stopped."""
    path = the_warc(archive)
    path.write_bytes(path.read_bytes() + path.read_bytes()[:150])


def leave_open_and_torn(archive: Path) -> None:
    """What a power cut leaves of the file of a crawl."""
    tear_the_end(archive)
    the_warc(archive).rename(the_warc(archive).with_name(the_warc(archive).name + OPEN_SUFFIX))


def leave_open_and_empty(archive: Path) -> None:
    (folder_of(archive) / f"none.warc.gz{OPEN_SUFFIX}").write_bytes(b"\x1f\x8b\x08")


def swap_two_pages(archive: Path) -> None:
    sql("update pages set payload_sha256 = (select payload_sha256 from pages where id = 2) where id = 1")(archive)


def _root_page(archive: Path, name: str) -> tuple[int, int]:
    connection = sqlite3.connect(archive)
    (root,) = connection.execute("select rootpage from sqlite_master where name = ?", [name]).fetchone()
    (size,) = connection.execute("pragma page_size").fetchone()
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    return root, size


def break_a_table(archive: Path) -> None:
    root, size = _root_page(archive, "articles")
    with archive.open("r+b") as stream:
        stream.seek((root - 1) * size)
        stream.write(os.urandom(size))


def break_an_index(archive: Path) -> None:
    """Every entry of one index is gone, as when its page was written back from an older state."""
    connection = sqlite3.connect(archive)
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    root, size = _root_page(archive, "articles_by_text")
    with archive.open("r+b") as stream:
        stream.seek((root - 1) * size)
        stream.write(b"\x0a" + bytes(4) + size.to_bytes(2, "big") + bytes(size - 7))
