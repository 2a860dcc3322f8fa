"""A backlog of pages is read by as many processes as there may be; a few pages by one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pipelines import readers as module
from pipelines.items import FetchedPage, TopicChoice
from pipelines.readers import BACKLOG, LARGE_BYTES, PATIENCE, SECOND_GROWTH_BYTES, Readers
from pipelines.worker import Poisoned

CHOICE = TopicChoice(file=Path("topics.toml"))


class Desk:
    """Stands for a worker: counts what it is given and is done when told."""

    def __init__(self, done: asyncio.Event) -> None:
        self.given = 0
        self._done = done

    async def run(self, *task: object) -> None:
        """Take a page."""
        self.given += 1
        await self._done.wait()


async def given(readers: int, pages: int, size: int = 1000) -> list[int]:
    """Return how many pages each reader was given while none was read."""
    done = asyncio.Event()
    pool = Readers(processes=readers)
    desks = [Desk(done) for _ in pool._workers]
    pool._workers = cast("Any", desks)
    page = cast("FetchedPage", SimpleNamespace(page=SimpleNamespace(body=b"x" * size)))
    reading = [asyncio.create_task(pool.read(page, CHOICE)) for _ in range(pages)]
    await asyncio.sleep(0)
    done.set()
    await asyncio.gather(*reading)
    assert pool._waiting == [0] * len(desks)
    return [desk.given for desk in desks]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("readers", "pages", "expected"),
    [(2, 3, [3, 0]), (2, BACKLOG + 1, [BACKLOG, 1]), (2, 4 * BACKLOG, [2 * BACKLOG, 2 * BACKLOG]), (1, 9, [9])],
)
async def test_a_backlog_has_every_reader(readers: int, pages: int, expected: list[int]) -> None:
    """A poll that brings three pages starts one process; a backlog is shared evenly by those there are."""
    assert await given(readers, pages) == expected


@pytest.mark.anyio
async def test_large_pages_are_read_by_one() -> None:
    """Only one process at a time may need the memory of a large page; more than two there never are."""
    assert await given(2, 4 * BACKLOG, LARGE_BYTES) == [4 * BACKLOG, 0]
    assert await given(9, 4 * BACKLOG) == [2 * BACKLOG, 2 * BACKLOG]


def grow(item: FetchedPage, choice: TopicChoice) -> int:
    """Take as much memory as the second process does not give."""
    return len(bytearray(SECOND_GROWTH_BYTES + 20 * 1024**2)) + len(item.page.body)


@pytest.mark.anyio
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is told in /proc, on Linux")
async def test_what_is_too_much_for_the_second_process_is_read_by_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """An honest page that needs the memory is read wherever its turn fell; none is called poison for its place."""
    monkeypatch.setattr(module, "read_page", grow)
    monkeypatch.setattr(module, "prepare", None)
    pool = Readers(processes=2)
    page = cast("FetchedPage", SimpleNamespace(page=SimpleNamespace(body=b"x")))
    try:
        sizes = await asyncio.gather(*(pool.read(page, CHOICE) for _ in range(BACKLOG + 3)))
    finally:
        await pool.close()
    assert sizes == [SECOND_GROWTH_BYTES + 20 * 1024**2 + 1] * (BACKLOG + 3)


class Ended(Desk):
    """Stands for a worker that a page ended."""

    async def run(self, *task: object) -> None:
        """Take a page and die of it."""
        self.given += 1
        raise Poisoned("took longer than 30 s")


@pytest.mark.anyio
async def test_an_outlet_whose_pages_end_readers_holds_up_no_other() -> None:
    """After so many such pages all of the outlet's are the first process's, and the others' are not."""
    done = asyncio.Event()
    pool = Readers(processes=2)
    page = cast("FetchedPage", SimpleNamespace(page=SimpleNamespace(body=b"x")))
    pool._workers = cast("Any", [Ended(done), Ended(done)])
    for _ in range(PATIENCE):
        with pytest.raises(Poisoned):
            await pool.read(page, CHOICE, outlet="hostile")
    desks = [Desk(done), Desk(done)]
    pool._workers = cast("Any", desks)
    reading = [asyncio.create_task(pool.read(page, CHOICE, outlet="hostile")) for _ in range(4 * BACKLOG)]
    await asyncio.sleep(0)
    reading += [asyncio.create_task(pool.read(page, CHOICE, outlet="honest")) for _ in range(3)]
    await asyncio.sleep(0)
    done.set()
    await asyncio.gather(*reading)
    assert [desk.given for desk in desks] == [4 * BACKLOG, 3]
