"""Finds who wrote an article: people and desks, never addresses of mail or of profiles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from html import unescape
from itertools import islice
from typing import cast

from lxml.etree import XPath
from lxml.html import HtmlElement

from archive.clean import without_mail
from pipelines.metadata.head import Head
from pipelines.metadata.jsonld import ArticleData

AUTHORS_LIMIT = 12
"""Authors of one article that are kept."""
LONGEST_NAME = 70
"""Characters: longer strings are sentences about the author."""

_META_NAMES = (
    "author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "dc:creator",
    "citation_author", "byl", "og:article:author", "itemprop:author", "mediator_author", "cxenseparse:author",
)  # fmt: skip
_LEAD = re.compile(
    r"^(?:(?:written|posted|story|text|reported|words)\s+)?(?:by|von|vom|par|por|di|da|door|av|af|автор(?:ы|лар|лары)?|"
    r"текст|беседовал[аи]?|подготовил[аи]?|мәтін|дайындаған|жазған|author|autor[ea]?s?|redakteur|przez|yazan)\b\s*[:—–-]?\s*",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:[;|•·/\n]|,(?!\s(?:jr|sr|phd|md)\b)|\s(?:and|und|et|и|және|y|e|oraz|&)\s)\s*", re.IGNORECASE
)
_NOT_A_NAME = re.compile(r"https?:|www\.|\.(?:com|html?|php)\b|[{}<>=]|\d{3}|^@", re.IGNORECASE)
_EMPTY_NAMES = frozenset({
    "admin", "administrator", "redaktion", "редактор", "author", "автор", "none", "null", "guest", "user", "root",
    "staff", "webmaster", "editor",
})  # fmt: skip
_Select = Callable[[HtmlElement], list[HtmlElement]]
_BYLINE_TAGS = frozenset({"a", "span", "div", "p", "address", "cite", "b", "strong", "li"})
_BYLINE_CLASS = re.compile("[Aa]uthor|[Bb]yline|autor|avtor")
BYLINES_LIMIT = 40
"""Elements marked as bylines that are looked at."""
_NAME_INSIDE = cast(_Select, XPath(".//*[@itemprop='name' or @rel='author' or contains(@class,'name')]"))
_ELSEWHERE = re.compile(
    r"comment|related|recommend|sidebar|footer|reply|widget|other-|more-|popular|avatar|bio\b|biograph|description|-image|"
    r"social|share|subscribe|card-list",
    re.IGNORECASE,
)


def find_authors(head: Head, data: ArticleData, tree: HtmlElement) -> tuple[tuple[str, ...], str | None]:
    """Return the authors' names and the place they come from: JSON-LD, meta tags, or the visible byline."""
    for place, names in (
        ("json-ld", data.authors),
        ("meta", (value for name in _META_NAMES for value in head.meta.get(name, ())[:AUTHORS_LIMIT])),
    ):
        if cleaned := _clean(names, split=place != "json-ld"):
            return cleaned, place
    for text in _visible(tree):
        if cleaned := _clean([text], split=True):
            return cleaned, "byline"
    return (), None


def _visible(tree: HtmlElement) -> Iterator[str]:
    """Yield texts of elements marked as bylines, the likeliest first, outside comments and lists of other articles."""
    for element in islice(filter(_is_byline, tree.iter()), BYLINES_LIMIT):
        marks = " ".join(filter(None, (element.get("class"), element.get("id"))))
        if _ELSEWHERE.search(marks) or _is_elsewhere(element):
            continue
        inner = _NAME_INSIDE(element)
        text = " ".join((inner[0] if inner else element).text_content()[:300].split())
        if 2 < len(text) <= 150:
            yield text


def _is_byline(element: HtmlElement) -> bool:
    values = element.values()
    if not values:
        return False
    get = element.get
    if (marks := get("class")) and _is_byline_class(marks) and element.tag in _BYLINE_TAGS:
        return True
    if "author" in values and (
        "author" in (get("rel"), get("itemprop")) or (get("id") == "author" and element.tag in _BYLINE_TAGS)
    ):
        return True
    return "byline" in values and "byline" in (get("data-testid"), get("data-component"))


@lru_cache(maxsize=4096)
def _is_byline_class(marks: str) -> bool:
    return _BYLINE_CLASS.search(marks) is not None


def _is_elsewhere(element: HtmlElement) -> bool:
    for depth, parent in enumerate(element.iterancestors()):
        if depth > 8 or parent.tag in ("article", "main", "body"):
            return False
        if parent.tag in ("aside", "nav", "footer") or _ELSEWHERE.search(
            f"{parent.get('class') or ''} {parent.get('id') or ''}"
        ):
            return True
    return False


def _clean(names: Iterable[str], *, split: bool) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for raw in names:
        if "://" in raw:
            continue  # the address of a profile
        text = without_mail(unescape(raw[:500]))
        for part in _SPLIT.split(text) if split or len(raw) > LONGEST_NAME else [text]:
            name = _LEAD.sub("", " ".join(part.split())).strip(' ,.:;|-–—•()"')
            if not 2 < len(name) <= LONGEST_NAME or _NOT_A_NAME.search(name) or name.lower() in _EMPTY_NAMES:
                continue
            if not any(letter.isalpha() for letter in name):
                continue
            found.setdefault(name.lower(), name)
            if len(found) >= AUTHORS_LIMIT:
                break
    return tuple(found.values())
