"""Parses a page once and takes the readable text out of it, within limits that hostile pages keep to."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement, HTMLParser
from trafilatura.core import trafilatura_sequence
from trafilatura.settings import Extractor
from trafilatura.xml import xmltotxt

MAX_CHARS = 5_000_000
"""Characters of a page's source that are parsed, and of its text that are kept."""
MAX_ATTRIBUTES = 1_000
"""Attributes of one tag: 100,000 of them in 0.9 MB took the parser over two minutes, real tags stay under 100."""
SHORT_TEXT = 600
"""Characters of text under which the slow, thorough extraction has its turn: the fast one may have missed a part."""
PARAGRAPH_SHARE = 0.4
"""Share of the page's paragraphs under which a text is suspected to be a part."""
SHORT_PARAGRAPH = 40
"""Characters up to which a paragraph may be a caption or a button."""
DECLARED_SHARE = 0.55
"""Share of the text given in JSON-LD under which a text is suspected to be a part."""
THOROUGH_SHARE = 0.8
"""How much shorter than the fast result the thorough one may be and still be taken: it also takes off what is none."""
DEPTH_LIMIT = 256
"""Nested elements that the parser follows; what lies deeper is silently lost unless it is asked for more."""

_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{20000,}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_CHROME = ("nav", "footer", "noscript", "iframe", "template", "head", "style", "script")
"""Elements that hold no article text on any page. `aside`, `form` and `button` look alike and are not: some publishers
wrap their text in them."""

_TAGS = re.compile(r"<[^<>]{1,300}>")

_FAST = Extractor(fast=True, recall=True, comments=False)
_THOROUGH = Extractor(comments=False)


class UnparsableError(ValueError):
    """Raised for a page that must not or cannot be parsed; the message says why in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A page's tree and what was lost in making it."""

    tree: HtmlElement
    notes: tuple[str, ...] = ()


def parse(text: str) -> Parsed:
    """Parse the decoded source of a page. Raises UnparsableError for empty and for hostile sources."""
    notes: list[str] = []
    if len(text) > MAX_CHARS:
        notes.append(f"source cut at {MAX_CHARS} of {len(text)} characters")
        text = text[:MAX_CHARS]
    for tag in _LONG_TAG.finditer(text):
        if len(_QUOTED.sub("", tag[0]).split()) > MAX_ATTRIBUTES:
            raise UnparsableError(f"a tag with over {MAX_ATTRIBUTES} attributes")
    source = text.encode("utf-8", "replace")
    # A parser per page: its error log is the page's own.
    parser = _parser(huge=False)
    tree = _tree(source, parser)
    if any("xcessive depth" in entry.message for entry in parser.error_log):
        parser = _parser(huge=True)
        tree = _tree(source, parser)
        lost = any("xcessive depth" in entry.message for entry in parser.error_log)
        notes.append(
            "text below 2048 nested elements lost" if lost else f"more than {DEPTH_LIMIT} nested elements: read in full"
        )
    return Parsed(tree=tree, notes=tuple(notes))


def _parser(*, huge: bool) -> HTMLParser:
    return HTMLParser(  # type: ignore[call-arg] # default_doctype is newer than the stubs
        collect_ids=False,
        default_doctype=False,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        huge_tree=huge,
    )


def _tree(source: bytes, parser: HTMLParser) -> HtmlElement:
    try:
        tree = etree.fromstring(source, parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise UnparsableError("no HTML in it") from error
    if tree is None or len(tree) == 0:
        raise UnparsableError("no HTML in it")
    return tree


def readable_text(tree: HtmlElement, declared: str | None = None) -> tuple[str, str]:
    """Return the article's text, paragraphs joined by a newline, and which extraction found it; changes the tree.

    `declared` is the text that the page's JSON-LD gives, if any: it judges the others, since it often lacks
    paragraphs and sometimes holds other articles, and is taken only where they miss most of it.
    """
    _drop_chrome(tree)
    whole = deepcopy(tree)
    text, origin = _extract(tree, _FAST), "fast extraction"
    enough = max(SHORT_TEXT, int(PARAGRAPH_SHARE * _paragraph_chars(whole)), int(DECLARED_SHARE * len(declared or "")))
    if len(text) < enough:
        thorough = _extract(whole, _THOROUGH)
        if len(thorough) > THOROUGH_SHARE * len(text):
            text, origin = thorough, "thorough extraction"
    if declared and len(declared) >= SHORT_TEXT and len(text) < DECLARED_SHARE * len(declared):
        return _TAGS.sub("", declared)[:MAX_CHARS].strip(), "JSON-LD articleBody"
    return text, origin


def _paragraph_chars(tree: HtmlElement) -> int:
    """Return the characters that stand in real paragraphs: long enough, and not mostly links."""
    total = 0
    for paragraph in tree.iter("p"):
        text = len(paragraph.text_content())
        if text > SHORT_PARAGRAPH:
            linked = sum(len(link.text_content()) for link in paragraph.iter("a"))
            total += text if 2 * linked < text else 0
    return total


def _drop_chrome(tree: HtmlElement) -> None:
    for element in list(tree.iter(*_CHROME)):
        parent = element.getparent()
        if parent is None:
            continue
        if element.tail:
            before = element.getprevious()
            if before is None:
                parent.text = (parent.text or "") + element.tail
            else:
                before.tail = (before.tail or "") + element.tail
        parent.remove(element)


def _extract(tree: HtmlElement, options: Extractor) -> str:
    try:
        body, _, _, _ = trafilatura_sequence(tree, options)
        text: str = xmltotxt(body, False)
    except (ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError):
        # The extractor gives up on trees that no browser would draw either.
        return ""
    return text[:MAX_CHARS].strip()
