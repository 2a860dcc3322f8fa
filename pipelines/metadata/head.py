"""Gathers in one pass over a parsed page what later stages ask for: meta tags, links, scripts, times, headings."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml.html import HtmlElement

META_LIMIT = 400
"""Meta tags that are read: real pages stay under 150."""
VALUE_LIMIT = 2_000
"""Characters of one meta value that are kept."""
TIMES_LIMIT = 60
"""<time> elements that are kept: an article's own stand near its start."""


@dataclass(slots=True, kw_only=True)
class Head:
    """The parts of a page that speak about it, in document order. Names of meta tags are in small letters."""

    meta: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    """`rel` -> first address."""
    scripts: list[str] = field(default_factory=list)
    """Text of each JSON-LD script."""
    times: list[HtmlElement] = field(default_factory=list)
    itemprops: list[HtmlElement] = field(default_factory=list)
    """Elements with a microdata property of an article: date, author, headline."""
    h1: list[HtmlElement] = field(default_factory=list)
    title: str | None = None
    language: str | None = None
    """The `lang` of <html>."""

    def first(self, *names: str) -> str | None:
        """Return the first value of the first of `names` that the page has."""
        return next((values[0] for name in names if (values := self.meta.get(name))), None)


_WANTED_PROPS = frozenset({"datepublished", "datecreated", "datemodified", "author", "headline", "articlesection"})


def read_head(tree: HtmlElement) -> Head:
    """Read the head of a parsed page, and what bodies hold of its kind, without changing the page."""
    head = Head(language=tree.get("lang") or tree.get("xml:lang"))
    count = 0
    for element in tree.iter("meta", "link", "script", "time", "h1", "title"):
        tag = element.tag
        if tag == "meta":
            content = element.get("content") or element.get("value")
            if not content or count >= META_LIMIT:
                continue
            count += 1
            content = " ".join(content[:VALUE_LIMIT].split())
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                name = element.get(attribute)
                if name and content:
                    key = name.strip().lower()
                    head.meta.setdefault(f"itemprop:{key}" if attribute == "itemprop" else key, []).append(content)
        elif tag == "link":
            for rel in (element.get("rel") or "").lower().split():
                if element.get("href"):
                    head.links.setdefault(rel, element.get("href"))
        elif tag == "script":
            if "ld+json" in (element.get("type") or "").lower() and element.text:
                head.scripts.append(element.text)
        elif tag == "time":
            if len(head.times) < TIMES_LIMIT:
                head.times.append(element)
        elif tag == "h1":
            head.h1.append(element)
        elif head.title is None and element.text and not _in_picture(element):
            head.title = " ".join(element.text.split())
    for element in tree.xpath("//body//*[@itemprop]")[:META_LIMIT]:
        if (element.get("itemprop") or "").strip().lower() in _WANTED_PROPS:
            head.itemprops.append(element)
    return head


def _in_picture(element: HtmlElement) -> bool:
    """Tell whether a <title> belongs to a drawing inside the page."""
    return any(parent.tag == "svg" for parent in element.iterancestors())
