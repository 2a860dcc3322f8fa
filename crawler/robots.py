"""Reads robots.txt as RFC 9309 asks: which group is ours, how fast we may go, within a size."""

from __future__ import annotations

import re

from protego import Protego

PRODUCT_TOKEN = "Dauys"  # noqa: S105
"""The name that outlets write behind `User-agent:` to address this crawler."""

MAX_BYTES = 512 * 1024
"""Bytes of robots.txt that are read; RFC 9309, 2.5 asks for at least 500 KiB."""

MAX_DELAY_S = 60.0
"""Longest Crawl-delay that is kept. Longer ones would spread a site's daily news over more than a day."""

_AGENT = re.compile(r"[ \t]*user[- ]?agent[ \t]*(?::|[ \t])[ \t]*(.*)", re.I)
_TOKEN = re.compile(r"[a-z_-]*", re.I)
_OTHER = "User-agent: some-other-crawler"


class Rules:
    """What one robots.txt says to one crawler."""

    def __init__(self, body: bytes, *, token: str = PRODUCT_TOKEN) -> None:
        self._token = token
        self._parsed = Protego.parse(_for_one_crawler(_readable(body), token))

    def allowed(self, url: str) -> bool:
        """Tell whether `url` may be fetched; the longest rule that matches it decides, Allow before Disallow."""
        return self._parsed.can_fetch(url, self._token)

    @property
    def delay_s(self) -> float:
        """The seconds to leave between two requests: Crawl-delay or Request-rate, the slower, at most MAX_DELAY_S."""
        delay = self._parsed.crawl_delay(self._token) or 0.0
        rate = self._parsed.request_rate(self._token)
        if rate is not None:
            delay = max(delay, rate.seconds / rate.requests)
        return min(delay, MAX_DELAY_S)

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps that are named, as written."""
        return tuple(self._parsed.sitemaps)


def _readable(body: bytes) -> str:
    """Return the first MAX_BYTES as text, without a line that the limit tore: half a rule is another rule."""
    if len(body) >= MAX_BYTES:
        end = max(body.rfind(b"\n", 0, MAX_BYTES), body.rfind(b"\r", 0, MAX_BYTES))
        body = body[: max(end, 0)]
    return body.decode("utf-8-sig", errors="ignore")


def _for_one_crawler(text: str, token: str) -> str:
    """Return the text with the names of other crawlers made one.

    The parser copies each rule to each crawler named above it, so that a file of 15,000 names and
    20,000 rules would take gigabytes. It also takes a beginning of our name for our name, where RFC 9309,
    2.2.1 wants the whole token.
    """
    lines = []
    for line in text.splitlines():
        match = _AGENT.match(line)
        if match is None:
            lines.append(line)
            continue
        value = match[1].partition("#")[0].strip()
        if value == "*" or value.startswith("* "):
            name = "User-agent: *"
        elif (found := _TOKEN.match(value)) is not None and found[0].lower() == token.lower():
            name = f"User-agent: {token}"
        else:
            name = _OTHER
        if not lines or lines[-1] != name:
            lines.append(name)
    return "\n".join(lines)
