"""The coverage by day as the page's own table, which the chart is drawn from and which a screen reader reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from archive.kept.cells import UNKNOWN
from archive.site.language import Words, words

KNOWN = ("kk", "ru", "en")
REST = "rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Articles by day and language: `series` are language codes with their names, `rows` have a count for each.

    `body` is the table's rows as HTML: fifteen hundred days are written here in a tenth of a template's time.
    """

    series: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    body: Markup

    @property
    def total(self) -> int:
        """Return how many articles the chart shows."""
        return sum(sum(counts) for _, counts in self.rows)

    @property
    def peak(self) -> tuple[str, int]:
        """Return the day with the most articles and how many it had."""
        day, counts = max(self.rows, key=lambda row: sum(row[1]))
        return day, sum(counts)


def coverage(days: tuple[tuple[str, Mapping[str, int]], ...], w: Words) -> Coverage | None:
    """Return the table of counts by day, the three main languages first; None without a day."""
    totals: Counter[str] = Counter()
    for _, counts in days:
        for code, n in counts.items():
            totals[code] += n
    if not totals:
        return None
    shown = [code for code in KNOWN if totals[code]]
    others = [code for code in totals if code not in KNOWN]
    if len(others) == 1 and others[0] != UNKNOWN:
        shown.append(others[0])
    elif others:
        shown.append(REST)
    rows = tuple((day, tuple([_count(counts, code) for code in shown])) for day, counts in days)
    series = tuple((code, language_name(w, code)) for code in shown)
    return Coverage(series=series, rows=rows, body=_body(rows, w))


def _count(counts: Mapping[str, int], code: str) -> int:
    if code == REST:
        return sum([n for other, n in counts.items() if other not in KNOWN])
    return counts.get(code, 0)


def _body(rows: tuple[tuple[str, tuple[int, ...]], ...], w: Words) -> Markup:
    cells = {n: f'<td data-n="{n}">{escape(w.number(n))}</td>' for n in {n for _, counts in rows for n in counts}}
    lines = [f"<tr>{_head(w.code, day)}{''.join([cells[n] for n in counts])}</tr>" for day, counts in rows]
    return Markup("\n".join(lines))  # noqa: S704 - each part is escaped above and below


@lru_cache(maxsize=4 * 5_000)
def _head(code: str, day: str) -> str:
    """Return a day's cell: charts name the same thousands of days at every request."""
    return f'<th scope="row" data-day="{escape(day)}">{escape(words(code).day(day))}</th>'


def language_name(w: Words, code: str) -> str:
    """Return the name of a language of articles, or its code where no catalogue has it."""
    return w.maybe(f"language.{code}", code)
