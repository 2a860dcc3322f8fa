"""One crawl inside a test: give it addresses and it tells what became of each."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler import settings as project
from crawler.middlewares import HANDLERS, ORDER
from crawler.reasons import reason_of

ROOT = Path(__file__).resolve().parents[3]


@dataclass(slots=True)
class Outcome:
    """What a crawl came to, by requested address."""

    pages: dict[str, Response] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    errors: dict[str, BaseException] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    stats: dict[str, Any] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    """Addresses in the order in which they were done."""


class _Asker(Spider):
    name = "asker"

    def __init__(self, requests: Sequence[Request], outcome: Outcome) -> None:
        super().__init__()
        self._requests, self._outcome = requests, outcome

    async def start(self) -> AsyncIterator[Any]:
        for request in self._requests:
            request.meta["asked"] = request.url
            yield request.replace(callback=self.keep, errback=self.note, dont_filter=True)

    def keep(self, response: Response) -> None:
        asked = response.meta["asked"]
        self._outcome.pages[asked] = response
        self._outcome.order.append(asked)

    def note(self, failure: Failure) -> None:
        asked = failure.request.meta["asked"]
        self._outcome.errors[asked] = failure.value
        self._outcome.reasons[asked] = reason_of(failure.value)
        self._outcome.requests[asked] = failure.request
        self._outcome.order.append(asked)


PROJECT = {
    name: value
    for name, value in vars(project).items()
    if name.isupper() and name not in ("ADDONS", "SPIDER_LOADER_CLASS", "COMMANDS_MODULE", "ARCHIVE")
}
"""The project's own settings, but for what wires pipelines and sources, which these tests have none of."""


def settings_for(folder: Path, **changes: Any) -> dict[str, Any]:
    """Return the settings of a real crawl, in a hurry: loopback allowed, short waits."""
    return {
        **PROJECT,
        "DOWNLOADER_MIDDLEWARES": ORDER,
        "DOWNLOAD_HANDLERS": HANDLERS,
        "EXTENSIONS": {
            "scrapy.extensions.throttle.AutoThrottle": None,
            "crawler.throttle.PoliteThrottle": 0,
            "crawler.stopping.QuickStop": 0,
            "scrapy.extensions.telnet.TelnetConsole": None,
        },
        "USER_AGENT": "Dauys/0.1 (+https://example.org/contact)",
        "ALLOW_LOOPBACK": True,
        "LOCKS_DIR": str(folder / "locks"),
        "ROBOTS_DIR": str(folder / "robots"),
        "AUTOTHROTTLE_START_DELAY": 0,
        "RETRY_BACK_OFF_S": 0,
        "DOWNLOAD_TIMEOUT": 2,
        "DOMAIN_LOCK_WAIT_S": 5,
        "LOG_ENABLED": False,
        **changes,
    }


async def crawl(
    folder: Path, requests: Sequence[str | Request], *, stop_when: Callable[[], bool] | None = None, **changes: Any
) -> Outcome:
    """Crawl with every middleware of a real crawl and the given changes to the settings; stop when asked to."""
    outcome = Outcome()
    runner = AsyncCrawlerRunner(settings_for(folder, **changes))
    crawler = runner.create_crawler(_Asker)
    made = [Request(request) if isinstance(request, str) else request for request in requests]
    running = runner.crawl(crawler, requests=made, outcome=outcome)
    while stop_when is not None and not running.done():
        if stop_when():
            await runner.stop()
            break
        await asyncio.sleep(0.01)
    await running
    outcome.stats = crawler.stats.get_stats()
    return outcome


def crawl_elsewhere(folder: Path, urls: Sequence[str], **changes: Any) -> subprocess.Popen[str]:
    """Start the same crawl in another process; its stdout is one JSON object: pages and reasons."""
    task = json.dumps({"folder": str(folder), "urls": list(urls), "changes": changes})
    return subprocess.Popen([sys.executable, "-m", __spec__.name, task], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _main(task: str) -> None:
    asked = json.loads(task)
    outcome = asyncio.run(crawl(Path(asked["folder"]), asked["urls"], **asked["changes"]))
    sys.stdout.write(json.dumps({"pages": list(outcome.pages), "reasons": outcome.reasons}))


if __name__ == "__main__":
    _main(sys.argv[1])
