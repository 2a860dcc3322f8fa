"""Tells a page that lists articles (a section, a tag, a home page) from a page that is one."""

from __future__ import annotations

import re
from collections import defaultdict
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from pipelines.metadata.head import Head
from pipelines.metadata.jsonld import ArticleData

FEWEST_CARDS = 6
"""Siblings alike, each with a headline that is a link, from which they are a list of articles."""
HEADLINE = 25
"""Characters from which a link's text is a headline, not a label; Chinese and Japanese say as much in half of them."""
CARDS_SHARE = 0.7
"""Share of the extracted text that must stand in cards: an article with a box of others stays far below."""
CARD_LIMIT = 1_500
"""Characters of a card: what is longer is an article among others, as on the front page of a blog."""
LINKS_LIMIT = 5_000
"""Links of a page that are looked at."""
CARDS_LIMIT = 500
LINES_LIMIT = 500
"""Cards and lines that are compared, each with each: enough to judge by, and the cost stays bounded."""
LONG_PARAGRAPH = 600
"""Characters of one paragraph that only a written text has."""
LONG_LINE = 100
"""Characters of a line that is no label, whether or not it ends like a sentence."""
SHORTEST_SENTENCE = 20
"""Characters: a label may end with a full stop as well. Of 685 pages none with an article has only shorter ones."""
_SENTENCE_END = re.compile(r"[.!?…。！？]\W*$")


def declared_article(head: Head, data: ArticleData) -> bool:
    """Tell whether the page itself says that it is an article: in JSON-LD or by a time of publication.

    `og:type` is not asked: outlets say 'article' there of every page.
    """
    if data.is_article and not data.several:
        return True
    return any(
        name in head.meta for name in ("article:published_time", "og:article:published_time", "itemprop:datepublished")
    )


def is_listing(tree: HtmlElement, text: str, url: str) -> bool:
    """Tell whether `text`, taken from `tree`, is mostly headlines and leads of other articles.

    Give it only pages that do not declare themselves articles. A home page is one whatever it holds.
    """
    lines = [line.removeprefix("- ") for line in text.split("\n", LINES_LIMIT)[:LINES_LIMIT]]
    if not text or any(len(line) > LONG_PARAGRAPH for line in lines):
        return False
    cards = _cards(tree)
    if len(cards) < FEWEST_CARDS:
        return False
    shown = "\n".join(cards)
    listed = sum(len(line) for line in lines if line in shown)
    share = listed / max(1, sum(len(line) for line in lines))
    return share >= (CARDS_SHARE / 2 if _is_home(url) else CARDS_SHARE)


def has_sentence(text: str) -> bool:
    """Tell whether any line of `text` is a sentence.

    Where an article's body is missing, what is left of a page is its menu, its counters and the labels of its boxes.
    """
    return any(
        len(line) >= LONG_LINE or (len(line) >= SHORTEST_SENTENCE and _SENTENCE_END.search(line))
        for line in text.splitlines()
    )


def _cards(tree: HtmlElement) -> list[str]:
    """Return the texts of elements that repeat beside each other, each with a link that is a headline."""
    groups: defaultdict[tuple[int, str, str], list[HtmlElement]] = defaultdict(list)
    for number, link in enumerate(tree.iter("a")):
        if number > LINKS_LIMIT:
            break
        if not link.get("href") or len(link.text_content().strip()) < HEADLINE:
            continue
        # The card is the largest element around the link that has siblings of its kind; three levels are enough.
        element = link
        for _ in range(6):
            parent = element.getparent()
            if parent is None or parent.tag == "body":
                break
            groups[id(parent), element.tag, (element.get("class") or "").split(" ")[0]].append(element)
            element = parent
    texts: dict[str, None] = {}
    for elements in groups.values():
        alike = list(dict.fromkeys(elements))
        if len(alike) >= FEWEST_CARDS:
            for element in alike:
                content = element.text_content()
                if len(content) <= CARD_LIMIT * 3:
                    text = "\n".join(" ".join(part.split()) for part in element.itertext() if part.strip())
                    if len(text) <= CARD_LIMIT:
                        texts[text] = None
    return list(texts)[:CARDS_LIMIT]


def _is_home(url: str) -> bool:
    try:
        return urlsplit(url).path.strip("/") in ("", "index.html", "index.php", "ru", "kz", "kk", "kaz", "en")
    except ValueError:
        return False
