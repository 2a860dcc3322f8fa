"""Feeds, sitemaps and sections that are bombs, floods, mazes or lead away."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence

from tests.hostile.case import Cases, Later
from tests.mockserver import MIB, Exchange, text

CASES = Cases()
entry = CASES.entry

OLD = "<pubDate>Tue, 10 Mar 2020 04:00:00 GMT</pubDate>"
"""Before every topic's window, so that a link is known and never asked for."""
ITEM = "<item><title>Новость {n}</title><link>/news/old-{n}-12345</link>" + OLD + "</item>"


def rss(items: str) -> str:
    """Return a feed."""
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>"


def xml(make: Callable[[], str | bytes]) -> Later:
    """Make a resource of a feed or sitemap."""
    return Later(make, kind="application/xml")


def packed(make: Callable[[], str | bytes]) -> Later:
    """Make a resource of one in gzip, as files with that ending are."""

    def body() -> bytes:
        made = make()
        return gzip.compress(made.encode() if isinstance(made, str) else made, 1)

    return Later(body, kind="application/gzip")


def urls(first: int, last: int) -> str:
    """Return a sitemap of old articles."""
    rows = "".join(
        f"<url><loc>/news/old-{n}-12345</loc><lastmod>2020-03-{n % 28 + 1:02}</lastmod></url>"
        for n in range(first, last)
    )
    return f"<urlset>{rows}</urlset>"


# ---- feeds -----------------------------------------------------------------------------------------------------
ENTITIES = "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefghi", "bcdefghij", strict=True))
LOL = f"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a 'lol'>{ENTITIES}]>" + rss(
    ITEM.format(n="&j;") + ITEM.format(n=1)
)
XXE = "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + rss(
    f"<item><title>&x;</title><link>/news/xxe-12345</link>{OLD}</item>"
)
DTD = "<?xml version='1.0'?><!DOCTYPE rss SYSTEM 'http://169.254.169.254/x.dtd'>" + rss(ITEM.format(n=1))
AWAY = rss(
    "".join(
        f"<item><link>{link}</link>{OLD}</item>"
        for link in (
            "file:///etc/passwd", "data:text/html,x", "javascript:alert(1)", "http://169.254.169.254/", "http://[::1",
            "http://3232235777/", "//10.0.0.1/news/x-12345", "http://user:pass@127.0.0.1/", "http://a..b/",
        )
    )
    + ITEM.format(n=1)
)  # fmt: skip
COMMANDS = "\x1b[2J&#x202e;&#0;&lt;script&gt;=1+1"
NEVER = ("Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 30 Feb 2026 25:61:00 GMT", "9" * 4000)


def dated(dates: Sequence[str]) -> str:
    """Return a feed of empty articles with these dates."""
    return rss("".join(f"<item><link>/news/dated-{n}</link><pubDate>{d}</pubDate></item>" for n, d in enumerate(dates)))


def spread() -> str:
    """Return a feed whose first entry has 300,000 attributes."""
    return rss(f"<item {' '.join(f'a{n}=1' for n in range(300_000))}></item>{ITEM.format(n=1)}")


entry("billion-laughs", "a feed of a billion laughs", "feed", xml(lambda: LOL), None, links=2)
entry("xxe", "a feed that names a file as an entity", "feed", xml(lambda: XXE), None, links=1)
entry("dtd", "a feed whose DTD is elsewhere", "feed", xml(lambda: DTD), None, links=1)
entry(
    "feed-flood", "a feed of 60,000 entries", "feed",
    xml(lambda: rss("".join(ITEM.format(n=n) for n in range(60_000)))),
    "longer than 5,242,880 bytes: the rest was not read", links=5_000,
)  # fmt: skip
entry("feed-nested", "a feed of 1,000,000 nested tags", "feed", xml(lambda: "<rss><channel>" + "<a>" * 1_000_000),
      "tags without an entry: the rest was not read")  # fmt: skip
entry("feed-attributes", "an entry with 300,000 attributes", "feed", xml(spread), "1 of 2 entries", links=1)
entry("feed-torn", "a feed of 60,000 items that never end", "feed",
      xml(lambda: "<rss><channel>" + "<item><link>/news/1-12345<link><![CDATA[" * 60_000), "tags without")  # fmt: skip
entry("feed-links-away", "a feed that links to files, scripts and private addresses", "feed", xml(lambda: AWAY),
      "links refused", links=1)  # fmt: skip
entry("feed-html", "a page where a feed was", "feed", Later(lambda: "<html><body>moved"), "not a feed: HTML")
entry(
    "feed-bomb", "a feed that is a gzip bomb itself", "feed",
    packed(lambda: f"<rss><channel><item><link>/news/1-12345</link>{OLD}" + " " * (64 * MIB)),
    "longer than 5,242,880 bytes: the rest was not read", links=1,
)  # fmt: skip
entry("feed-json", "a JSON feed of a million values", "feed", Later(lambda: "[" + "1," * 1_000_000 + "1]"),
      "not a feed: JSON of too many values")  # fmt: skip
