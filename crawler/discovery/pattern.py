"""Guesses, from addresses of articles, the pattern that tells them from the other pages of their site."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

LEAST = 8
"""Addresses without which a guess would be one from chance."""
COVERAGE = 0.9
"""Share of the addresses that a pattern must match to be proposed."""

_SLUG = "[^/?#]+"
_LAST_SHAPES = (
    # the narrowest first: number at the end, number in front, number alone, date in the name, any long slug
    (re.compile(r"[^/?#]+[-_]\d{4,}\Z"), rf"{_SLUG}[-_]\d{{4,}}"),
    (re.compile(r"\d{3,}[-_][^/?#]+\Z"), rf"\d{{3,}}[-_]{_SLUG}"),
    (re.compile(r"\d{4,}\Z"), r"\d{4,}"),
    (re.compile(r"[^/?#]+[-_][0-9a-f]{6,8}\Z"), rf"{_SLUG}[-_][0-9a-f]{{6,8}}"),
    (re.compile(r"[^/?#]*[-_][^/?#]*[-_][^/?#]*\Z"), rf"{_SLUG}[-_]{_SLUG}[-_]{_SLUG}"),
)
_ENDINGS = (".html", ".htm", ".php", "/", "")
_YEAR_MONTH = re.compile(r"/(?:19|20)\d{2}/\d{2}/")


def guess_pattern(articles: Sequence[str], others: Sequence[str]) -> str | None:
    """Return a regular expression that most of `articles` match and none of `others`, or None.

    Addresses are as `clean_url` gives them. The narrowest shape of the last segment wins: a number in it, a
    date in the path, at last a slug of three words. At least LEAST articles of one host are needed.
    """
    paths = {url: urlsplit(url) for url in articles}
    hosts = Counter(parts.netloc.removeprefix("www.") for parts in paths.values())
    if not hosts or sum(hosts.values()) < LEAST:
        return None
    known = [host for host, count in hosts.most_common(4) if count >= 3]
    if not known:
        return None
    names = "|".join(re.escape(host).replace(r"\-", "-") for host in sorted(known))
    start = rf"^https?://(?:www\.)?(?:{names})/" if len(known) > 1 else rf"^https?://(?:www\.)?{names}/"
    for middle in _middles([parts.path for parts in paths.values()]):
        for _, shape in _LAST_SHAPES:
            for ending in _endings([parts.path for parts in paths.values()]):
                pattern = f"{start}{middle}{shape}{ending}$"
                compiled = re.compile(pattern)
                if sum(1 for url in articles if compiled.search(url)) < COVERAGE * len(articles):
                    continue
                if not any(compiled.search(url) for url in others):
                    return pattern
    return None


def _middles(paths: Sequence[str]) -> list[str]:
    """Return what may stand before the last segment: a section all articles share, a date, or so many segments."""
    found = []
    firsts = Counter(path.split("/")[1] for path in paths if path.count("/") > 1)
    if firsts and firsts.most_common(1)[0][1] == len(paths) and len(firsts) == 1:
        found.append(re.escape(next(iter(firsts))).replace(r"\-", "-") + f"/(?:{_SLUG}/){{0,3}}")
    if sum(1 for path in paths if _YEAR_MONTH.search(path)) >= COVERAGE * len(paths):
        found.append(rf"(?:{_SLUG}/)?\d{{4}}/\d{{2}}/(?:\d{{2}}/)?")
    depths = Counter(path.strip("/").count("/") for path in paths)
    common = sorted(depth for depth, count in depths.items() if count >= 0.03 * len(paths))
    if common:
        low, high = common[0], common[-1]
        found.append("" if high == 0 else f"(?:{_SLUG}/){{{low},{high}}}")
    return found


def _endings(paths: Sequence[str]) -> list[str]:
    counts = Counter(next(end for end in _ENDINGS if path.endswith(end)) for path in paths)
    main = [end for end, count in counts.most_common() if count >= 0.05 * len(paths)]
    if set(main) <= {"/", ""}:
        return ["/?"]
    return ["(?:" + "|".join(re.escape(end) for end in main) + ")" if len(main) > 1 else re.escape(main[0])]
