"""A crawl that stores nothing: fetches a few addresses by hand, through the same middlewares as every crawl."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response

from crawler.addon import EXTENSIONS


class VisitSpider(Spider):
    """Base of spiders for commands: override `visit`, which awaits `fetch` as often as it likes.

    robots.txt, one request at a time, private hosts and the limits hold as in a crawl; there are no pipelines
    and no row in `runs`.
    """

    name = "visit"
    custom_settings = {  # noqa: RUF012 - declared by the base class
        "ITEM_PIPELINES": {},
        "EXTENSIONS": {name: order for name, order in EXTENSIONS.items() if name != "crawler.runs.RunRecorder"},
        "RETRY_TIMES": 1,
    }

    async def visit(self) -> None:
        """Do the work of the command."""
        raise NotImplementedError

    async def start(self) -> AsyncIterator[Any]:
        """Visit; requests are awaited one after the other and none is left to the scheduler."""
        await self.visit()
        no_requests: tuple[Request, ...] = ()
        for request in no_requests:
            yield request

    async def fetch(self, request: Request) -> Response:
        """Return the answer to a request. Raises what the middlewares and the network raise."""
        engine = self.crawler.engine
        assert engine is not None  # noqa: S101 - the spider runs in it
        return await engine.download_async(request)
