"""How an article of the archive is cited: as plain text, BibTeX and CSL-JSON, with the version and its digest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from json.encoder import encode_basestring as _json
from typing import Any, NamedTuple

_BIBTEX = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$",
        "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\n": " ",
    }
)  # fmt: skip
_SPECIAL = re.compile(r"[\\{}%&#$_~^\n]")
_NAME = '{"literal": %s}'
_LANGUAGES = {"kk": "kazakh", "ru": "russian", "en": "english"}
_NEXT = "\n"
"""What no expression inside an f-string may hold before Python 3.12."""
DIGEST_CHARS = 16
"""Enough of the text's SHA-256 to tell one version from another by eye."""


class Cited(NamedTuple):
    """What of an article its references say: its key, day and digest are found once for all of them."""

    key: str
    source: str
    url: str
    title: str | None
    authors: tuple[str, ...]
    day: str
    seen: str
    language: str | None
    kept: str


def cited(article: Mapping[str, Any]) -> Cited:
    """Return what is cited of an article: a row of `articles` with the name of its outlet and its authors as a list."""
    published = article.get("published_day") or article["published_at"]
    return cited_as(
        key_of(str(article["source_id"]), published, article["id"]),
        article["source"],
        str(article["url"]),
        article["title"],
        tuple(article["authors"]),
        published,
        article["last_seen_at"],
        article["language"],
        article["versions"],
        article["text_sha256"],
    )


def cited_as(
    key: str, source: str, url: str, title: str | None, authors: tuple[str, ...], published: str | None, seen_at: str,
    language: str | None, versions: int, text_sha256: str,
) -> Cited:  # fmt: skip
    """Return what is cited of an article whose key is known: its days, its version and how its text is recognised."""
    seen = seen_at[:10]
    kept = f"version {versions}, seen {seen}, sha256 {text_sha256[:DIGEST_CHARS]}"
    return Cited(key, source, url, title, authors, (published or "")[:10], seen, language, kept)


def key_of(source_id: str, day: str | None, number: int) -> str:
    """Return a key that no other article has: outlet, day (`2026-03-10` with whatever follows) and number."""
    return f"{_slug(source_id)}{(day or 'nd')[:10].replace('-', '')}-{number}"


def plain(article: Mapping[str, Any]) -> str:
    """Return a reference in one line, ready for a footnote."""
    one = cited(article)
    authors = ", ".join(one.authors)
    title = str(one.title or "").strip()
    parts = [
        f"{authors.rstrip('.')}." if authors else "",
        title if title.endswith((".", "?", "!", "…")) else f"{title}." if title else "",
        f"{one.source}, {one.day or 'n.d.'}.",
        one.url,
        f"({one.kept}).",
    ]
    return " ".join(part for part in parts if part)


def bibtex(article: Mapping[str, Any]) -> str:
    """Return a BibTeX (biblatex) entry of type @online."""
    return bibtex_of(cited(article))


def bibtex_of(one: Cited) -> str:
    """Return the BibTeX entry of what is cited."""
    key, source, url, title, authors, day, seen, code, kept = one
    language = _LANGUAGES.get(code or "")
    # a verbatim field: what would end it is written as a URL may write it
    if "{" in url or "}" in url or "\\" in url:
        url = url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")
    return (
        f"@online{{{key},\n{_bibtex_authors(authors) if authors else ''}"
        f"{f'  title = {{{{{_escaped(title)}}}}},{_NEXT}' if title else ''}"
        f"  organization = {{{_escaped(source)}}},\n"
        f"{f'  date = {{{day}}},{_NEXT}' if day else ''}"
        f"  urldate = {{{seen}}},\n  url = {{{url}}},\n"
        f"{f'  langid = {{{language}}},{_NEXT}' if language else ''}"
        f"  note = {{{_escaped(kept)}}}\n}}"
    )


def csl_line(article: Mapping[str, Any]) -> str:
    """Return the article as an item of CSL-JSON, in one line."""
    return csl_line_of(cited(article))


def csl_line_of(one: Cited) -> str:
    """Return the item of CSL-JSON of what is cited, in one line."""
    return f"{{{', '.join(_csl(one))}}}"


def csl_json(article: Mapping[str, Any]) -> str:
    """Return a CSL-JSON file of one article, one field a line."""
    return "[{\n  " + ",\n  ".join(_csl(cited(article))) + "\n}]"


def _csl(one: Cited) -> list[str]:
    """Return the fields of an item, each with its name and its value as JSON.

    They are written one by one: a package has a reference for each of a million articles, and an encoder of whole
    objects takes three times as long.
    """
    key, source, url, title, authors, day, seen, language, kept = one
    fields = [
        f'"id": {_json(key)}',
        '"type": "article-newspaper"',
        f'"container-title": {_json(source)}',
        f'"URL": {_json(url)}',
        f'"accessed": {_csl_date(seen)}',
        f'"note": {_json(kept)}',
    ]
    if title:
        fields.append(f'"title": {_json(title)}')
    if authors:
        fields.append(f'"author": {_csl_authors(authors)}')
    if day:
        fields.append(f'"issued": {_csl_date(day)}')
    if language:
        fields.append(f'"language": {_json(language)}')
    return fields


@lru_cache(maxsize=1_000)
def _slug(source_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", source_id) or "article"


@lru_cache(maxsize=10_000)
def _bibtex_authors(authors: tuple[str, ...]) -> str:
    """Return the field of the authors: an outlet's come again and again."""
    return f"  author = {{{' and '.join(['{' + _escaped(name) + '}' for name in authors])}}},\n"


@lru_cache(maxsize=10_000)
def _csl_authors(authors: tuple[str, ...]) -> str:
    return f"[{', '.join([_NAME % _json(name) for name in authors])}]"


@lru_cache(maxsize=10_000)
def _csl_date(day: str) -> str:
    return f'{{"date-parts": [[{", ".join(str(int(part)) for part in day.split("-"))}]]}}'


def _escaped(text: str) -> str:
    # looking is ten times quicker than translating, and most names and headlines hold nothing to escape
    return text.translate(_BIBTEX) if _SPECIAL.search(text) else text
