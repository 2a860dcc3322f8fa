"""Compares what a crawler gave of the benchmarks' press with what its pages say, and with how they were changed."""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.page_press import Truth

RIGHT = 0.9
"""F1 over words from which a text counts as the page's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """One article, or one version of it, as a crawler gave it."""

    url: str
    title: str
    text: str
    published: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """How many articles a crawler got, and what of them is right."""

    articles: int
    texts: int
    kazakh: int
    days: int
    times: int
    titles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What was done to a page: a paragraph for another one."""

    url: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What a crawler's store has after it came back: pages with the new text, with both texts, and unchanged pages that
    it has twice all the same. Where those are as many as the changed, nothing tells what was changed."""

    new: int
    both: int
    unchanged_twice: int
    told: int
    removals: int


def score(truths: Sequence[Truth], got: Iterable[Got]) -> Scored:
    """Compare what a crawler gave with what the pages say."""
    by_url = {one.url: one for one in got}
    found = [(truth, by_url[truth.url]) for truth in truths if truth.url in by_url]
    right = [truth for truth, one in found if _f1(one.text, truth.text) >= RIGHT]
    return Scored(
        articles=len(found),
        texts=len(right),
        kazakh=sum(truth.language == "kk" for truth in right),
        days=sum(one.published[:10] in _days(truth) for truth, one in found),
        times=sum(_same_minute(one.published, truth.published_at) for truth, one in found),
        titles=sum(one.title.strip() == truth.title for truth, one in found),
    )


def remembered(
    truths: Sequence[Truth], edits: Sequence[Edit], removed: Sequence[str], kept: Iterable[Got], gone: set[str]
) -> Remembered:
    """Compare what a crawler's store has, every record of every page, with what was done to the pages.

    A store that has more than one record of pages nobody touched does not tell which were changed.
    """
    texts: dict[str, list[str]] = defaultdict(list)
    for one in kept:
        texts[one.url].append(_flat(one.text))
    new = [edit for edit in edits if any(_flat(edit.new) in text for text in texts[edit.url])]
    both = [edit for edit in new if any(_flat(edit.old) in text for text in texts[edit.url])]
    touched = {edit.url for edit in edits} | set(removed)
    twice = sum(len(texts[truth.url]) > 1 for truth in truths if truth.url not in touched)
    return Remembered(
        new=len(new), both=len(both), unchanged_twice=twice, told=0 if twice else len(both),
        removals=len(gone & set(removed)),
    )  # fmt: skip


def stored(archive: Path) -> list[Got]:
    """Return the articles of an archive as they read now."""
    return _rows(archive, "select url, title, text, published_at from articles")


def versions(archive: Path) -> list[Got]:
    """Return every version of every article of an archive."""
    named = "select url, versions.title, versions.text, published_at"
    return _rows(archive, f"{named} from versions join articles on articles.id = article_id")


def removals(archive: Path) -> set[str]:
    """Return the addresses that an archive has as removed."""
    with closing(sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True)) as db:
        return {url for (url,) in db.execute("select url from deletions")}


def lines_of(out: Path) -> list[Got]:
    """Return what a peer's script wrote."""
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] if out.exists() else []
    return [
        Got(
            url=row["url"],
            title=row["title"] or "",
            text=row["text"] or "",
            published=(row["published"] or "").replace(" ", "T"),
        )
        for row in rows
    ]


def _rows(archive: Path, query: str) -> list[Got]:
    with closing(sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True)) as db:
        rows = db.execute(query).fetchall()
    return [Got(url=url, title=title or "", text=text or "", published=day or "") for url, title, text, day in rows]


def _days(truth: Truth) -> tuple[str, ...]:
    """Return the day of publication in UTC and on the outlet's own clock: both are right."""
    when = datetime.fromisoformat(truth.published_at)
    return when.date().isoformat(), when.astimezone(ZoneInfo("Asia/Almaty")).date().isoformat()


def _same_minute(given: str, true: str) -> bool:
    try:
        when = datetime.fromisoformat(given)
    except ValueError:
        return False
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return "T" in given.replace(" ", "T") and abs((when - datetime.fromisoformat(true)).total_seconds()) < 60


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower())


def _flat(text: str) -> str:
    return f" {' '.join(_words(text))} "


def _f1(ours: str, theirs: str) -> float:
    one, other = _words(ours), _words(theirs)
    common = (Counter(one) & Counter(other)).total()
    return 2 * common / (len(one) + len(other)) if common else 0.0
