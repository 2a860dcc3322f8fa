"""A crawl that stores nothing: fetches a few addresses by hand, through the same middlewares as every crawl."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.commands import ScrapyCommand
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


class VisitCommand(ScrapyCommand):
    """Base of the commands that visit a site: `--allow-loopback`, and Scrapy's log kept to errors."""

    requires_project = True
    default_settings: ClassVar[dict[str, Any]] = {"SPIDER_LOADER_WARN_ONLY": True}

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add this command's options to Scrapy's."""
        super().add_options(parser)
        parser.add_argument(
            "--allow-loopback", action="store_true", help="let the site be on this machine or a private network"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Turn --allow-loopback into the setting that the middlewares read, and keep Scrapy's log to errors."""
        super().process_options(args, opts)
        assert self.settings is not None  # noqa: S101 - Scrapy sets it before it calls this
        if not opts.loglevel:
            self.settings.set("LOG_LEVEL", "ERROR", priority="cmdline")
        if opts.allow_loopback:
            self.settings.set("ALLOW_LOOPBACK", True, priority="cmdline")
