"""The sources.toml that tells a crawler where this newsroom's outlets are."""

from __future__ import annotations

import json
import re

from .model import Entry, Outlet
from .press import Press

SECTION_PAGES = 5
"""Pages of a section that hold all that any outlet has published by the end of the play."""


def _string(text: str) -> str:
    # JSON strings are TOML basic strings as long as nothing beyond the basic plane is escaped.
    return json.dumps(text, ensure_ascii=False)


def _list(items: list[str] | tuple[str, ...]) -> str:
    return "[" + ", ".join(_string(item) for item in items) + "]"


def _pages(entry: Entry) -> str:
    # Sections are the only way to old articles where there is no sitemap.
    return f", pages = {SECTION_PAGES}" if entry.format == "section" else ""


def _table(press: Press, outlet: Outlet) -> str:
    base = press.bases[outlet.id]
    entries = ",\n".join(
        f"  {{ kind = {_string(entry.kind)}, url = {_string(base + entry.path)}{_pages(entry)} }}"
        for entry in outlet.entries
    )
    lines = [
        "[[source]]",
        f"id = {_string(outlet.id)}",
        f"name = {_string(outlet.name)}",
        f"homepage = {_string(base + '/')}",
        f"languages = {_list(outlet.languages)}",
        f"country = {_string(outlet.country)}",
        f"kind = {_string(outlet.kind)}",
        f"timezone = {_string(outlet.timezone)}",
        "delay = 0",
    ]
    if outlet.article_pattern:
        # The redirects of a feed are followed too, so their address is allowed beside the articles'.
        patterns = [outlet.article_pattern] + (["/go/"] if outlet.feed_redirect else [])
        # Anchored, as the guide asks for: an unanchored pattern with two free stretches is refused.
        lines.append(f"allow = {_list([f'^{re.escape(base)}{pattern}' for pattern in patterns])}")
    if outlet.deny:
        lines.append(f"deny = {_list(outlet.deny)}")
    lines.append(f"entries = [\n{entries},\n]" if entries else "entries = []")
    return "\n".join(lines) + "\n"


def sources_toml(press: Press) -> str:
    """Return a sources file with a `[[source]]` table for every outlet that has an address."""
    return "\n".join(_table(press, outlet) for outlet in press.outlets.values() if outlet.id in press.bases)
