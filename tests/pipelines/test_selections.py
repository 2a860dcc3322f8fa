"""Our selections are those of the extractor's XPath expressions, element by element, on trees of all shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.html import HtmlElement
from trafilatura import core, external, main_extractor, xpaths

from archive.records import Page
from pipelines import readable, selections
from pipelines.extract import extract
from pipelines.readable import parse

WORDS = """
    post entry articleContent article-content entry-content articleBody body-text post_text post-body page-content
    Page-Content main-content Main-Content content content-main contentBody story story-body article single-post
    fulltext FullText text cell primary main mainpart sidebar banner share Share shared social viral newsletter cookie
    cookie-note tags tag-list button author byline nav Nav menu navbar subnav footer related elated widget taboola
    premium ad- comment comments commentary comments-title post-comments comolist disqus_thread dsq-comments reply-1
    xreply- hidden is-hidden hide-x noprint message akismet reader-comments mvp-post-add-box infinite-scroll
    infinitescroll elementor-share-buttons breadcrumb bread-crumb meta slide overlay
"""
VALUES = st.sampled_from(WORDS.split())
CLASS = st.lists(VALUES, min_size=1, max_size=3).map(" ".join)
ATTRIBUTE = st.one_of(
    st.tuples(st.just("class"), CLASS),
    st.tuples(st.just("class"), CLASS),
    st.tuples(st.just("id"), VALUES),
    st.tuples(st.just("id"), VALUES),
    st.tuples(st.just("style"), st.sampled_from(["display:none", "display: none", "visibility:hidden", "color:red"])),
    st.tuples(st.just("role"), st.sampled_from(["navigation", "Navigation", "article", "main"])),
    st.tuples(st.just("aria-hidden"), st.sampled_from(["true", "false"])),
    st.tuples(st.just("itemprop"), st.just("articleBody")),
    st.tuples(st.just("data-component"), st.just("x-MostPopularStories")),
    st.tuples(st.just("data-lp-replacement-content"), st.just("")),
)
TAGS = "div div div section article main p span ul ol li aside details h1 table item list header"
TAG = st.sampled_from(TAGS.split())


@st.composite
def elements(draw: st.DrawFn, depth: int = 0) -> str:
    """Draw an element with attributes in any order, and a few inside."""
    tag = draw(TAG)
    attributes = dict(draw(st.lists(ATTRIBUTE, max_size=3)))
    inside = "".join(draw(st.lists(elements(depth=depth + 1), max_size=3))) if depth < 3 else "text"
    marks = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<{tag}{marks}>{inside}</{tag}>"


def _all(expressions: Iterable[Callable[[HtmlElement], list[HtmlElement]]], tree: HtmlElement) -> set[HtmlElement]:
    return {element for expression in expressions for element in expression(tree)}


@settings(max_examples=150, deadline=None)
@given(st.lists(elements(), min_size=1, max_size=4).map("".join))
def test_the_same_elements_are_selected(body: str) -> None:
    """Each selection finds what the expression in whose place it stands finds."""
    tree = parse(f"<html><body>{body}</body></html>").tree
    assert set(selections.chrome(tree)) == _all(xpaths.OVERALL_DISCARD_XPATH, tree)
    assert set(selections.surplus(tree)) == _all(
        [*xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH, *xpaths.RAW_TREE_PRUNE_XPATH], tree
    )
    for ours, theirs in zip(selections.frames, xpaths.BODY_XPATH, strict=True):
        assert ours(tree) == list(theirs(tree))[:1]


def test_long_values_and_many_values_are_judged_and_not_kept() -> None:
    """A page that names millions of classes fills no memory, and a long name is judged like a short one."""
    kept = selections._CLASSES
    wide = "x " * selections.LONGEST_VALUE + "sidebar"
    tree = parse(f'<html><body><div class="{wide}">a</div></body></html>').tree
    assert [element.get("class") for element in selections.chrome(tree)] == [wide]
    assert wide not in kept
    for number in range(selections.VALUES_KEPT + 10):
        assert kept[f"name-{number}-of-many"] == 0
    assert len(kept) <= selections.VALUES_KEPT


def test_the_extractor_uses_them() -> None:
    """Every list that is replaced exists under its name in the extractor's modules, and holds our selections."""
    assert list(main_extractor.BODY_XPATH) == list(selections.frames)
    assert list(main_extractor.OVERALL_DISCARD_XPATH) == [selections.chrome]
    assert list(external.OVERALL_DISCARD_XPATH) == [selections.chrome]
    assert list(core.REMOVE_COMMENTS_AND_LISTS_XPATH) == [selections.surplus]
    assert list(core.RAW_TREE_PRUNE_XPATH) == []


def test_another_version_without_a_list_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be replaced is not passed over in silence."""
    monkeypatch.delattr(main_extractor, "BODY_XPATH")
    with pytest.raises(AttributeError):
        selections.install()


def test_a_page_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text, dates, authors and headline come from one tree: one run of the parser over a page, counted."""
    sources: list[bytes] = []
    parse_once = readable._tree

    def counted(source: bytes, parser: etree.HTMLParser) -> HtmlElement:
        sources.append(source)
        return parse_once(source, parser)

    monkeypatch.setattr(readable, "_tree", counted)
    paragraphs = "".join(f"<p>Sentence {n} of an article that is long enough to be one.</p>" for n in range(40))
    body = f"<html><head><title>A</title></head><body><article><h1>Head</h1>{paragraphs}</article></body></html>"
    page = Page(url="https://a.example/1", fetched_at=datetime.now(UTC), body=body.encode())
    article = extract(page, zone=ZoneInfo("UTC"))
    assert article.provenance["text"] == "fast extraction"
    assert sources == [body.encode()]
