"""The pages tell what the archive knows, in the reader's language, and run nothing of what they quote."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.archive.site.press import CHANGED, REMOVED

PAGES = (
    "/",
    "/search",
    "/search?q=референдум",
    "/stories",
    "/outlets",
    "/outlet/bereg",
    "/edits",
    "/deletions",
    "/deletions?back=1",
    "/reprints",
    "/edits?kind=headlines&source=bereg&since=2026-03-01&until=2026-03-31",
)


class Links(HTMLParser):
    """Collects the tags of a page and the addresses that they lead to or load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action")]


async def page(press: Any, path: str, status: int = 200) -> str:
    answer = await press.client().get(path)
    assert answer.status_code == status, path
    return str(answer.text)


@pytest.mark.asyncio
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_every_page_is_there_in_every_language(press: Any, path: str, language: str) -> None:
    html = await page(press, path + ("&" if "?" in path else "?") + f"_lang={language}")
    assert f'<html lang="{language}">' in html


@pytest.mark.asyncio
async def test_all_links_of_the_site_lead_somewhere(press: Any) -> None:
    """Every address of our own that a page names is answered."""
    client = press.client()
    wanted = {f"/article/{press.known['decree']}", f"/article/{press.known['changed']}", "/story/1", *PAGES}
    found: set[str] = set()
    for path in wanted:
        found |= {link.split("#")[0] for link in Links((await client.get(path)).text).addresses if link.startswith("/")}
    some = sorted(found - wanted)
    assert len(some) > 40
    for path in some:
        assert (await client.get(path)).status_code == 200, path


@pytest.mark.asyncio
async def test_a_reprint_leads_to_its_first_publisher(press: Any) -> None:
    html = await page(press, f"/article/{press.known['copy1']}")
    assert "This text repeats an earlier one" in html
    assert f'href="/article/{press.known["decree"]}"' in html
    story = await page(press, re.search(r'href="(/story/\d+)"', html)[1])  # type: ignore[index]
    assert "Ақтаң жаршысы</a> was first" in story
    assert "3\u00a0h 12\u00a0min" in story


@pytest.mark.asyncio
async def test_a_changed_headline_is_shown_word_by_word(press: Any) -> None:
    for path in (
        f"/article/{press.known['changed']}",
        "/edits?kind=headlines",
        f"/article/{press.known['changed']}/changes?old=1&new=2",
    ):
        html = await page(press, path)
        assert re.search(r"<del>.*опровергла</del><ins>.*признала</ins>", html), path
    assert CHANGED[0] in await page(press, "/")


@pytest.mark.asyncio
async def test_an_article_says_where_everything_was_read(press: Any) -> None:
    html = await page(press, f"/article/{press.known['decree']}?_lang=ru")
    assert "структурированные данные страницы (JSON-LD)" in html
    assert re.search(r"press-[\d-]+.*\.warc\.gz", html)
    assert "https://aqtan.example/rss" in html
    assert "@online{aqtan20260301-" in html
    assert "референдум" in html


@pytest.mark.asyncio
async def test_a_removed_article_is_kept(press: Any) -> None:
    html = await page(press, "/deletions")
    assert REMOVED in html
    assert "removed" in await page(press, f"/article/{press.known['removed']}")


@pytest.mark.asyncio
async def test_what_an_article_says_is_never_markup(press: Any) -> None:
    """A headline with a script in it is text on every page that shows it, and no address but http leads anywhere."""
    for path in (
        f"/article/{press.known['hostile']}",
        "/search?q=жирный",
        "/",
        "/search.atom?q=жирный",
        "/archive/articles",
    ):
        text = await page(press, path)
        assert "<script>alert" not in text, path
        assert "<b>жирный" not in text, path
        assert not [link for link in Links(text).addresses if link.strip().lower().startswith(("javascript", "data"))]


@pytest.mark.asyncio
async def test_nothing_is_asked_of_another_server(press: Any) -> None:
    """Scripts, styles, pictures, fonts and forms are the site's own; only links lead out."""
    for path in (*PAGES, f"/article/{press.known['decree']}", "/archive", "/archive/articles"):
        for tag, attributes in Links(await page(press, path)).tags:
            if tag == "link" and attributes.get("rel") == "stylesheet":
                tag = "script"
            if tag in ("script", "img", "iframe", "form", "source", "video", "object", "embed"):
                for name in ("src", "href", "action", "data"):
                    assert not (attributes.get(name) or "").startswith(("http", "//")), (path, tag)
            assert not [name for name in attributes if name.startswith("on") and path != "/archive/articles"], (
                path,
                tag,
            )


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "path",
    [
        "/article/99999",
        "/story/99999",
        "/outlet/nobody",
        "/nothing",
        "/archive/nothing",
        "/article/1/changes?old=7&new=9",
        "/article/999999999999999999",
    ],
)
async def test_what_is_not_there_is_said_in_words(press: Any, path: str) -> None:
    answer = await press.client().get(path, headers={"Accept-Language": "kk"})
    if "changes" in path:
        # versions out of range are the nearest there is
        assert answer.status_code == 200
        return
    assert answer.status_code == 404
    assert "Мұнда ештеңе жоқ" in answer.text


@pytest.mark.asyncio
async def test_the_language_is_remembered(press: Any) -> None:
    answer = await press.client().get("/stories?_lang=kk")
    assert "dauys_lang=kk" in answer.headers["set-cookie"]
    kept = await press.client().get("/stories", cookies={"dauys_lang": "kk"})
    assert "Сюжеттер" in kept.text


@pytest.mark.asyncio
async def test_tables_and_canned_queries_stay_reachable(press: Any) -> None:
    client = press.client()
    for path in (
        "/archive",
        "/archive/articles",
        "/archive/articles/1",
        "/archive/reprints",
        "/archive/first_and_copied",
        "/archive/headline_changes",
        "/archive/never_stored?source=bereg",
        "/archive/articles.csv?_size=3",
        "/archive/articles.json?_shape=array",
        "/archive/articles?_search=референдум&_facet=language",
        "/archive/languages_by_day.csv",
        "/archive/languages_by_day.json",
        "/archive/copying_by_kind",
        "/archive/dates_by_origin",
    ):
        assert (await client.get(path)).status_code == 200, path
    html = (await client.get("/archive/articles")).text
    assert 'href="/article/1"' in html
    assert 'href="/outlet/aqtan"' in (await client.get("/archive/reprints")).text
