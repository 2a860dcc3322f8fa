"""The elements that trafilatura's rules select, found without its XPath expressions, which take a fifth of its time.

An expression calls back into Python for every test of every element. Here each value of an attribute is judged once:
class names repeat on a page and across the pages of an outlet. The rules themselves are trafilatura's own, taken
from its lists of words where it has them; a test compares both on trees of all shapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml.html import HtmlElement
from trafilatura import core, external, main_extractor, xpaths

Selection = Callable[[HtmlElement], list[HtmlElement]]

VALUES_KEPT = 8_192
"""Values of an attribute whose marks are remembered; beyond that they are judged anew."""
LONGEST_VALUE = 1_000
"""Characters of a value that is remembered."""

# what a value may mark
_CHROME, _CONSENT, _HIDDEN, _REPLY = 1, 2, 4, 8
_COMMENTS, _DISCUSSION, _ENDLESS, _ADDED, _SHARING = 16, 32, 64, 128, 256
_CONTENT, _STORY, _MAIN, _ANY_MAIN = 512, 1024, 2048, 4096


class _Marks(dict[str | None, int]):
    """Values of an attribute with what they mark, judged by patterns when first met."""

    def __init__(self, patterns: dict[int, str]) -> None:
        super().__init__()
        self._rules = [(mark, re.compile(pattern).search) for mark, pattern in patterns.items()]

    def __missing__(self, value: str | None) -> int:
        marks = sum(mark for mark, search in self._rules if search(value)) if value else 0
        if value is None or len(value) <= LONGEST_VALUE:
            if len(self) >= VALUES_KEPT:
                self.clear()
            self[value] = marks
        return marks


_any_of = xpaths._alt
_BOTH = xpaths._OVERALL_DISCARD_BOTH_TOKENS
_CLASSES = _Marks(
    {
        _CHROME: _any_of(_BOTH + xpaths._OVERALL_DISCARD_CLASS_TOKENS),
        _CONSENT: _any_of(xpaths._CONSENT_ID_CLASS_TOKENS),
        _HIDDEN: "^hide-|comments-title|nocomments|-reply-|message|akismet|suggest-links|-hide-|hide-print| hidden"
        "| hide|noprint|notloaded",
        _REPLY: r"\Areply-",
        _COMMENTS: xpaths._COMMENTS_CLASS,
        _ENDLESS: "mvp-post-add-(?:box|wrap)|infinite-?scroll",
        _ADDED: "mvp-post-add-(?:box|wrap)",
        _SHARING: "elementor-share-buttons",
        _CONTENT: rf"\A(?:post|entry)\Z|{_any_of(xpaths._ARTICLE_CONTENT_CLASS_TOKENS)}",
        _STORY: r"\A(?:postarea|art-postcontent|text|cell|story)\Z|(?i:fulltext)|"
        + _any_of(xpaths._STORY_CLASS_TOKENS),
        _MAIN: rf"\Acontent\Z|{_any_of(xpaths._MAIN_CONTENT_CLASS_TOKENS)}|[Mm]ain-[Cc]ontent|[Pp]age-[Cc]ontent",
        _ANY_MAIN: r"\Amain",
    }
)
_NAMES = _Marks(
    {
        _CHROME: _any_of(_BOTH + xpaths._OVERALL_DISCARD_ID_TOKENS),
        _CONSENT: _any_of(xpaths._CONSENT_ID_CLASS_TOKENS),
        _HIDDEN: "reader-comments|akismet",
        _REPLY: r"\Areply-",
        _COMMENTS: f"^(?:{xpaths._COMMENTS_ID})",
        _DISCUSSION: "^(?:disqus_thread|dsq-comments)",
        _ENDLESS: "mvp-post-add-(?:box|wrap)|infinite-?scroll",
        _ADDED: "mvp-post-add-(?:box|wrap)",
        _CONTENT: rf"\AarticleContent\Z|{_any_of(xpaths._ARTICLE_CONTENT_ID_TOKENS)}",
        _STORY: rf"\A(?:article|story)\Z|{_any_of(xpaths._STORY_ID_TOKENS)}",
        _MAIN: rf"\Acontent\Z|{_any_of(xpaths._MAIN_CONTENT_ID_TOKENS)}|[Mm]ain-[Cc]ontent",
        _ANY_MAIN: r"\Amain",
    }
)
_BLOCKS = frozenset({"div", "item", "list", "p", "section", "span"})


def chrome(tree: HtmlElement) -> list[HtmlElement]:
    """Select what is no part of an article by its name: navigation, sharing, advertisements, and what is hidden."""
    found = []
    for element in tree.iterdescendants():
        get = element.get
        kind, name, style, role = get("class"), get("id"), get("style"), get("role")
        marks = _CLASSES[kind] | _NAMES[name]
        if (
            marks & _HIDDEN
            or (marks & _REPLY and _NAMES[_first(element, "id", "class")] & _REPLY)
            or (style and _is_invisible(element, style))
            or (name and "hidden" in name and "hidden" in _first(element, "id", "style"))
            or get("aria-hidden") == "true"
        ) or (
            (
                marks & _CHROME
                or (marks & _CONSENT and _NAMES[_first(element, "id", "class")] & _CONSENT)
                or (role and "nav" in role.replace("N", "n"))
                or get("data-lp-replacement-content") is not None
                or "MostPopularStories" in get("data-component", "")
            )
            and element.tag in _BLOCKS
        ):
            found.append(element)
    return found


def _is_invisible(element: HtmlElement, style: str) -> bool:
    if "display:none" in style or "display: none" in style:
        return True
    return "hidden" in style and "hidden" in _first(element, "id", "style")


def _first(element: HtmlElement, one: str, other: str) -> str:
    """Return the value of that of two attributes which stands first in the source, as XPath takes a set for a text."""
    value: str = next(value for name, value in element.items() if name in (one, other))
    return value


def surplus(tree: HtmlElement) -> list[HtmlElement]:
    """Select comments of readers, and whole articles that a page appends to its own."""
    found = []
    for element in tree.iterdescendants("div", "list", "section", "details", "ol", "ul", "aside"):
        of_class, of_name = _CLASSES[element.get("class")], _NAMES[element.get("id")]
        marks = of_class | of_name
        if not marks & (_COMMENTS | _DISCUSSION | _ENDLESS | _SHARING):
            continue
        tag = element.tag
        if tag != "aside" and (marks & _COMMENTS or (marks & _DISCUSSION and tag not in ("ol", "ul"))):
            found.append(element)
            continue
        added = marks & _ENDLESS and (marks & _ADDED or element.find(".//h1") is None)
        if (added or marks & _SHARING) and tag in ("div", "section", "aside"):
            found.append(element)
    return found


def _first_frame(mark: int, attribute: str = "class", wanted: str | None = None) -> Selection:
    """Return a selection of the first element that class or id mark so, or whose `attribute` is `wanted`."""

    def select(tree: HtmlElement) -> list[HtmlElement]:
        for element in tree.iterdescendants("article", "div", "main", "section"):
            get = element.get
            if (_CLASSES[get("class")] | _NAMES[get("id")]) & mark or (wanted and get(attribute) == wanted):
                return [element]
        return []

    return select


def _first_article(tree: HtmlElement) -> list[HtmlElement]:
    return [element] if (element := next(tree.iterdescendants("article"), None)) is not None else []


def _first_main(tree: HtmlElement) -> list[HtmlElement]:
    for element in tree.iterdescendants("article", "div", "main", "section"):
        get = element.get
        if (
            (_CLASSES[get("class")] | _NAMES[get("id")]) & _ANY_MAIN
            or element.tag == "main"
            or get("role", "").startswith("main")
        ):
            return [element]
    return []


frames: tuple[Selection, ...] = (
    _first_frame(_CONTENT, "itemprop", "articleBody"),
    _first_article,
    _first_frame(_STORY, "role", "article"),
    _first_frame(_MAIN),
    _first_main,
)
"""What may hold the article, the likeliest rule first."""


def install() -> None:
    """Have trafilatura use these selections in this process instead of its expressions."""
    for module, name, selections in (
        (main_extractor, "BODY_XPATH", frames),
        (main_extractor, "OVERALL_DISCARD_XPATH", (chrome,)),
        (external, "OVERALL_DISCARD_XPATH", (chrome,)),
        (core, "RAW_TREE_PRUNE_XPATH", ()),
        (core, "REMOVE_COMMENTS_AND_LISTS_XPATH", (surplus,)),
    ):
        _replace(module, name, selections)


def _replace(module: Any, name: str, selections: tuple[Selection, ...]) -> None:
    getattr(module, name)  # another version that has no such list must not go on with its own expressions unnoticed
    setattr(module, name, selections)
