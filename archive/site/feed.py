"""Writes the latest articles of a search as an Atom feed (RFC 4287), so that a search can be followed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

from archive.search.query import HIT_BEGINS, HIT_ENDS

NAMESPACE = "http://www.w3.org/2005/Atom"
EPOCH = "1970-01-01T00:00:00Z"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write."""


def atom(rows: Iterable[Mapping[str, Any]], *, title: str, page: str, itself: str, home: str) -> str:
    """Return a feed. `page` and `itself` are the whole addresses of the search and of the feed; `home` of the site."""
    rows = list(rows)
    feed = ElementTree.Element("feed", {"xmlns": NAMESPACE})
    _add(feed, "id", itself)
    _add(feed, "title", title)
    _add(feed, "updated", max((_changed(row) for row in rows), default=EPOCH))
    feed.append(ElementTree.Element("link", {"rel": "self", "type": "application/atom+xml", "href": _clean(itself)}))
    feed.append(ElementTree.Element("link", {"rel": "alternate", "type": "text/html", "href": _clean(page)}))
    for row in rows:
        entry = ElementTree.SubElement(feed, "entry")
        _add(entry, "id", f"{home}article/{row['id']}")
        _add(entry, "title", row["title"] or row["url"])
        _add(entry, "updated", _changed(row))
        if row["published_at"]:
            _add(entry, "published", _moment(row["published_at"]))
        author = ElementTree.SubElement(entry, "author")
        _add(author, "name", row["source"])
        entry.append(
            ElementTree.Element("link", {"rel": "alternate", "type": "text/html", "href": f"{home}article/{row['id']}"})
        )
        if str(row["url"]).startswith(("https://", "http://")):
            entry.append(ElementTree.Element("link", {"rel": "via", "type": "text/html", "href": _clean(row["url"])}))
        if row["language"]:
            entry.set("xml:lang", row["language"])
        _add(entry, "summary", row["snippet"].replace(HIT_BEGINS, "").replace(HIT_ENDS, ""))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(feed, encoding="unicode")


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text)


def _changed(row: Mapping[str, Any]) -> str:
    """Return when an entry last became something to read: its publication, or its discovery when that was later."""
    return str(max(_moment(row["published_at"] or EPOCH), row["first_seen_at"]))


def _moment(text: str) -> str:
    return text if len(text) > 10 else f"{text}T00:00:00Z"
