"""Writes what a probe found as a `[[source]]` block for `sources.toml`."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from crawler.discovery.probe import Found, Report

_NOT_ID = re.compile(r"[^a-z0-9]+")
_TITLE_END = re.compile(r"\s[|—–-]\s|\s?[|:•·]\s")


def source_block(report: Report) -> str:
    """Return a `[[source]]` table that can be appended to `sources.toml` as it is.

    What could only be guessed carries a comment. Strings are written as JSON, which TOML's basic strings contain.
    """
    host = (urlsplit(report.homepage).hostname or "site").removeprefix("www.")
    lines = [
        "",
        "[[source]]",
        f"id = {_text(_id(host))}",
        f"name = {_text(_TITLE_END.split(report.name)[0].strip() or host)}",
        f"homepage = {_text(report.homepage)}",
        f"languages = {_list(report.languages)}",
        f"country = {_text(report.country)}",
        'kind = "private"  # please check: state, private, foreign, official or party',
        f"timezone = {_text(report.timezone)}",
    ]
    if report.crawl_delay and report.crawl_delay > 1:
        lines.append(f"delay = {min(report.crawl_delay, 600):g}  # robots.txt asks for it")
    if report.allow:
        lines.append(f"allow = [{_literal(report.allow)}]  # guessed from {len(report.articles)} addresses")
    else:
        lines.append("# allow = []  # no pattern fits: articles are told by their looks")
    lines.append("entries = [")
    lines.extend(
        f"    {{ kind = {_text(found.kind)}, url = {_text(found.url)} }},{_note(found)}" for found in _entries(report)
    )
    return "\n".join([*lines, "]", ""])


def _entries(report: Report) -> list[Found]:
    """Return feeds and news sitemaps, and of the fuller lists what is needed beside them."""
    seen: set[str] = set()
    kept = []
    for found in report.found:
        if found.url not in seen:
            seen.add(found.url)
            kept.append(found)
    return kept


def _note(found: Found) -> str:
    newest = f", newest {found.newest:%Y-%m-%d %H:%M}" if found.newest else ""
    return f"  # {len(found.links)} links{newest}"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _literal(value: str) -> str:
    """Return a TOML literal string, in which a regular expression needs no doubled backslashes."""
    return _text(value) if "'" in value else f"'{value}'"


def _id(host: str) -> str:
    """Return the host without its top-level domain as an id; of an IP address the whole."""
    name = host if host.rpartition(".")[2].isdigit() else host.rpartition(".")[0] or host
    return _NOT_ID.sub("-", name)[:40].strip("-") or "source"


def _list(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"
