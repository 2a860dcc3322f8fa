"""What the crawls of one process share: the desk of the archive, and the processes that read pages and lists."""

from __future__ import annotations

from typing import Self

from scrapy.settings import BaseSettings

from crawler.list_reader import ListReader
from pipelines.keeper import Desk
from pipelines.readers import Readers
from pipelines.worker import TIMEOUT_S

LISTS_AT_ONCE = 2
"""Processes that read lists where several crawls have some: one hostile list holds up no other outlet."""


class Workshop:
    """Opened for a process that crawls, or by a crawl that is alone in its own; nothing is started before it is needed.

    Settings: ARCHIVE; READERS, processes for a backlog of pages; READ_TIME_LIMIT_S (30), seconds for a page or a list.
    """

    def __init__(self, *, desk: Desk, readers: Readers, lists: ListReader) -> None:
        self.desk = desk
        self.readers = readers
        self.lists = lists

    @classmethod
    def open(cls, settings: BaseSettings, *, prefix: str, lists_at_once: int = 1) -> Self:
        """Open the archive; its WARC files are named for `prefix`. Raises ArchiveError."""
        time_limit_s = settings.getfloat("READ_TIME_LIMIT_S", TIMEOUT_S)
        return cls(
            desk=Desk(settings["ARCHIVE"], prefix=prefix),
            readers=Readers(processes=settings.getint("READERS", 1), timeout_s=time_limit_s),
            lists=ListReader(timeout_s=time_limit_s, processes=lists_at_once),
        )

    async def close(self) -> None:
        """End the processes and close the archive."""
        await self.lists.close()
        await self.readers.close()
        self.desk.close()
