"""How an article of the archive is cited: as plain text, BibTeX and CSL-JSON, with the version and its digest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_BIBTEX = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$",
        "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\n": " ",
    }
)  # fmt: skip
_SPECIAL = re.compile(r"[\\{}%&#$_~^\n]")
_LINE = json.JSONEncoder(ensure_ascii=False).encode
_LANGUAGES = {"kk": "kazakh", "ru": "russian", "en": "english"}
DIGEST_CHARS = 16
"""Enough of the text's SHA-256 to tell one version from another by eye."""


def key(article: Mapping[str, Any]) -> str:
    """Return a key that no other article has: outlet, day and number."""
    return key_of(str(article["source_id"]), _day(article), article["id"])


def key_of(source_id: str, day: str | None, number: int) -> str:
    """Return the key of an article that an outlet published on a day (`2026-03-10` with whatever follows)."""
    return f"{_slug(source_id)}{(day or 'nd')[:10].replace('-', '')}-{number}"


@lru_cache(maxsize=1_000)
def _slug(source_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", source_id) or "article"


def plain(article: Mapping[str, Any]) -> str:
    """Return a reference in one line, ready for a footnote."""
    authors = ", ".join(article["authors"])
    title = str(article["title"] or "").strip()
    parts = [
        f"{authors.rstrip('.')}." if authors else "",
        title if title.endswith((".", "?", "!", "…")) else f"{title}." if title else "",
        f"{article['source']}, {_day(article) or 'n.d.'}.",
        f"{article['url']}",
        f"({_kept(article)}).",
    ]
    return " ".join(part for part in parts if part)


def bibtex(article: Mapping[str, Any]) -> str:
    """Return a BibTeX (biblatex) entry of type @online."""
    fields = {
        "author": " and ".join("{" + _escaped(name) + "}" for name in article["authors"]),
        "title": "{" + _escaped(str(article["title"] or "")) + "}" if article["title"] else "",
        "organization": _escaped(str(article["source"])),
        "date": _day(article),
        "urldate": str(article["last_seen_at"])[:10],
        # a verbatim field: what would end it is written as a URL may write it
        "url": str(article["url"]).replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C"),
        "langid": _LANGUAGES.get(str(article["language"]), ""),
        "note": _escaped(_kept(article)),
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@online{{{key(article)},\n{lines}\n}}"


def csl(article: Mapping[str, Any]) -> dict[str, Any]:
    """Return the article as an item of CSL-JSON."""
    item: dict[str, Any] = {
        "id": key(article),
        "type": "article-newspaper",
        "container-title": article["source"],
        "URL": article["url"],
        "accessed": _csl_date(str(article["last_seen_at"])[:10]),
        "note": _kept(article),
    }
    if article["title"]:
        item["title"] = article["title"]
    if article["authors"]:
        item["author"] = [{"literal": name} for name in article["authors"]]
    if _day(article):
        item["issued"] = _csl_date(_day(article))
    if article["language"]:
        item["language"] = article["language"]
    return item


def csl_line(article: Mapping[str, Any]) -> str:
    """Return the article as an item of CSL-JSON in one line."""
    return _LINE(csl(article))


def csl_json(article: Mapping[str, Any]) -> str:
    """Return a CSL-JSON file of one article, one field a line."""
    fields = (f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in csl(article).items())
    return "[{\n" + ",\n".join(fields) + "\n}]"


def _day(article: Mapping[str, Any]) -> str:
    """Return the day of publication in the outlet's own zone, or nothing."""
    return str(article.get("published_day") or article["published_at"] or "")[:10]


def _kept(article: Mapping[str, Any]) -> str:
    seen = str(article["last_seen_at"])[:10]
    return f"version {article['versions']}, seen {seen}, sha256 {str(article['text_sha256'])[:DIGEST_CHARS]}"


def _csl_date(text: str) -> dict[str, list[list[int]]]:
    year, month, day = text.split("-")
    return {"date-parts": [[int(year), int(month), int(day)]]}


def _escaped(text: str) -> str:
    # looking is ten times quicker than translating, and most names and headlines hold nothing to escape
    return text.translate(_BIBTEX) if _SPECIAL.search(text) else text
