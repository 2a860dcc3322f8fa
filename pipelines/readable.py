"""Parses a page once and takes the readable text out of it, within limits that hostile pages keep to."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree
from lxml.etree import strip_elements
from lxml.html import HtmlElement
from trafilatura.baseline import baseline
from trafilatura.core import trafilatura_sequence
from trafilatura.htmlprocessing import convert_tags, tree_cleaning
from trafilatura.main_extractor import extract_content
from trafilatura.settings import Extractor
from trafilatura.xml import delete_element, xmltotxt

from pipelines import selections, stop_words
from pipelines.harmless import harmless

MAX_CHARS = 5_000_000
"""Characters of a page's source that are parsed, and of its text that are kept."""
MAX_ATTRIBUTES = 1_000
"""Attributes of one tag: 100,000 of them in 0.9 MB took the parser over two minutes, real tags stay under 100."""
LONG_TAG = 20_000
"""Characters of a tag from which its attributes are counted."""
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

_LONG_TAG = re.compile(rf"<[A-Za-z][^<>]{{{LONG_TAG},}}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_CHROME = ("nav", "footer", "noscript", "iframe", "template", "head", "style", "script")
"""Elements that hold no article text on any page. `aside`, `form` and `button` look alike and are not: some publishers
wrap their text in them."""

_TAGS = re.compile(r"<[^<>]{1,300}>")

_ONE_CLASS = etree.ElementDefaultClassLookup(element=HtmlElement)
"""lxml.html's own parser asks Python for the class of each element it touches, thousands a page; one class does."""

selections.install()
_FAST = Extractor(fast=True, recall=True, comments=False)
_THOROUGH = Extractor(comments=False)
_GIVES_UP = (ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError)
"""What the extractor raises on trees that no browser would draw either."""


class UnparsableError(ValueError):
    """Raised for a page that must not or cannot be parsed; the message says why in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A page's tree and what was lost in making it."""

    tree: HtmlElement
    notes: tuple[str, ...] = ()


def parse(text: str, encoded: bytes | None = None) -> Parsed:
    """Parse the decoded source of a page. Raises UnparsableError for empty and for hostile sources.

    `encoded` is the same in UTF-8, where that is at hand.
    """
    notes: list[str] = []
    if len(text) > MAX_CHARS:
        notes.append(f"source cut at {MAX_CHARS} of {len(text)} characters")
        text, encoded = text[:MAX_CHARS], None
    for tag in _LONG_TAG.finditer(text) if _may_have_long_tag(text) else ():
        if len(_QUOTED.sub("", tag[0]).split()) > MAX_ATTRIBUTES:
            raise UnparsableError(f"a tag with over {MAX_ATTRIBUTES} attributes")
    source = harmless(text.encode("utf-8", "replace") if encoded is None else encoded)
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


def _may_have_long_tag(text: str) -> bool:
    """Tell whether there is room for a tag of LONG_TAG characters: every one of them has a whole half of that length,
    counted from the text's beginning, in which no tag ends."""
    half = LONG_TAG // 2
    return any(text.find(">", start, start + half) < 0 for start in range(0, len(text) - half + 1, half))


def _parser(*, huge: bool) -> etree.HTMLParser:
    parser = etree.HTMLParser(  # type: ignore[call-arg] # default_doctype is newer than the stubs
        collect_ids=False,
        default_doctype=False,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        huge_tree=huge,
    )
    parser.set_element_class_lookup(_ONE_CLASS)
    return parser


def _tree(source: bytes, parser: etree.HTMLParser) -> HtmlElement:
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
    strip_elements(tree, *_CHROME, with_tail=False)
    for element in selections.surplus(tree):
        delete_element(element)
    whole = deepcopy(tree)
    text, origin = _fast(tree, whole), "fast extraction"
    enough = max(SHORT_TEXT, int(PARAGRAPH_SHARE * _paragraph_chars(whole)), int(DECLARED_SHARE * len(declared or "")))
    if len(text) < enough:
        thorough = _thorough(whole)
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


def _fast(tree: HtmlElement, whole: HtmlElement) -> str:
    """Return what the extractor's rules alone find; changes `tree` and leaves its copy `whole` as it is.

    The same steps as the extractor's own sequence takes in its fast mode, without the copies of the page that the
    steps which are left out would need.
    """
    try:
        body, text = extract_content(convert_tags(tree_cleaning(tree, _FAST), _FAST), _FAST)
        if len(text) < _FAST.min_extracted_size:
            rescued, _, length = baseline(whole)
            body = rescued if length > len(text) else body
        return _as_text(body)
    except _GIVES_UP:
        return ""


def _thorough(tree: HtmlElement) -> str:
    """Return what the extractor finds when it compares its rules with other algorithms; changes the tree."""
    stop_words.keep()
    try:
        body, _, _, _ = trafilatura_sequence(tree, _THOROUGH)
        return _as_text(body)
    except _GIVES_UP:
        return ""


def _as_text(body: HtmlElement) -> str:
    text: str = xmltotxt(body, False)
    return text[:MAX_CHARS].strip()
