"""The site shows the archive with its meanings; SQL of one's own is for loopback."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path

import pytest

from archive.site.app import database_name, is_loopback, metadata, site
from archive.site.policy import is_own_name

shown = cache(site)
"""One site for all tests that only ask it: each new one compiles every template again."""


@pytest.mark.asyncio
async def test_the_pages_answer(pressed: Path) -> None:
    client = shown(pressed).client
    for path in (
        "/",
        "/archive",
        "/archive/articles",
        "/archive/articles/1",
        "/archive/reprints",
        "/archive/source_health",
    ):
        answer = await client.get(path)
        assert answer.status_code == 200, path
    assert "What was published, copied, changed and removed" in (await client.get("/")).text
    assert "Headline" in (await client.get("/archive/articles")).text


@pytest.mark.asyncio
async def test_the_full_text_index_is_found(pressed: Path) -> None:
    answer = await shown(pressed).client.get("/archive/articles.json?_search=бюджет&_shape=array")
    assert [row["id"] for row in answer.json()] == [5]


@pytest.mark.asyncio
async def test_sql_is_for_loopback(pressed: Path) -> None:
    query = "/archive.json?sql=select+1+as+one"
    # the 1.0 line has moved it to an address of its own
    assert (await shown(pressed).client.get(query, follow_redirects=True)).status_code == 200
    public = shown(pressed, "0.0.0.0").client
    assert (await public.get(query, follow_redirects=True)).status_code == 403
    assert (await public.get("/archive.db")).status_code == 403
    assert (await public.get("/archive/articles")).status_code == 200


@pytest.mark.asyncio
async def test_what_was_forgotten_is_not_for_a_public_site(pressed: Path) -> None:
    assert (await shown(pressed).client.get("/archive/tombstones")).status_code == 200
    for public in (shown(pressed, "0.0.0.0").client, shown(pressed, public=True).client):
        assert (await public.get("/archive/tombstones")).status_code == 403
        assert (await public.get("/archive/tombstones.json")).status_code == 403
        assert "tombstones" not in (await public.get("/archive")).text


@pytest.mark.asyncio
async def test_nothing_can_be_written(pressed: Path) -> None:
    answer = await shown(pressed).client.get("/archive.json?sql=delete+from+articles", follow_redirects=True)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("192.168.0.2", False), ("", False)],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_every_table_is_described(pressed: Path) -> None:
    tables = metadata(pressed)["databases"]["archive"]["tables"]
    assert tables["articles"]["columns"]["title"] == "Headline"
    assert tables["article_versions"]["hidden"]


@pytest.mark.asyncio
async def test_a_site_behind_a_proxy_is_public(pressed: Path) -> None:
    """On loopback, but shown to others: no SQL of their own, no download, and any name of the host is right."""
    client = shown(pressed, public=True).client
    assert (await client.get("/archive.json?sql=select+1", follow_redirects=True)).status_code == 403
    assert (await client.get("/archive.db")).status_code == 403
    assert (await client.get("/search", headers={"Host": "dauys.example"})).status_code == 200


@pytest.mark.asyncio
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_no_address_takes_anything(pressed: Path, method: str) -> None:
    client = shown(pressed).client
    for path in ("/", "/search", "/archive", "/archive/articles", "/archive/-/insert", "/-/logout", "/-/create-token"):
        answer = await client.request(method, path)
        assert answer.status_code == 405, path


@pytest.mark.asyncio
async def test_a_private_archive_answers_to_this_machine_only(pressed: Path) -> None:
    """A web page whose own name was made to point here (DNS rebinding) reads nothing."""
    client = shown(pressed).client
    for host in ("evil.example", "evil.example:8001", "127.0.0.1.evil.example", "10.0.0.1", ""):
        assert (await client.get("/archive/articles.json", headers={"Host": host})).status_code == 403, host
    for host in ("localhost:8001", "127.0.0.1", "[::1]:8001", "127.0.0.1:8001"):
        assert (await client.get("/archive/articles.json", headers={"Host": host})).status_code == 200, host


@pytest.mark.parametrize(
    ("host", "own"),
    [("localhost", True), ("a.localhost:1", True), ("[::1]:80", True), ("[::1]", True), ("x:y:z", False)],
)
def test_own_names(host: str, own: bool) -> None:
    assert is_own_name(host) is own


@pytest.mark.asyncio
async def test_every_answer_keeps_pages_from_running_what_they_quote(pressed: Path) -> None:
    client = shown(pressed).client
    for path in ("/", "/search", "/archive/articles", "/archive/articles.json", "/nothing", "/-/dauys/dauys.css"):
        headers = (await client.get(path)).headers
        policy = headers["content-security-policy"]
        scripts = re.search(r"script-src ([^;]*)", policy)
        assert "default-src 'none'" in policy
        assert scripts
        assert "unsafe" not in scripts[1]
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.asyncio
async def test_scripts_of_datasette_itself_may_run(pressed: Path) -> None:
    """Each inline script on Datasette's pages has the nonce of its answer; no nonce is given twice."""
    client = shown(pressed).client
    nonces = set()
    for path in (
        "/archive",
        "/archive/articles",
        "/archive/articles/1",
        "/archive/first_and_copied",
        "/archive?sql=select+1",
    ):
        answer = await client.get(path, follow_redirects=True)
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["content-security-policy"])
        assert nonce
        nonces.add(nonce[1])
        scripts = re.findall(r"<script[^>]*>", answer.text)
        assert scripts
        assert all(f'nonce="{nonce[1]}"' in script for script in scripts), path
    assert len(nonces) == 5


