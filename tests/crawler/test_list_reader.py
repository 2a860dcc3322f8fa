"""Lists are read by a process that can be killed, and that does not outstay its use."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

import pytest

from crawler.discovery.answer import EntryAnswer
from crawler.discovery.feed import FeedResult
from crawler.list_reader import ListReader
from crawler.patterns import compile_pattern
from pipelines.worker import Poisoned

pytestmark = pytest.mark.asyncio

FEED = b"<rss><channel><item><link>https://tasaryk.example/1</link></item></channel></rss>"


def answer(body: bytes) -> EntryAnswer:
    return EntryAnswer(
        kind="feed",
        body=body,
        url="https://tasaryk.example/rss",
        content_type=None,
        zone=ZoneInfo("Asia/Almaty"),
        allow=(compile_pattern("/1$"),),
    )


async def test_a_list_is_read_elsewhere_and_comes_back_whole() -> None:
    """Links, kind and problems arrive; two lists may be asked for at once."""
    reader = ListReader()
    try:
        first, second = await asyncio.gather(reader.read(answer(FEED)), reader.read(answer(b"<html><body>no")))
    finally:
        await reader.close()
    assert isinstance(first, FeedResult)
    assert [link.url for link in first.links] == ["https://tasaryk.example/1"]
    assert second == FeedResult(problems=("not a feed: HTML",))


async def test_a_list_that_takes_too_long_is_poison_and_the_next_is_read() -> None:
    """The limit is that of the worker; a process that was ended is followed by another one."""
    reader = ListReader(timeout_s=0.001)
    try:
        with pytest.raises(Poisoned, match="took longer than"):
            await reader.read(answer(FEED * 20_000))
    finally:
        await reader.close()


async def test_the_process_ends_when_no_list_comes() -> None:
    """Pages take their memory elsewhere; a list that comes later starts a new process."""
    reader = ListReader(idle_s=0)
    try:
        await reader.read(answer(FEED))
        worker = reader._worker
        await asyncio.sleep(0.01)
        assert reader._worker is None
        assert isinstance(await reader.read(answer(FEED)), FeedResult)
        assert reader._worker is not worker
    finally:
        await reader.close()
