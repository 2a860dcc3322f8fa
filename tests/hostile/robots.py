"""robots.txt that is huge, slow, broken or leads away: a page beside each."""

from __future__ import annotations

import gzip

from archive.records import LinkState
from tests.hostile.case import Cases, Later
from tests.hostile.press import article, html
from tests.mockserver import MIB, Exchange, Resource, text

CASES = Cases()


def robots(name: str, what: str, answer: Resource, state: LinkState, reason: str | None, *, number: int) -> None:
    """Add a good page on a site whose robots.txt is not."""
    CASES.page(
        f"robots-{name}", f"robots.txt: {what}", html(article(number)), state, reason,
        robots=answer,
    )  # fmt: skip


def huge() -> bytes:
    """Return 10 MB, in which the page is forbidden first and allowed last."""
    return b"User-agent: *\nDisallow: /news/\n" + b"Disallow: /x\n" * (10 * MIB // 13) + b"Allow: /news/\n"


def bomb() -> bytes:
    """Return a gzip bomb that begins with a rule."""
    return gzip.compress(b"User-agent: *\nDisallow: /news/\n" + b"\n" * (64 * MIB), 1)


async def endless(x: Exchange) -> None:
    """Send rules for ever."""
    await x.head(headers={"Content-Type": "text/plain", "Transfer-Encoding": "chunked"})
    line = b"User-agent: *\nDisallow: /news/\n" * 1000
    while True:
        await x.raw(f"{len(line):x}\r\n".encode() + line + b"\r\n")


async def never(x: Exchange) -> None:
    """Say nothing."""
    await x.site.find("/never")(x)


STARS = b"User-agent: *\nDisallow: /" + b"*a" * 200 + b"$\n" + b"Disallow: /*n*e*w*s*z$\n" * 5_000

robots("huge", "10 MB, forbids first", Later(huge, "text/plain"), "refused", "robots: disallowed", number=200)
robots(
    "bomb",
    "a gzip bomb that forbids",
    Later(bomb, "text/plain", Content_Encoding="gzip"),
    "refused",
    "robots: disallowed",
    number=201,
)
robots("endless", "without end, forbids", endless, "refused", "robots: disallowed", number=202)
robots("silent", "never answered", never, "refused", "robots: unavailable", number=203)
robots("503", "error 503", text(b"", "503 Busy"), "refused", "robots: unavailable", number=204)
robots("round", "a redirect to itself", text(b"", "302 Found", Location="/robots.txt"), "stored", None, number=205)
robots(
    "private", "a redirect to a private address", text(b"", "302 Found", Location="http://10.0.0.1/robots.txt"),
    "refused", "private address", number=206,
)  # fmt: skip
robots("file", "a redirect to file:", text(b"", "302 Found", Location="file:///etc/passwd"), "refused",
       "robots: unavailable", number=207)  # fmt: skip
robots("noise", "a megabyte of noise", text(bytes(range(256)) * 4096), "stored", None, number=208)
robots("html", "a page of HTML", html(article(209)), "stored", None, number=209)
robots("stars", "5,000 rules full of wildcards", text(STARS), "stored", None, number=210)
robots("sitemaps", "names file: and private sitemaps", text(
    b"User-agent: *\nDisallow:\nSitemap: file:///etc/passwd\nSitemap: http://169.254.169.254/sitemap.xml\n"
), "stored", None, number=211)  # fmt: skip
robots("delay", "a Crawl-delay of a billion seconds", text(b"User-agent: *\nCrawl-delay: 999999999\n"), "stored", None,
       number=212)  # fmt: skip
