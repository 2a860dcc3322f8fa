"""The site shows the archive with its meanings; SQL of one's own is for loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.site.app import is_loopback, metadata, site


@pytest.mark.asyncio
async def test_the_pages_answer(pressed: Path) -> None:
    client = site(pressed).client
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
    assert "what the outlets published".lower() in (await client.get("/")).text.lower()
    assert "Headline" in (await client.get("/archive/articles")).text


@pytest.mark.asyncio
async def test_the_full_text_index_is_found(pressed: Path) -> None:
    answer = await site(pressed).client.get("/archive/articles.json?_search=бюджет&_shape=array")
    assert [row["id"] for row in answer.json()] == [5]


@pytest.mark.asyncio
async def test_sql_is_for_loopback(pressed: Path) -> None:
    query = "/archive.json?sql=select+1+as+one"
    assert (await site(pressed).client.get(query)).status_code == 200
    public = site(pressed, "0.0.0.0").client
    assert (await public.get(query)).status_code == 403
    assert (await public.get("/archive.db")).status_code == 403
    assert (await public.get("/archive/articles")).status_code == 200


@pytest.mark.asyncio
async def test_nothing_can_be_written(pressed: Path) -> None:
    answer = await site(pressed).client.get("/archive.json?sql=delete+from+articles")
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
    answer = await site(pressed).client.get(f"/archive/articles.json?{search}&_shape=array&_sort=id")
    assert [row["id"] for row in answer.json()] == found


@pytest.mark.asyncio
async def test_a_snippet_can_be_asked_for_in_sql(pressed: Path) -> None:
    sql = "select search_snippet(text, language, 'утвердить бюджета') as s from articles where id = 5"
    answer = await site(pressed).client.get("/archive.json", params={"sql": sql, "_shape": "array"})
    assert answer.json()[0]["s"].startswith("\ue000Бюджет\ue001 на год")
