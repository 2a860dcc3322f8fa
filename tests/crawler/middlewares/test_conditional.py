from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request

from crawler.middlewares.conditional import validator_headers
from tests.crawler.middlewares.crawling import crawl
from tests.mockserver import MockServer, in_turn, text

URL = "https://outlet.example/feed"


def test_both_validators_are_sent_as_they_came() -> None:
    headers = validator_headers(URL, etag='W/"a"', last_modified="Sun, 15 Mar 2026 07:00:00 GMT", validated_url=URL)
    assert headers == {"If-None-Match": 'W/"a"', "If-Modified-Since": "Sun, 15 Mar 2026 07:00:00 GMT"}


def test_those_of_another_address_are_not_sent() -> None:
    assert validator_headers(URL, etag='"a"', last_modified=None, validated_url=f"{URL}/") == {}


@given(st.text(max_size=30), st.text(max_size=30))
@settings(deadline=None, max_examples=200)
def test_no_validator_breaks_a_header(etag: str, last_modified: str) -> None:
    for value in validator_headers(URL, etag=etag, last_modified=last_modified).values():
        assert value == value.strip() != ""
        assert not set(value) & set("\r\n\0")
        value.encode("latin-1")


@pytest.mark.asyncio
async def test_an_unchanged_page_costs_a_304_that_the_spider_sees(web: MockServer, tmp_path: Path) -> None:
    site = web.site()
    same, other = site.url("/etag"), site.url("/etag?again")
    requests = [Request(same, meta={"etag": '"one"'}), Request(other, meta={"etag": '"two"'})]
    outcome = await crawl(tmp_path, requests)
    assert [outcome.pages[url].status for url in (same, other)] == [304, 200]
    assert outcome.pages[same].body == b""


@pytest.mark.asyncio
async def test_a_redirect_is_asked_without_the_validators(web: MockServer, tmp_path: Path) -> None:
    """The ETag of the old address might by chance be the new one's, and its page would never be read."""
    site = web.site()
    url = site.url("/to?/etag")
    outcome = await crawl(tmp_path, [Request(url, meta={"etag": '"one"', "last_modified": "yesterday"})])
    assert outcome.pages[url].status == 200
    first, second = site.asked[-2:]
    assert first.headers["if-none-match"] == '"one"'
    assert not {"if-none-match", "if-modified-since"} & set(second.headers)


@pytest.mark.asyncio
async def test_a_retry_asks_with_them_again(web: MockServer, tmp_path: Path) -> None:
    async def broken(x: object) -> None:
        await text(b"", "500 No")(x)  # type: ignore[arg-type]

    site = web.site({"/feed": in_turn(broken, text(b"", "304 Not Modified"))})
    outcome = await crawl(tmp_path, [Request(site.url("/feed"), meta={"etag": '"one"'})])
    assert outcome.pages[site.url("/feed")].status == 304
    assert [asked.headers.get("if-none-match") for asked in site.asked[1:]] == ['"one"', '"one"']


@pytest.mark.asyncio
async def test_a_spider_that_wants_every_status_still_gets_redirects_followed(web: MockServer, tmp_path: Path) -> None:
    site = web.site()
    requests = [Request(site.url(path), meta={"handle_httpstatus_all": True}) for path in ("/hops/2", "/status/404")]
    outcome = await crawl(tmp_path, requests)
    assert {url.partition("/hops")[0] != url: page.status for url, page in outcome.pages.items()} == {
        True: 200,
        False: 404,
    }
