"""Addresses that lead where no crawler may go: by redirects, refreshes and what pages say of themselves."""

from __future__ import annotations

from typing import Any

from tests.hostile.case import Article, Cases
from tests.hostile.press import article, html
from tests.mockserver import Exchange, Resource, text

CASES = Cases()
page = CASES.page


def leads(target: str) -> Resource:
    """Make a resource that redirects."""
    return text(b"", "302 Found", Location=target)


for name, what, target, reason in (
    ("file", "file:", "file:///etc/passwd", "scheme refused"),
    ("data", "data:", "data:text/html,<p>hello", "scheme refused"),
    ("javascript", "javascript:", "javascript:alert(1)", "scheme refused"),
    ("ftp", "ftp:", "ftp://127.0.0.1/etc/passwd", "scheme refused"),
    ("s3", "s3:", "s3://bucket/key", "scheme refused"),
    ("private", "a private address", "http://192.168.1.1/", "private address"),
    ("link-local", "the cloud's metadata", "http://169.254.169.254/latest/meta-data/", "private address"),
    ("unspecified", "0.0.0.0", "http://0.0.0.0:22/", "private address"),
    ("decimal", "a private address in decimal", "http://3232235777/", "private address"),
    ("octal", "one in octal", "http://0300.0250.0001.0001/", "private address"),
    ("hex", "one in hexadecimal", "http://0xc0a80101/", "private address"),
    ("mapped", "one mapped into IPv6", "http://[::ffff:10.0.0.1]/", "private address"),
    ("local-6", "a local IPv6 address", "http://[fd00::1]/", "private address"),
    ("nat64", "one behind NAT64", "http://[64:ff9b::a00:1]/", "private address"),
    ("full-width", "full-width digits", "http://１９２.168.1.1/".encode().decode("latin-1"), "private address"),
    ("broken-host", "a broken address", "http://[::1", "broken address"),
    ("bad-port", "a port that does not exist", "http://outlet.example:99999/", "broken address"),
):
    state: Any = "failed" if reason == "broken address" else "refused"
    page(f"to-{name}", f"a redirect to {what}", leads(target), state, reason)

page("hops", "six redirects", "/hops/6", reason="too many redirects")
page("round", "a redirect to itself", "/round", reason="too many redirects")


async def rebind(x: Exchange) -> None:
    """Lead to a name that is this server's at the first question, and from there to the same name and another port."""
    port = int(x.site.netloc.rpartition(":")[2])
    inner = f"http://rebound.example:{port}/to?http://rebound.example:{port - 1}/page/1"
    await x.head("302 Found", {"Location": inner, "Content-Length": "0"})


page("rebinding", "a name that changes its address", rebind, "refused", "private address")


def own(row: Article) -> None:
    """The article is known by the address at which it was asked for, and nothing of it leads elsewhere."""
    assert row["url"].startswith("http://127.0.66.")
    assert row["image_url"] is None


REFRESH = '<meta http-equiv="refresh" content="0; url=http://169.254.169.254/">'
CANONICAL = '<link rel="canonical" href="http://{}/"><meta property="og:url" content="http://{}/">'
JSON_LD = (
    '<script type="application/ld+json">{"@type":"NewsArticle","url":"javascript:alert(1)",'
    '"mainEntityOfPage":"file:///etc/passwd","image":"javascript:alert(1)"}</script>'
    '<base href="file:///etc/"><meta property="og:image" content="javascript:alert(1)">'
)
page("refresh", "a meta refresh to the cloud's metadata", html(article(120, head=REFRESH)), "stored", check=own)
page(
    "canonical", "a canonical address that is private",
    html(article(121, head=CANONICAL.format("10.0.0.1", "localhost"))), "stored", check=own,
)  # fmt: skip
page("json-ld-urls", "javascript: and file: in JSON-LD, base and og:image", html(article(122, head=JSON_LD)), "stored",
     check=own)  # fmt: skip
