"""Finds the article among a page's JSON-LD, mended where publishers break it, bounded where they overdo it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

SCRIPT_LIMIT = 500_000
"""Characters of one script that are read: honest ones stay under 100,000; 270 KB of broken JSON cost 11 s elsewhere."""
SCRIPTS_LIMIT = 20
NODES_LIMIT = 2_000
"""Objects of one page that are looked at."""
TEXT_LIMIT = 2_000
"""Characters of one value (a headline, a name) that are kept."""

ARTICLE_TYPES = ("Article", "Posting", "Report", "Review")
"""Endings of schema.org types that are texts with an author and a date."""
PAGE_TYPES = ("WebPage", "VideoObject", "ItemPage", "AboutPage", "CreativeWork", "PodcastEpisode", "AudioObject")
"""Types whose dates count when no article is declared."""
_NOT_FOLLOWED = frozenset({
    "comment", "comments", "itemListElement", "isPartOf", "publisher", "author", "breadcrumb", "hasPart",
    "relatedLink", "review", "citation", "interactionStatistic", "mentions", "about",
})  # fmt: skip
"""Properties that lead to other things than the page's own article."""

_WRAPPERS = re.compile(
    r"^\s*(?:<!--|//\s{0,3}<!\[CDATA\[|/\*\s{0,3}<!\[CDATA\[\s{0,3}\*/|<!\[CDATA\[)|(?://\s{0,3}\]\]>|/\*\s{0,3}\]\]>\s{0,3}\*/|\]\]>|-->)\s*;?\s*$"
)
_TRAILING_COMMA = re.compile(r",(\s{0,200}[}\]])")
_MISSING_COMMA = re.compile(r'("|\}|\])(\s{0,40}\n\s{0,40}")')
_RAW_DATE = {
    name: re.compile(rf'"{name}"\s{{0,5}}:\s{{0,5}}"([^"\\<>]{{4,40}})"')
    for name in ("datePublished", "dateModified", "dateCreated")
}
_RAW_TEXT = {
    name: re.compile(rf'"{name}"\s{{0,5}}:\s{{0,5}}"((?:[^"\\<>\n]|\\.){{4,300}})"')
    for name in ("headline", "articleSection")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleData:
    """What JSON-LD says of the page's article. Dates and addresses are as written, names and texts unescaped."""

    types: tuple[str, ...] = ()
    is_article: bool = False
    headline: str | None = None
    published: str | None = None
    modified: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    url: str | None = None
    language: str | None = None
    body: str | None = None
    several: bool = False
    """Several articles are described and none of them is known to be the page's own: a listing."""
    notes: tuple[str, ...] = field(default_factory=tuple)


def read_jsonld(scripts: Iterable[str], *, page_url: str = "", titles: Iterable[str] = ()) -> ArticleData:
    """Return what the scripts of type application/ld+json say of the page's article; all empty when they say nothing.

    Among several articles the page's own is the one whose address is `page_url` or whose headline is one of
    `titles`; without such a sign the first.
    """
    nodes: list[Mapping[str, Any]] = []
    notes: list[str] = []
    salvaged: dict[str, Any] = {}
    for number, script in enumerate(scripts):
        if number >= SCRIPTS_LIMIT:
            notes.append(f"JSON-LD scripts after the first {SCRIPTS_LIMIT} were not read")
            break
        if len(script) > SCRIPT_LIMIT:
            notes.append(f"a JSON-LD script of {len(script)} characters was not parsed")
            salvaged = {**_salvage(script[:SCRIPT_LIMIT]), **salvaged}
            continue
        parsed = _parse(script)
        if parsed is None:
            if script.strip():
                notes.append("broken JSON-LD: only plain fields were read")
                salvaged = {**_salvage(script), **salvaged}
            continue
        nodes.extend(_walk(parsed, NODES_LIMIT - len(nodes)))
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    articles = [node for node in nodes if any(name.endswith(ARTICLE_TYPES) for name in _types(node))]
    articles = [node for node in articles if _text(node.get("headline")) or _text(node.get("datePublished"))]
    own = _own(articles, page_url, set(titles))
    if own is None:
        pages = [node for node in nodes if any(name.endswith(PAGE_TYPES) for name in _types(node))]
        dated = [node for node in pages if _text(node.get("datePublished")) or _text(node.get("uploadDate"))]
        own = dated[0] if dated else None
    if own is None and salvaged:
        own = {"@type": "NewsArticle", **salvaged}
    if own is None:
        return ArticleData(notes=tuple(notes))
    types = tuple(_types(own))
    return ArticleData(
        types=types,
        is_article=any(name.endswith(ARTICLE_TYPES) for name in types),
        headline=_text(own.get("headline")) or (_text(own.get("name")) if own in articles else None),
        published=_text(own.get("datePublished")) or _text(own.get("uploadDate")) or _text(own.get("dateCreated")),
        modified=_text(own.get("dateModified")),
        authors=tuple(dict.fromkeys(_names(own.get("author") or own.get("creator"), by_id))),
        section=next(iter(_strings(own.get("articleSection"))), None),
        tags=tuple(_keywords(own.get("keywords"))),
        image=_address(own.get("image"), by_id) or _text(own.get("thumbnailUrl")),
        url=_text(own.get("url")) or _address(own.get("mainEntityOfPage"), by_id),
        language=_text(own.get("inLanguage")),
        body=_long_text(own.get("articleBody")),
        several=len(articles) > 2 and not _is_own(own, page_url, set(titles)),
        notes=tuple(notes),
    )


def _parse(script: str) -> Any:
    """Return the parsed script, mended if need be, or None when it is no JSON even so."""
    for attempt in (_as_is, _mended):
        try:
            return attempt(script)
        except (ValueError, RecursionError):
            continue
    return None


def _as_is(script: str) -> Any:
    return json.loads(script, strict=False)


def _mended(script: str) -> Any:
    text = _WRAPPERS.sub("", _WRAPPERS.sub("", script)).strip().rstrip(";")
    text = _TRAILING_COMMA.sub(r"\1", text)
    if text.lstrip()[:2] == "{&" or "&quot;" in text[:40]:
        text = unescape(text)
    decoder = json.JSONDecoder(strict=False)
    values: list[Any] = []
    position = 0
    while position < len(text) and len(values) < SCRIPTS_LIMIT:
        try:
            value, position = decoder.raw_decode(text, position)
        except ValueError:
            if values:
                break
            text = _MISSING_COMMA.sub(r"\1,\2", text)
            value, position = decoder.raw_decode(text, position)
        values.append(value)
        while position < len(text) and text[position] in " \t\r\n,;":
            position += 1
    return values


def _salvage(script: str) -> dict[str, Any]:
    """Return the plain string fields of a script that cannot be parsed."""
    found: dict[str, Any] = {}
    for name, pattern in (*_RAW_DATE.items(), *_RAW_TEXT.items()):
        if match := pattern.search(script):
            found[name] = match[1].replace('\\"', '"').replace("\\/", "/")
    if match := re.search(
        r'"author"\s{0,5}:[\s\[{]{0,20}(?:"@type"\s{0,5}:\s{0,5}"\w{1,30}"\s{0,5},\s{0,20})?"name"\s{0,5}:\s{0,5}"([^"\\]{2,80})"',
        script,
    ):
        found["author"] = match[1]
    return found


def _walk(parsed: Any, limit: int) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of `parsed` in document order, at most `limit`."""
    waiting = [parsed]
    while waiting and limit > 0:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value[:NODES_LIMIT]))
        elif isinstance(value, dict):
            limit -= 1
            yield value
            waiting.extend(
                inner
                for key, inner in reversed(value.items())
                if key not in _NOT_FOLLOWED and isinstance(inner, dict | list)
            )


def _types(node: Mapping[str, Any]) -> list[str]:
    return [name.rsplit("/", 1)[-1] for name in _strings(node.get("@type"))]


def _own(articles: list[Mapping[str, Any]], page_url: str, titles: set[str]) -> Mapping[str, Any] | None:
    if not articles:
        return None
    return next((node for node in articles if _is_own(node, page_url, titles)), articles[0])


def _is_own(node: Mapping[str, Any], page_url: str, titles: set[str]) -> bool:
    headline = _text(node.get("headline"))
    if headline and headline in titles:
        return True
    addresses = {_text(node.get("url")), _address(node.get("mainEntityOfPage"), {})}
    return bool(page_url) and any(address and _bare(address) == _bare(page_url) for address in addresses)


def _bare(address: str) -> str:
    return address.split("?")[0].split("#")[0].rstrip("/").removeprefix("https:").removeprefix("http:")


def _text(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    text = " ".join(unescape(value[:TEXT_LIMIT]).split())
    return text or None


def _long_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _strings(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for text in (_text(item) for item in values[:100]) if text]


def _keywords(value: Any) -> Iterator[str]:
    for text in _strings(value):
        for part in re.split(r"[,;]", text) if not isinstance(value, list) else [text]:
            if part.strip():
                yield part.strip()


def _names(value: Any, by_id: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for item in (value if isinstance(value, list) else [value])[:50]:
        if isinstance(item, dict):
            if "name" not in item and isinstance(item.get("@id"), str):
                item = by_id.get(item["@id"], item)
            yield from _strings(item.get("name"))
        elif isinstance(item, str) and (text := _text(item)):
            yield text


def _address(value: Any, by_id: Mapping[str, Mapping[str, Any]]) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        identity = value.get("@id")
        value = value.get("url") or value.get("contentUrl") or value.get("@id")
        if isinstance(identity, str) and identity == value and identity in by_id:
            value = by_id[identity].get("url") or by_id[identity].get("contentUrl") or value
        if isinstance(value, list | dict):
            return _address(value, {})
    return value if isinstance(value, str) and value else None
