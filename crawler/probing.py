"""Probes a site through the middlewares of every crawl, and tells people what was found."""

from __future__ import annotations

import sys
from typing import Any

from scrapy import Request

from archive.clean import clean_line
from crawler.answers import header
from crawler.discovery.probe import Fetched, Found, ProbeError, Report, probe
from crawler.reasons import reason_of
from crawler.visit import VisitSpider

DELAY_S = 1.0
"""Seconds between two requests; robots.txt may ask for more."""


class ProbeSpider(VisitSpider):
    """Carries a probe's requests through the project's middlewares."""

    name = "probe"
    custom_settings = {**VisitSpider.custom_settings, "DOWNLOAD_DELAY": DELAY_S}  # noqa: RUF012 - declared by the base

    def __init__(self, *, url: str, outcome: list[Report | ProbeError], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._url = url
        self._outcome = outcome

    async def visit(self) -> None:
        """Probe."""
        try:
            self._outcome.append(await probe(self._url, self._fetched))
        except ProbeError as error:
            self._outcome.append(error)

    async def _fetched(self, url: str) -> Fetched:
        """Fetch one address; whatever goes wrong is told in the answer."""
        _progress(f"asking {url}")
        try:
            response = await self.fetch(Request(url, dont_filter=True))
        except Exception as error:  # the probe goes on, and says what it was
            return Fetched(url=url, error=reason_of(error))
        return Fetched(
            url=response.url,
            status=response.status,
            body=response.body,
            content_type=header(response, "Content-Type"),
        )


def describe(report: Report) -> list[str]:
    """Return what was found and tried, as lines for people; nothing a page wrote reaches the terminal raw."""
    lines = [f"{report.homepage}  {clean_line(report.name, 80)}"]
    for found in report.found:
        newest = f"newest {found.newest:%Y-%m-%d %H:%M %z}" if found.newest else "no dates"
        children = f", {found.children} sitemaps" if found.children else ""
        lines.append(f"  {found.kind:<12}  {len(found.links):>5} links{children}, {newest}  {_shown(found)}")
        lines.extend(f"      {clean_line(title, 100)}" for title in found.titles)
        lines.extend(f"      ! {clean_line(problem, 160)}" for problem in found.problems)
    lines.extend(f"  -  {clean_line(url, 120)}: {clean_line(reason, 120)}" for url, reason in report.tried)
    return lines


def _shown(found: Found) -> str:
    return clean_line(found.url, 200) + (f" ({clean_line(found.language, 20)})" if found.language else "")


def _progress(text: str) -> None:
    """Say what is being asked, on a terminal only, on one line that the next one overwrites."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{clean_line(text, 100)}", end="\r", file=sys.stderr, flush=True)
