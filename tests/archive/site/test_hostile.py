"""What strangers wrote into an archive, and what strangers ask of its site, does no harm: no markup runs, no header is
added, no search is an error of the server, no path leads out, no question is without an end."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.db import connect
from archive.site.app import site

MARKUP = "\"'><script>alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>{{7331*7}}</title></textarea>"
ADDRESS = "javascript:alert(document.domain)//"
FORMULA = '=HYPERLINK("http://evil.example/","open me")'
LIST = json.dumps([MARKUP])

FIELDS = {
    "sources": {"name": MARKUP, "homepage": ADDRESS},
    "entries": {"last_error": MARKUP},
    "runs": {"reason": MARKUP},
    "links": {"title_hint": MARKUP, "last_error": MARKUP, "found_in": ADDRESS},
    "pages": {"content_type": MARKUP, "url": ADDRESS},
    "articles": {
        "title": MARKUP, "text": f"референдум {MARKUP}\n{MARKUP}", "authors": LIST, "section": MARKUP, "tags": LIST,
        "image_url": ADDRESS, "found_in": ADDRESS,
    },
    "article_versions": {"title": MARKUP},
    "topic_hits": {"terms": json.dumps({MARKUP: 3})},
}  # fmt: skip
"""Every column that holds what an outlet wrote, with what it may have written."""

OWN_PAGES = (
    "/", "/search", "/search?q=референдум", "/stories", "/outlets", "/outlet/bereg", "/edits", "/deletions",
    "/reprints", "/article/1", "/article/7", "/article/7/changes", "/story/1",
)  # fmt: skip
HEADER = "x\r\nset-cookie: stolen=1\r\n\r\n<script>alert(4)</script>"


class Found(HTMLParser):
    """The elements of a page that could run something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self._script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._script = tag == "script"
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name in ("href", "src", "action", "formaction", "data") and address.startswith(
                ("javascript:", "data:", "vbscript:")
            ):
                self.wrong.append(f"<{tag} {name}={value}>")
            if name.startswith("on") and "alert" in address:
                self.wrong.append(f"<{tag} {name}={value}>")
        if dict(attrs).get("src") == "x":
            self.wrong.append(f"<{tag} src=x>")

    def handle_data(self, data: str) -> None:
        if self._script and "alert(" in data:
            self.wrong.append(f"<script>{data[:80]}")

    def handle_endtag(self, tag: str) -> None:
        self._script = False


@pytest.fixture(scope="module")
def hostile(press: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which every field that an outlet fills holds markup, a script's address or a formula."""
    archive = tmp_path_factory.mktemp("hostile") / "archive.db"
    shutil.copytree(press.archive.parent, archive.parent, dirs_exist_ok=True)
    spoil(archive)
    return archive


def spoil(archive: Path) -> None:
    """Fill every field that an outlet fills with markup or a script's address, and one headline with a formula."""
    db = connect(archive)
    for table, fields in FIELDS.items():
        for column, value in fields.items():
            db.execute(f"update {table} set {column} = ?", [value])
    db.execute("update articles set title = ? where id = 2", [FORMULA])
    db.close()


def tables(archive: Path) -> list[str]:
    db = connect(archive, read_only=True)
    names = [name for (name,) in db.execute("select name from sqlite_master where type in ('table', 'view')")]
    db.close()
    return names


@pytest.mark.asyncio
async def test_no_field_of_any_page_is_ever_markup(hostile: Path) -> None:
    """Each page of the site, and Datasette's of each table and view, shows what was written and runs none of it."""
    client = site(hostile).client
    shown = 0
    for path in (*OWN_PAGES, *(f"/archive/{table}" for table in tables(hostile)), "/archive/articles/1"):
        answer = await client.get(path)
        assert answer.status_code == 200, path
        assert Found(answer.text).wrong == [], path
        assert "51317" not in answer.text, path
        shown += "&lt;script&gt;alert(1)" in answer.text
    assert shown > len(OWN_PAGES)


@pytest.mark.asyncio
async def test_answers_for_programs_cannot_be_taken_for_pages(hostile: Path) -> None:
    """JSON, CSV and Atom say what they are, a browser may not guess otherwise, and a formula is text in a table."""
    client = site(hostile).client
    for path, kind in (
        ("/search.json?q=референдум", "application/json"),
        ("/search.csv?q=референдум", "text/csv"),
        ("/search.atom?q=референдум", "application/atom+xml"),
        ("/archive/articles.json", "application/json"),
    ):
        answer = await client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<script" not in (await client.get("/search.atom?q=референдум")).text
    rows = list(csv.reader(io.StringIO((await client.get("/search.csv?q=референдум")).text.lstrip("\ufeff"))))
    assert any(FORMULA in cell for row in rows for cell in row)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["q", "lang", "source", "topic", "sort", "from", "to", "page", "_lang", "role", "old"])