@pytest.mark.asyncio
async def test_own_files_are_cached_for_good_under_an_address_that_changes(pressed: Path) -> None:
    client = shown(pressed).client
    sheet = re.search(r'href="(/-/dauys/dauys\.css\?\w+)"', (await client.get("/")).text)
    assert sheet
    assert "immutable" in (await client.get(sheet[1])).headers["cache-control"]
    assert "immutable" not in (await client.get("/-/dauys/dauys.css")).headers.get("cache-control", "")


@pytest.mark.asyncio
async def test_a_file_that_is_named_like_a_page_is_shown_all_the_same(pressed: Path, tmp_path: Path) -> None:
    shutil.copy(pressed, tmp_path / "search.db")
    client = site(tmp_path / "search.db").client
    assert database_name(tmp_path / "search.db") == "search-tables"
    assert 'type="search"' in (await client.get("/search")).text
    assert (await client.get("/search-tables/articles")).status_code == 200


@pytest.mark.asyncio
async def test_an_empty_archive_says_how_to_fill_it(tmp_path: Path) -> None:
    from archive.db import open_archive

    open_archive(tmp_path / "archive.db").close()
    client = site(tmp_path / "archive.db").client
    assert "scheduler.py" in (await client.get("/")).text
    for path in ("/search", "/search?q=x", "/stories", "/reprints", "/edits", "/deletions", "/outlets", "/search.atom"):
        assert (await client.get(path)).status_code == 200, path


@pytest.mark.asyncio
async def test_a_question_that_takes_too_long_is_cut_short(pressed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = site(pressed)
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
    monkeypatch.setattr("archive.site.history.story", lambda db, story_id: db.execute(endless).fetchall())
    made._settings["sql_time_limit_ms"] = 50
    answer = await made.client.get("/story/1")
    assert answer.status_code == 503
    assert "That took too long" in answer.text


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("_search=бюджета", [5]),
        ("_search=конституцию", [1, 2, 4]),
        ("_search_title=референдуму", [1, 2, 4]),
        ("_search_title=конституция", []),
        ("_search=принять AND NOT конституция", [5]),
        ('_search="новую конституцию', [1, 4]),
        ("_search=AND", []),
        ("_search=***", []),
    ],
)
async def test_datasettes_own_search_finds_all_forms(pressed: Path, search: str, found: list[int]) -> None:
    answer = await shown(pressed).client.get(f"/archive/articles.json?{search}&_shape=array&_sort=id")
    assert [row["id"] for row in answer.json()] == found


@pytest.mark.asyncio
async def test_a_snippet_can_be_asked_for_in_sql(pressed: Path) -> None:
    sql = "select search_snippet(text, language, 'утвердить бюджета') as s from articles where id = 5"
    answer = await shown(pressed).client.get(
        "/archive.json", params={"sql": sql, "_shape": "array"}, follow_redirects=True
    )
    assert answer.json()[0]["s"].startswith("\ue000Бюджет\ue001 на год")
