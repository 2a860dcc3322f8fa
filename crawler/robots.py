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
_RULE = re.compile(r"[ \t]*(?:allow|di[as]{1,4}l{1,2}[ao]w)", re.I)
"""A line that ends the names of a group, in the spellings that the parser takes for Allow and Disallow."""
_SITEMAP = re.compile(r"[ \t]*site-?maps?", re.I)
_TOKEN = re.compile(r"[a-z0-9_-]*", re.I)


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
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", errors="ignore")
    return body.decode("utf-8-sig", errors="ignore")


def _for_one_crawler(text: str, token: str) -> str:
    """Return the lines that apply to one crawler as a single group: those under its name, else those under `*`.

    Done here and not by the parser for three reasons. It copies each rule to each name above it, so that a file
    of 15,000 names and 20,000 rules would take gigabytes. It takes a beginning of our name for our name, where
    RFC 9309, 2.2.1 wants the whole token. And it ends a group at a Crawl-delay, which 2.2.4 forbids.
    """
    groups: dict[str, list[str]] = {}
    named: set[str] = set()
    common: list[str] = []
    in_rules = False
    for line in text.splitlines():
        match = _AGENT.match(line)
        if match is not None:
            if in_rules:
                named, in_rules = set(), False
            name = _name(match[1], token)
            named.add(name)
            groups.setdefault(name, [])
        elif _SITEMAP.match(line):
            common.append(line)
        else:
            in_rules = in_rules or _RULE.match(line) is not None
            for name in named & {token, "*"}:
                groups[name].append(line)
    return "\n".join(["User-agent: *", *groups.get(token, groups.get("*", [])), *common])


def _name(value: str, token: str) -> str:
    """Return `token`, `*`, or the empty string for another crawler's name."""
    value = value.partition("#")[0].strip()
    if value == "*" or value.startswith("* "):
        return "*"
    match = _TOKEN.match(value)
    return token if match is not None and match[0].lower() == token.lower() else ""