entry("feed-deep-json", "a JSON feed 1,000,000 levels deep", "feed", Later(lambda: '{"items":' + "[" * 1_000_000),
      "not a feed: JSON of too many values")  # fmt: skip
entry("feed-dates", "a feed of the years 1 and 9999 and of 30 February", "feed", xml(lambda: dated(NEVER)), None,
      links=4)  # fmt: skip
entry("feed-future", "a feed of 100 empty articles of the year 2098", "feed",
      xml(lambda: dated(["Fri, 31 Dec 2098 23:59:59 GMT"] * 100)), None, links=100)  # fmt: skip
entry(
    "feed-commands", "a feed of titles that are commands", "feed",
    xml(lambda: rss(f"<item><title>{COMMANDS}</title><link>/news/c-12345</link>{OLD}</item>")),
    None, links=1,
)  # fmt: skip


# ---- sitemaps --------------------------------------------------------------------------------------------------
async def maze(x: Exchange) -> None:
    """Answer each address with an index of ten others."""
    rows = "".join(f"<sitemap><loc>{x.asked.target}/{n}</loc></sitemap>" for n in range(10))
    await x.answer(f"<sitemapindex>{rows}</sitemapindex>".encode(), kind="application/xml")


def index(*locs: str) -> Later:
    """Make a resource of a sitemap index."""
    rows = "".join(f"<sitemap><loc>{loc}</loc></sitemap>" for loc in locs)
    return xml(lambda: f"<sitemapindex>{rows}</sitemapindex>")


entry("sitemap-flood", "a sitemap of 400,000 addresses", "sitemap", packed(lambda: urls(0, 400_000)),
      "50,000 addresses read, none after them", links=5_000)  # fmt: skip
entry("sitemap-maze", "a sitemap index that generates itself", "sitemap", maze, "not fetched")
entry(
    "sitemap-away", "an index of files and private addresses", "sitemap",
    index("file:///etc/passwd", "data:text/xml,<urlset/>", "http://169.254.169.254/s.xml", "http://3232235777/"),
    "sitemap refused",
)  # fmt: skip
entry(
    "sitemap-broken-address", "a sitemap with 'http://[::1' before its addresses", "sitemap",
    xml(lambda: "<urlset><url><loc>http://[::1</loc></url>" + urls(0, 30).removeprefix("<urlset>")),
    "1 addresses refused", links=30,
)  # fmt: skip
entry("sitemap-bomb", "a sitemap that is a bomb in gzip", "sitemap", packed(lambda: "<urlset>" + " " * (80 * MIB)),
      "longer than 52,428,800 bytes")  # fmt: skip
entry(
    "sitemap-laughs", "a sitemap of a billion laughs", "sitemap",
    xml(lambda: LOL.partition("<rss")[0].replace("DOCTYPE rss", "DOCTYPE urlset") + urls(0, 3)), None, links=3,
)  # fmt: skip
entry("sitemap-nested", "a sitemap of 1,000,000 nested tags", "sitemap", xml(lambda: "<urlset>" + "<url>" * 1_000_000),
      "tags without an entry")  # fmt: skip

# ---- sections --------------------------------------------------------------------------------------------------


def listing(kind: str, count: int) -> str:
    """Return a page of links."""
    return "<html><body>" + "".join(
        f'<a href="{kind.format(n=n)}">Новость {n} о чём-то важном</a>' for n in range(count)
    )


async def calendar(x: Exchange) -> None:
    """Answer each day with links to no article and to the next day."""
    day = int(x.asked.target.rpartition("=")[2]) if "=" in x.asked.target else 1
    page = f'<html><body><a rel=next href="/lists/calendar?page={day + 1}">завтра</a><a href="/about">О нас</a>'
    await x.answer(page.encode())


AWAY_PAGE = (
    '<base href="file:///etc/"><a href="passwd">Новость о чём-то важном 12345</a>'
    '<a href="javascript:alert(1)">Новость о чём-то важном</a>'
    '<a href="http://169.254.169.254/a-b-c-d-12345">Новость о чём-то важном</a>'
)

entry("calendar", "a calendar without end", "section", calendar, "no links to articles")
entry("facets", "20,000 orders and filters of one list", "section",
      Later(lambda: listing("/news/?sort={n}&filter={n}", 20_000)), "no links to articles")  # fmt: skip
entry("section-flood", "a section of 50,000 links", "section",
      Later(lambda: listing("/news/2020/01/02/old-{n}-12345", 50_000)), "the page was cut", links=2_000,
      more={"/robots.txt": text("User-agent: *\nDisallow: /news/")})  # fmt: skip
entry("section-tags", "3,000,000 unfinished tags", "section", Later(lambda: "<a " * 3_000_000), "the page was cut")
entry("section-away", "a section of scripts, files and other hosts", "section", Later(lambda: AWAY_PAGE),
      "no links to articles")  # fmt: skip
