"""What a crawl waits for, so that it can be given up when the crawl is told to stop: answers, and pages being read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from archive.errors import DauysError


class Abandoned(DauysError):
    """Raised in who waited for something that the crawl has given up."""


class UnderWay:
    """The waits of one crawl."""

    def __init__(self) -> None:
        self._patience: set[asyncio.Timeout] = set()
        self._is_over = False

    @asynccontextmanager
    async def waiting(self) -> AsyncIterator[None]:
        """Wait within; raises Abandoned once `abandon` was called."""
        patience = asyncio.timeout(0 if self._is_over else None)
        self._patience.add(patience)
        try:
            async with patience:
                yield
        except TimeoutError as error:
            if patience.expired():
                raise Abandoned("the crawl was told to stop") from error
            raise
        finally:
            self._patience.discard(patience)

    def abandon(self) -> None:
        """Give up all that is waited for, now and later."""
        self._is_over = True
        now = asyncio.get_running_loop().time()
        for patience in self._patience:
            patience.reschedule(now)
