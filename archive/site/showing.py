"""How what was stored is shown in templates: safe links, marked snippets, addresses of pages and files."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from markupsafe import Markup, escape

from archive.search.query import HIT_BEGINS, HIT_ENDS
from archive.site.chart import language_name
from archive.site.language import LANGUAGES, NAMES, Words, utc_title
from archive.site.policy import NONCE
from archive.times import parsed

STATIC = Path(__file__).parent / "static"
MOUNT = "-/dauys"
_CODED = re.compile("%[C-F][0-9A-F]", re.IGNORECASE)

NAVIGATION = (
    ("search", "/search"),
    ("stories", "/stories"),
    ("reprints", "/reprints"),
    ("edits", "/edits"),
    ("deletions", "/deletions"),
    ("outlets", "/outlets"),
)


def for_templates(datasette: Any, request: Any, w: Words) -> dict[str, Any]:
    """Return the names that every template can use."""
    path = request.path if request else "/"
    database = datasette.get_database().name

    def at(path: str, **values: object) -> str:
        query = urlencode([(name, str(value)) for name, value in values.items() if value not in (None, "", False)])
        return str(datasette.urls.path(path)) + (f"?{query}" if query else "")

    def rows_of(table: str, **values: object) -> str:
        return str(datasette.urls.table(database, table)) + (f"?{urlencode(values)}" if values else "")

    return {
        "w": w,
        "csp_nonce": request.scope.get(NONCE, "") if request else "",
        "at": at,
        "rows_of": rows_of,
        "asset": lambda name: at(f"/{MOUNT}/{name}") + f"?{fingerprint(name)}",
        "database_address": datasette.urls.database(database),
        "language_links": [(code, NAMES[code], _in_language(request, code)) for code in LANGUAGES],
        "navigation": [
            (name, address, path == address or path.startswith(f"{_singular(address)}/"))
            for name, address in NAVIGATION
        ],
        "here": path,
        "language_name": lambda code: language_name(w, code or "und"),
        "linkable": linkable,
        "marked": marked,
        "readable": readable,
        "host_of": host_of,
        "utc": utc_title,
        "shown_time": lambda text: shown_time(w, text),
        "lived": lambda start, end: w.span((parsed(end) - parsed(start)).total_seconds() / 60),
    }


def linkable(url: str | None) -> str | None:
    """Return an address that may stand in a link: http or https with a host; None for everything else."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def readable(url: str) -> str:
    """Return an address with its Cyrillic letters instead of their codes, to be read and not to be followed."""
    try:
        plain = unquote(url, errors="strict") if _CODED.search(url) else url
    except UnicodeDecodeError:
        return url
    return plain if plain.isprintable() and " " not in plain else url


def host_of(url: str | None) -> str:
    """Return the host of an address for people, without www."""
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def marked(snippet: str) -> Markup:
    """Return a snippet with its hits in <mark>, all of it escaped."""
    shown = Markup()
    for at, part in enumerate(snippet.split(HIT_BEGINS)):
        hit, end, rest = part.partition(HIT_ENDS) if at else ("", "", part)
        if end:
            shown += Markup("<mark>{}</mark>").format(hit)
            shown += escape(rest)
        else:
            shown += escape(hit + rest)
    return shown


def shown_time(w: Words, text: str | None) -> Markup:
    """Return a stored time in words inside <time>, its UTC in the title."""
    if not text:
        return Markup("–")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(text, utc_title(text), w.moment(text))


@cache
def fingerprint(name: str) -> str:
    """Return a few characters that change with the content of a static file."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def _in_language(request: Any, code: str) -> str:
    """Return the address of this page in another language."""
    if request is None:
        return f"?_lang={code}"
    pairs = [(name, value) for name in request.args for value in request.args.getlist(name) if name != "_lang"]
    return "?" + urlencode([*pairs, ("_lang", code)])


def _singular(address: str) -> str:
    return {"/stories": "/story", "/outlets": "/outlet"}.get(address, address)
