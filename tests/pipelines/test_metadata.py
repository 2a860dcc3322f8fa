"""What a page says about itself: JSON-LD whole and broken, headline, authors."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from pipelines.metadata.byline import find_authors
from pipelines.metadata.head import read_head
from pipelines.metadata.headline import choose_headline, without_site
from pipelines.metadata.jsonld import ArticleData, read_jsonld

ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Мост через Тасарык открыт",
    "datePublished": "2026-03-10T10:00:00+05:00",
    "dateModified": "2026-03-10T12:00:00+05:00",
    "author": [{"@type": "Person", "name": "Әсел Қайырбек"}, {"@type": "Person", "name": "Пётр Лунин"}],
    "articleSection": "Город",
    "keywords": "мост, река",
    "image": {"@type": "ImageObject", "url": "https://tasaryk.example/most.jpg"},
}


def test_plain_article() -> None:
    """All fields of a plain article are read."""
    data = read_jsonld([json.dumps(ARTICLE)])
    assert data.is_article
    assert data.headline == "Мост через Тасарык открыт"
    assert data.published == "2026-03-10T10:00:00+05:00"
    assert data.authors == ("Әсел Қайырбек", "Пётр Лунин")
    assert (data.section, data.tags, data.image) == ("Город", ("мост", "река"), "https://tasaryk.example/most.jpg")


def test_graph_with_references() -> None:
    """Authors and images given by reference inside a graph are found."""
    graph = {
        "@graph": [
            {"@type": "WebPage", "@id": "#page", "datePublished": "2020-01-01"},
            {**ARTICLE, "author": {"@id": "#asel"}, "image": {"@id": "#image"}},
            {"@type": "Person", "@id": "#asel", "name": "Әсел Қайырбек"},
            {"@type": "ImageObject", "@id": "#image", "url": "https://tasaryk.example/most.jpg"},
        ]
    }
    data = read_jsonld([json.dumps(graph)])
    assert data.authors == ("Әсел Қайырбек",)
    assert data.image == "https://tasaryk.example/most.jpg"
    assert data.published == ARTICLE["datePublished"]


@pytest.mark.parametrize(
    "broken",
    [
        '{"@type": "NewsArticle", "headline": "Мост открыт", "datePublished": "2026-03-10",}',
        '{"@type": "NewsArticle", "headline": "Мост\nоткрыт", "datePublished": "2026-03-10"}',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "Мост открыт", "datePublished": "2026-03-10"}\n//]]>',
        '<!-- {"@type": "NewsArticle", "headline": "Мост открыт", "datePublished": "2026-03-10"} -->',
        '{"@id": "#a"}\n{"@type": "NewsArticle", "headline": "Мост открыт", "datePublished": "2026-03-10"};',
        '{"@type": "NewsArticle"\n"headline": "Мост открыт", "datePublished": "2026-03-10", "description": "он "тут""}',
    ],
)
def test_broken_scripts_still_speak(broken: str) -> None:
    """Trailing commas, raw line breaks, wrappers, several values and stray quotes do not cost headline and date."""
    data = read_jsonld([broken])
    assert (data.headline, data.published) == ("Мост открыт", "2026-03-10")


def test_the_pages_own_article_among_others() -> None:
    """Of several articles the one with the page's address, then the one with its heading, is the page's own."""
    other = {**ARTICLE, "headline": "Другое", "url": "https://tasaryk.example/2"}
    own = {**ARTICLE, "url": "https://tasaryk.example/1"}
    scripts = [json.dumps([other, other, own])]
    assert read_jsonld(scripts, page_url="https://tasaryk.example/1?from=rss").headline == ARTICLE["headline"]
    assert read_jsonld(scripts, titles=[str(ARTICLE["headline"])]).headline == ARTICLE["headline"]
    assert read_jsonld(scripts).several


def test_comments_and_lists_are_other_things() -> None:
    """Dates of comments and of listed articles are not the page's."""
    page = {"@type": "WebSite", "comment": [ARTICLE], "itemListElement": [ARTICLE], "isPartOf": ARTICLE}
    assert read_jsonld([json.dumps(page)]) == ArticleData()


@given(st.text(alphabet='{}[]":,\\ \n@abtype0', max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_script_is_survived(script: str) -> None:
    """No script raises."""
    read_jsonld([script, "[" * 5_000, '{"a":' * 5_000])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*ARTICLE, "@graph", "@id", "url", "name"]), inner, max_size=5)
        ),
        max_leaves=20,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_shape_is_survived(value: object) -> None:
    """Values of unexpected types in known places do not raise."""
    read_jsonld([json.dumps(value), json.dumps({**ARTICLE, "author": value, "image": value, "keywords": value})])


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        (
            {"h1": ["Мост открыт для пешеходов"], "title": ["Мост открыт для пешеходов | Тасарык сегодня"]},
            "Мост открыт для пешеходов",
        ),
        ({"h1": ["Меню"], "title": ["Мост открыт для пешеходов — Тасарык сегодня"]}, "Мост открыт для пешеходов"),
        (
            {"h1": ["Тасарык сегодня", "Мост открыт для пешеходов"], "og:title": ["Мост открыт для пешеходов"]},
            "Мост открыт для пешеходов",
        ),
        (
            {
                "json-ld": ["Көпір ашылды, халық қуанды"],
                "h1": ["Көпір ашылды, халық қуанды"],
                "og:title": ["Неліктен бәрі көпірді күтті?"],
            },
            "Көпір ашылды, халық қуанды",
        ),
        ({"title": ["Bridge opens - Tasaryk Today"]}, "Bridge opens"),
    ],
)
def test_headline(candidates: dict[str, list[str]], expected: str) -> None:
    """The headline is what the places agree on, without the outlet's name."""
    chosen = choose_headline(candidates, site="Тасарык сегодня" if "Bridge" not in expected else "Tasaryk Today")
    assert chosen is not None
    assert chosen[0] == expected


def test_a_dash_in_a_headline_stays() -> None:
    """A headline with a dash of its own is not cut."""
    assert (
        without_site("Мост — подарок городу, говорят в акимате", "Тасарык сегодня")
        == "Мост — подарок городу, говорят в акимате"
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<meta name="author" content="Әсел Қайырбек">', ("Әсел Қайырбек",)),
        (
            '<meta name="author" content="https://social.example/asel"><p class="author">Автор: Пётр Лунин</p>',
            ("Пётр Лунин",),
        ),
        ('<span class="byline">By Dana Reed and Omar Ali</span>', ("Dana Reed", "Omar Ali")),
        ('<a rel="author">Пётр Лунин, p.lunin@tasaryk.example</a>', ("Пётр Лунин",)),
        ('<div class="comments"><span class="author">Читатель</span></div>', ()),
        ('<meta name="author" content="admin">', ()),
        ('<meta name="author" content="desk@tasaryk.example">', ()),
    ],
)
def test_authors(body: str, expected: tuple[str, ...]) -> None:
    """People are authors; addresses, commentators and 'admin' are not."""
    tree = html.document_fromstring(f"<html><body><h1>Мост</h1>{body}</body></html>")
    assert find_authors(read_head(tree), ArticleData(), tree)[0] == expected
