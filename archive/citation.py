"""How an article of the archive is cited: as plain text, BibTeX and CSL-JSON, with the version and its digest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from json.encoder import encode_basestring as _json
from typing import Any

_BIBTEX = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$",
        "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\n": " ",
    }
)  # fmt: skip
_SPECIAL = re.compile(r"[\\{}%&#$_~^\n]")
_NAME = '{"literal": %s}'
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
    title, language, day = article["title"], _LANGUAGES.get(article["language"]), _day(article)
    # a verbatim field: what would end it is written as a URL may write it
    url = str(article["url"]).replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")
    fields = [f"@online{{{key(article)}"]
    if article["authors"]:
        fields.append(f"  author = {{{' and '.join(['{' + _escaped(name) + '}' for name in article['authors']])}}}")
    if title:
        fields.append(f"  title = {{{{{_escaped(title)}}}}}")
    fields.append(f"  organization = {{{_escaped(article['source'])}}}")
    if day:
        fields.append(f"  date = {{{day}}}")
    fields.append(f"  urldate = {{{article['last_seen_at'][:10]}}}")
    fields.append(f"  url = {{{url}}}")
    if language:
        fields.append(f"  langid = {{{language}}}")
    fields.append(f"  note = {{{_escaped(_kept(article))}}}")
    return ",\n".join(fields) + "\n}"


def csl_line(article: Mapping[str, Any]) -> str:
    """Return the article as an item of CSL-JSON, in one line."""
    return "{" + ", ".join([f'"{name}": {value}' for name, value in _csl(article)]) + "}"


def csl_json(article: Mapping[str, Any]) -> str:
    """Return a CSL-JSON file of one article, one field a line."""
    return "[{\n" + ",\n".join([f'  "{name}": {value}' for name, value in _csl(article)]) + "\n}]"


def _csl(article: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the fields of an item with their values as JSON.

    They are written one by one: a package has a reference for each of a million articles, and an encoder of whole
    objects takes three times as long.
    """
    fields = [
        ("id", _json(key(article))),
        ("type", '"article-newspaper"'),
        ("container-title", _json(article["source"])),
        ("URL", _json(article["url"])),
        ("accessed", _csl_date(article["last_seen_at"][:10])),
        ("note", _json(_kept(article))),
    ]
    if article["title"]:
        fields.append(("title", _json(article["title"])))
    if article["authors"]:
        fields.append(("author", f"[{', '.join([_NAME % _json(name) for name in article['authors']])}]"))
    if day := _day(article):
        fields.append(("issued", _csl_date(day)))
    if article["language"]:
        fields.append(("language", _json(article["language"])))
    return fields


def _day(article: Mapping[str, Any]) -> str:
    """Return the day of publication in the outlet's own zone, or nothing."""
    return (article.get("published_day") or article["published_at"] or "")[:10]


def _kept(article: Mapping[str, Any]) -> str:
    seen, digest = article["last_seen_at"][:10], article["text_sha256"][:DIGEST_CHARS]
    return f"version {article['versions']}, seen {seen}, sha256 {digest}"


@lru_cache(maxsize=10_000)
def _csl_date(day: str) -> str:
    return f'{{"date-parts": [[{", ".join(str(int(part)) for part in day.split("-"))}]]}}'


def _escaped(text: str) -> str:
    # looking is ten times quicker than translating, and most names and headlines hold nothing to escape
    return text.translate(_BIBTEX) if _SPECIAL.search(text) else text
