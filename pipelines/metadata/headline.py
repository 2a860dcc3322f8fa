"""Chooses an article's headline among the places that repeat it, by which of them agree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

LONGEST = 400
"""Characters of a headline that are kept."""

TRUST = {"json-ld": 4.0, "h1": 3.5, "og:title": 2.5, "title": 2.0, "meta": 0.8, "twitter:title": 0.8}
"""How far each place is believed. JSON-LD and the visible heading name the article itself; the others are rewritten
for search engines and social networks, often all alike, so together they count little more than the first of them."""
REPEATED = 0.3
"""Share of its trust that each further of the rewritten places adds."""
SHORT_HEADING_TRUST = 0.5
"""Trust in an <h1> that no other place repeats and that is short: a logo, 'Menu', a section's name."""
SHORT_HEADING = 24
"""Characters below which a heading alone is no headline."""
ORDER = ("json-ld", "h1", "og:title", "meta", "twitter:title", "title")
"""Of the places that agree, the first here gives the wording: the earlier, the less a site's name is in it."""

_SEPARATOR = re.compile(r"\s+(?:[|•·»›/\\*~<>:]{1,3}|-{1,2}|[–—])\s+|\s*[|]{1,2}\s*")
_WORDS = re.compile(r"\w+")


def choose_headline(candidates: Mapping[str, Iterable[str]], *, site: str | None = None) -> tuple[str, str] | None:
    """Return the headline and the place it comes from, or None when no place holds one.

    `candidates` maps the places of TRUST to what stands there. `site` is the outlet's name, cut from the end.
    """
    found: list[tuple[str, str, str]] = []
    for place in ORDER:
        for text in candidates.get(place, ()):
            text = " ".join(text.split())[:LONGEST]
            key = _key(text)
            if key and not (site and key == _key(site)):
                found.append((place, text, key))
    if not found:
        return None
    best = max(found, key=lambda one: (_support(one, found), -ORDER.index(one[0])))
    agreeing = [one for one in found if _agree(one[2], best[2])]
    # The wording of the most trusted place of those that agree, its site name cut by the others' shorter form.
    place, text, _ = min(agreeing, key=lambda one: (ORDER.index(one[0]), abs(len(one[2]) - len(best[2]))))
    return without_site(text, site, [other for _, other, _ in found]), place


def without_site(text: str, site: str | None, others: Iterable[str] = ()) -> str:
    """Return `text` without the outlet's name before or after a separator.

    The name is known from `site`, or another place holds the rest alone, or, failing both, it is the short last part.
    """
    parts = list(_SEPARATOR.finditer(text))
    if not parts:
        return text
    other_keys = {_key(other) for other in others if other != text}
    for part in parts:
        for rest in (text[: part.start()], text[part.end() :]):
            if _key(rest) in other_keys and len(rest) * 3 > len(text):
                return rest.strip()
    last = parts[-1]
    head, tail = text[: last.start()].strip(), text[last.end() :].strip()
    named = bool(site) and (_key(tail) in _key(site or "") or _key(site or "") in _key(tail))
    strong = last[0].strip() in ("|", "»", "•", "·")
    if head and (named or (strong and len(tail) <= 40 and len(head) > len(tail)) or re.search(r"\w\.\w{2,4}$", tail)):
        return without_site(head, site)
    return text


def _support(one: tuple[str, str, str], found: list[tuple[str, str, str]]) -> float:
    """Return how much trust stands behind a wording: each place counts once."""
    places = {place: TRUST[place] for place, _, key in found if _agree(one[2], key)}
    if set(places) == {"h1"} and len(one[1]) < SHORT_HEADING:
        return SHORT_HEADING_TRUST
    rewritten = sorted((trust for place, trust in places.items() if place not in ("json-ld", "h1")), reverse=True)
    own = places.get("json-ld", 0.0) + places.get("h1", 0.0)
    return own + sum(rewritten[:1]) + REPEATED * sum(rewritten[1:]) + 0.001 * TRUST[one[0]]


def _agree(first: str, second: str) -> bool:
    if first == second:
        return True
    shorter, longer = sorted((first, second), key=len)
    return len(shorter) >= 12 and f" {shorter} " in f" {longer} " and len(shorter) * 3 > len(longer)


def _key(text: str) -> str:
    return " ".join(_WORDS.findall(unicodedata.normalize("NFKC", text).lower()))
