from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.crawler.middlewares.crawling import crawl
from tests.crawler.middlewares.resolver import FakeResolver
from tests.mockserver import Exchange, MockServer, text

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0",
        "localhost", "127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::]",
        "①②⑦.⓪.⓪.①", "127。0。0。1",
    ],
)  # fmt: skip
async def test_no_spelling_of_loopback_is_connected_to(web: MockServer, tmp_path: Path, host: str) -> None:
    site = web.site()
    port = site.netloc.rpartition(":")[2]
    outcome = await crawl(tmp_path, [f"http://{host}:{port}/page/1"], ALLOW_LOOPBACK=False)
    assert site.asked == []
    assert list(outcome.reasons.values()) == ["private address"]


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["192.168.0.1"], ["100.64.0.1"], ["0.0.0.0"], ["224.0.0.1"],
        ["::1"], ["fe80::1"], ["fd00::1"], ["::ffff:10.0.0.1"], ["64:ff9b::a00:1"], ["2002:a00:1::"],
        ["10.0.0.1", "10.0.0.2"], ["::1", "127.0.0.1"], ["fd00::1", "10.0.0.1", "192.168.1.1"],
    ],
)  # fmt: skip
async def test_a_name_is_judged_by_its_address(web: MockServer, tmp_path: Path, addresses: list[str]) -> None:
    site = web.site()
    FakeResolver.answers["outlet.example"] = [addresses]
    url = f"http://outlet.example:{site.netloc.rpartition(':')[2]}/page/1"
    outcome = await crawl(tmp_path, [url], ALLOW_LOOPBACK=False, HOST_RESOLVER=FakeResolver)
    assert outcome.reasons == {url: "private address"}
    assert site.asked == []


async def test_the_permission_for_loopback_opens_nothing_else(web: MockServer, tmp_path: Path) -> None:
    site = web.site()
    port = site.netloc.rpartition(":")[2]
    FakeResolver.answers.update({"press.example": [["127.0.0.1"]], "router.example": [["192.168.0.1"]]})
    press, router = f"http://press.example:{port}/page/1", f"http://router.example:{port}/page/1"
    outcome = await crawl(tmp_path, [press, router], HOST_RESOLVER=FakeResolver)
    assert list(outcome.pages) == [press]
    assert outcome.reasons == {router: "private address"}


async def test_a_name_that_changes_its_address_is_judged_by_the_one_connected_to(
    web: MockServer, tmp_path: Path
) -> None:
    """Rebinding: a first answer that is fine buys nothing for the second."""
    elsewhere = web.site()
    other_port = elsewhere.netloc.rpartition(":")[2]

    async def away(x: Exchange) -> None:
        await x.head("302 Found", {"Location": f"http://rebound.example:{other_port}/page/2", "Content-Length": "0"})

    site = web.site({"/away": away})
    port = site.netloc.rpartition(":")[2]
    FakeResolver.answers["rebound.example"] = [["127.0.0.1"], ["10.0.0.1"]]
    fine, bad = f"http://rebound.example:{port}/page/1", f"http://rebound.example:{port}/away"
    outcome = await crawl(tmp_path, [fine, bad], HOST_RESOLVER=FakeResolver)
    assert list(outcome.pages) == [fine]
    assert outcome.reasons == {bad: "private address"}
    assert FakeResolver.asked["rebound.example"] >= 2
    assert elsewhere.asked == []


REDIRECTS = {
    "file:///etc/passwd": "scheme refused",
    "data:text/html,hello": "scheme refused",
    "ftp://outlet.example/a": "scheme refused",
    "javascript:alert(1)": "scheme refused",
    "gopher://10.0.0.1/": "scheme refused",
    "s3://bucket/key": "scheme refused",
    "//10.0.0.1/a": "private address",
    "http://169.254.169.254/latest/meta-data/": "private address",
    "http://[fd00::1]/": "private address",
    "http://[::ffff:10.0.0.1]/": "private address",
    "http://192.168.1.1:8080/": "private address",
    "http://3232235777/": "private address",
    "http://0300.0250.0.1/": "private address",
    "http://[::1": "broken address",
    "http://a..b/": "broken address",
    "http://outlet.example:99999/": "broken address",
}


@pytest.mark.parametrize("target", REDIRECTS)
async def test_a_redirect_does_not_lead_inside(web: MockServer, tmp_path: Path, target: str) -> None:
    site = web.site({"/away": text(b"", "302 Found", Location=target)})
    url = site.url("/away")
    outcome = await crawl(tmp_path, [url, site.url("/page/1")])
    assert outcome.reasons == {url: REDIRECTS[target]}
    assert list(outcome.pages) == [site.url("/page/1")]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "data:text/html,hello", "ftp://127.0.0.1/a", "s3://bucket/key"])
async def test_other_schemes_are_refused(tmp_path: Path, url: str) -> None:
    outcome = await crawl(tmp_path, [url])
    assert list(outcome.reasons.values()) == ["scheme refused"]


async def test_a_meta_refresh_is_not_followed(web: MockServer, tmp_path: Path) -> None:
    page = b'<html><meta http-equiv="refresh" content="0; url=http://10.0.0.1/"><p>text</html>'
    site = web.site({"/refresh": text(page, kind="text/html")})
    outcome = await crawl(tmp_path, [site.url("/refresh")])
    assert outcome.pages[site.url("/refresh")].body == page


async def test_a_proxy_of_the_environment_is_not_used(
    web: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a proxy the address that is reached could not be judged."""
    proxy, site = web.site(), web.site()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url())
    monkeypatch.delenv("no_proxy", raising=False)
    outcome = await crawl(tmp_path, [site.url("/page/1")])
    assert urlsplit(outcome.pages[site.url("/page/1")].url).netloc == site.netloc
    assert proxy.asked == []