async def test_what_is_asked_adds_no_header_and_no_markup(press: Any, name: str) -> None:
    """Line breaks and markup in any parameter stay in the page as text."""
    client = press.client()
    for path in ("/search", "/search.csv", "/search.atom", "/edits", "/stories", "/article/1/changes", "/nothing"):
        answer = await client.get(f"{path}?{name}={quote(HEADER)}", follow_redirects=False)
        assert answer.status_code < 500, path
        assert "stolen" not in answer.headers.get("set-cookie", "")
        assert "stolen" not in answer.headers.get("location", "")
        assert "\r" not in "".join(answer.headers.values())
        if answer.headers["content-type"].startswith("text/html"):
            assert Found(answer.text).wrong == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "path",
    [
        "/-/dauys/../app.py",
        "/-/dauys/%2e%2e/app.py",
        "/-/dauys/..%2f..%2f..%2fsources.toml",
        "/-/dauys//etc/passwd",
        "/-/static/../../../../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/article/../../etc/passwd",
        "/archive/..%2farchive.db",
    ],
)
async def test_no_path_leads_out(press: Any, path: str) -> None:
    """File names never come from an address: only what lies in the folder of static files is sent."""
    answer = await press.client().get(path)
    assert answer.status_code in (302, 400, 403, 404)
    assert "root:" not in answer.text
    assert "[[source]]" not in answer.text
    assert "SQL_TIME_LIMIT_MS" not in answer.text


@pytest.fixture(scope="module")
def client(press: Any) -> Any:
    return press.client()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(
                ["AND", "OR", "NOT", "NEAR(", "(", ")", '"', "*", "title:", "^", "-", "{a b}:", "указ", "\0"]
            ),
            max_size=8,
        ).map(" ".join),
    )
)
def test_any_search_is_answered(client: Any, query: str) -> None:
    """Whatever people type is a search or a friendly message, never an error of the server or of the database."""

    async def ask() -> None:
        for path in ("/search", "/search.json"):
            answer = await client.get(path, params={"q": query})
            assert answer.status_code in (200, 400), (path, query)
            assert "fts5" not in answer.text
            assert "syntax error" not in answer.text
        answer = await client.get("/archive/articles.json", params={"_search": query})
        assert answer.status_code == 200, query

    asyncio.run(ask())


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "sql",
    [
        "select hex(zeroblob(400000000))",
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
        "select load_extension('x')",
        "attach database '/etc/passwd' as p",
        "pragma writable_schema = on",
    ],
)
async def test_a_public_site_runs_nobodys_sql(press: Any, sql: str) -> None:
    """SQL of one's own is off where others reach the site, in every place that takes it."""
    client = press.client(public=True)
    for path in ("/archive.json", "/archive", "/archive/-/query", "/archive/-/query.json"):
        answer = await client.get(path, params={"sql": sql}, follow_redirects=True)
        assert answer.status_code in (400, 403, 404), path
    where = await client.get("/archive/articles.json", params={"_where": "1 = (select 1)"})
    assert where.status_code in (400, 403)
