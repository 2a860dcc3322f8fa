"""Asks a site's `/.well-known/tdmrep.json` whether it reserves mining: once a day, and only for pages that are kept."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.net import is_local
from crawler.robots_kept import KeptRobots, RobotsShelf

PATH = "/.well-known/tdmrep.json"
MAX_BYTES = 128 * 1024
MAX_RULES = 1_000
_PRIORITY = 1_000
"""Before other pages: one waits for it."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of the file: where it holds (a path as in robots.txt, with * and a $ at the end), what it says."""

    location: str
    reserved: bool


def read_rules(body: bytes) -> tuple[Rule, ...]:
    """Return the rules of a file; what is no rule is left out, what is no file has none."""
    try:
        listed = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return ()
    rules = []
    for one in (listed if isinstance(listed, list) else [listed])[:MAX_RULES]:
        if not isinstance(one, dict):
            continue
        location, says = one.get("location"), one.get("tdm-reservation")
        if isinstance(location, str) and str(says) in ("0", "1"):
            rules.append(Rule(location=location, reserved=str(says) == "1"))
    return tuple(rules)


def reserves(rules: tuple[Rule, ...], url: str) -> bool:
    """Return what the first rule that holds for an address says; where none does, nothing is reserved."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return next((rule.reserved for rule in rules if _holds(rule.location, path)), False)


def _holds(location: str, path: str) -> bool:
    """Match as robots.txt does, in time that grows with the path and not with the stars."""
    whole = location.endswith("$")
    first, *rest = location.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not rest:
        return not whole or at == len(path)
    for piece in rest[:-1]:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    last = rest[-1]
    return path.endswith(last) and len(path) - len(last) >= at if whole else path.find(last, at) >= 0


class TdmFiles:
    """What the sites of one crawl say in their files. `download` sends a request through every middleware.

    A file that is absent, broken or cannot be had reserves nothing; only an answer is kept, for a day.
    """

    def __init__(self, folder: Path, download: Callable[[Request], Awaitable[Response]]) -> None:
        self._shelf = RobotsShelf(folder)
        self._download = download
        self._rules: dict[str, tuple[Rule, ...]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def reserve(self, url: str) -> bool:
        """Return whether the site of an address reserves it."""
        parts = urlsplit(url)
        authority = f"{parts.scheme}://{parts.netloc}"
        async with self._asking.setdefault(authority, asyncio.Lock()):
            if authority not in self._rules:
                kept = self._shelf.get(authority, datetime.now(UTC))
                self._rules[authority] = read_rules(kept.body) if kept else await self._ask(authority)
        return reserves(self._rules[authority], url)

    async def _ask(self, authority: str) -> tuple[Rule, ...]:
        request = Request(
            authority + PATH,
            priority=_PRIORITY,
            callback=NO_CALLBACK,
            dont_filter=True,
            meta={"handle_httpstatus_all": True, "max_retry_times": 0, "download_maxsize": MAX_BYTES},
        )
        try:
            response = await self._download(request)
        except Exception as error:  # the page that asks is there; a file that cannot be had says nothing
            logger.debug("%s%s: %s", authority, PATH, error)
            return ()
        if response.status >= 500 or response.status in (408, 429):
            return ()
        body = response.body if response.status == 200 else b""
        if not is_local(authority):
            self._shelf.put(authority, KeptRobots(status=response.status, body=body, fetched_at=datetime.now(UTC)))
        return read_rules(body)
