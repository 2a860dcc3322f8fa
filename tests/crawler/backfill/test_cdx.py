"""The protocol of a web archive, against a server that speaks it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.backfill.cdx import Capture, index_query, original_headers, parse_index, parse_replay, replay_url
from tests.webarchive import Captured, WebArchive

SERVER = "https://archive.example/cdx/search/cdx"
DAYS = {"first": date(2026, 2, 1), "last": date(2026, 4, 19)}


def capture(n: int, stamp: str, **more) -> Captured:
    return Captured(timestamp=stamp, original=f"https://www.tasaryk.example/news/{n}", **more)


def walk(archive: WebArchive, limit: int) -> tuple[list[Capture], int]:
    """Ask page after page, as a backfill does."""
    found: list[Capture] = []
    key, pages = None, 0
    while True:
        query = parse_qs(urlsplit(index_query(SERVER, "tasaryk.example", limit=limit, resume_key=key, **DAYS)).query)
        page = parse_index(archive.index(query))
        assert page is not None
        found += page.captures
        pages += 1
        if page.resume_key is None:
            return found, pages
        key = page.resume_key


def test_all_pages_are_walked_by_their_resume_keys() -> None:
    """Every address once a page, its earliest whole HTML capture within the days, whatever the page size."""
    archive = WebArchive(
        captures=[
            *(capture(n, "20260210120000") for n in range(10)),
            *(capture(n, "20260311120000") for n in range(10)),
            capture(20, "20260210120000", statuscode="404"), capture(21, "20260210120000", mimetype="image/png"),
            capture(22, "20251231235959"), capture(23, "20260420000000"), capture(24, "20260419235959"),
        ]
    )  # fmt: skip
    for limit in (1, 3, 100):
        found, pages = walk(archive, limit)
        numbers = {int(one.original.rpartition("/")[2]) for one in found}
        assert numbers == {*range(10), 24}
        assert pages >= len(numbers) // limit
    whole, _ = walk(archive, 100)
    assert len(whole) == 11
    assert sorted(one.at for one in whole)[:10] == [datetime(2026, 2, 10, 12, tzinfo=UTC)] * 10


def test_keys_go_back_escaped_once() -> None:
    """Some servers give them escaped, some plain."""
    for given_key in ("example,tasaryk)/news/1 20260210120000", "example%2Ctasaryk%29%2Fnews%2F1+20260210120000"):
        url = index_query(SERVER, "tasaryk.example", limit=5, resume_key=given_key, **DAYS)
        assert parse_qs(urlsplit(url).query)["resumeKey"] == ["example,tasaryk)/news/1 20260210120000"]


@pytest.mark.parametrize("body", [b"<html>Too busy</html>", b"\x1f\x8b\x00", b"20261301000000 https://a.example/"])
def test_what_is_no_index_is_none(body: bytes) -> None:
    """A page of HTML, bytes, a thirteenth month: nothing that could be read as 'no captures'."""
    assert parse_index(body) is None


def test_bad_rows_are_counted_and_good_ones_kept() -> None:
    """An index has seen everything: spaces, other schemes."""
    body = b"20260210120000 https://a.example/1\n20260210120000 ftp://a.example/2\n- -\n20260210120000 https://a b\n"
    page = parse_index(body)
    assert page is not None
    assert ([one.original for one in page.captures], page.bad) == (["https://a.example/1"], 3)
    assert parse_index(b"") is not None


def test_a_replayed_address_tells_the_capture() -> None:
    """Also one whose slashes a proxy has merged, and one with a query."""
    at = datetime(2026, 2, 10, 12, 0, 1, tzinfo=UTC)
    one = Capture(at=at, original="https://a.example/n?ID=7&x=%D0%B0")
    url = replay_url("https://archive.example/web/", one)
    assert url == "https://archive.example/web/20260210120001id_/https://a.example/n?ID=7&x=%D0%B0"
    assert parse_replay(url) == one
    assert parse_replay("https://archive.example/web/20260210120001/https:/a.example/n") == Capture(
        at=at, original="https://a.example/n"
    )
    assert parse_replay("https://archive.example/about") is None


@given(st.binary(max_size=400))
def test_no_answer_is_too_odd(body: bytes) -> None:
    """Whatever comes, an answer or none."""
    page = parse_index(body)
    assert page is None or all(one.at.tzinfo for one in page.captures)


def test_the_headers_are_those_of_then() -> None:
    """The archive's own are dropped; what told of the body on the wire is no longer true."""
    got = [
        ("Server", "nginx"), ("Content-Type", "text/html"),
        ("x-archive-orig-content-type", "text/html; charset=cp1251"),
        ("x-archive-orig-content-encoding", "gzip"), ("X-Archive-Orig-Last-Modified", "Tue, 10 Feb 2026 06:00:00 GMT"),
        ("Memento-Datetime", "Tue, 10 Feb 2026 12:00:00 GMT"),
    ]  # fmt: skip
    assert original_headers(iter(got), "https://archive.example/web/x") == (
        ("content-type", "text/html; charset=cp1251"), ("Last-Modified", "Tue, 10 Feb 2026 06:00:00 GMT"),
        ("Memento-Datetime", "Tue, 10 Feb 2026 12:00:00 GMT"), ("X-Dauys-Capture", "https://archive.example/web/x"),
    )  # fmt: skip
