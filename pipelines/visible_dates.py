"""Reads the dates that a page shows: <time> elements and short texts near the headline, not those of other news."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from lxml.html import HtmlElement

from pipelines.calendar_words import DAYS_BACK, MODIFIED_CUE, PUBLISHED_CUE
from pipelines.dates import Dated, Stamp, locate_stamps, plausible, read_stamp
from pipelines.metadata.head import Head

_DATE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:date|time|datetime|published?|posted|pub[-_]?date|timestamp|data|datum|fecha|kun|dt)(?:$|[\s_-])|date|publi[cs]|"
    r"posted|timestamp|entry-meta|post-meta|article-info|byline|article__time|news-time",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"comment|related|recommend|reply|"
    r"(?<!post-)(?<!entry-)(?<!article-)footer|widget(?!\sBlog)|popular|ticker|weather|calendar|trending|lenta|"
    r"more-news|other-news|read-?more|carousel|slider|currency|newsfeed|"
    r"(?:^|[\s_-])(?:archives?|latest|most|teasers?|kurs|events?|promo|breaking|also|similar|next|prev|previous)(?:$|[\s_-])",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d(?:[./-]\d|\d{3}|\s?[^\W\d_]{3})")
_DIGIT = re.compile("[0-9]")
_DAY_WORD = re.compile("[月월]|сегодня|вчера|б[үy]г[iі]н|кеше|today|yesterday|назад|бұрын")
"""In small letters, so that the search can jump to the first letters."""
_SINCE = re.compile("|".join((_DAY_WORD.pattern, *sorted(DAYS_BACK), "ago")))
SHORT_TEXT = 160
"""Characters of a text node beyond which it is prose, whose dates are those of its events."""
NODES_LIMIT = 6_000
"""Elements of a page that are looked through for a visible date."""
ROWS_LIMIT = 300
"""Texts of a page that are read for dates."""
ALONE = 45
"""Characters of a text that is hardly more than its date."""
SHORT_LABEL = 15
"""Characters beside a date that may still be its label."""
NEAR = 60
"""Elements after the headline within which the article's own date stands on nearly all pages."""
JUST_ABOVE = 40
"""Elements before the headline within which a date line may stand."""
ELSEWHERE = -12.0
"""Score of a date among comments, related news or in a footer: it is of something else."""
ENOUGH_FOR_TEXT = 2.5
"""Score from which a visible date is the article's own."""
ENOUGH_FOR_SPARE = -1.0
"""Score from which a date alone in its element is believed on a page without any other."""
_CLOCK = re.compile(r"[\s|,·в-]{0,4}((?:[01]?\d|2[0-3]):[0-5]\d)\W{0,3}$")
_DATE_PROPS = frozenset({"datepublished", "datemodified", "datecreated"})
_NO_TEXT = frozenset({"script", "style", "noscript", "option", "svg", "template"})
FAR = 25 * NEAR
"""Elements after the headline beyond which the page is not read when a date stands near it."""
NOT_AS_FAR = 4 * NEAR
"""The same where the moment of publication is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """What tells whether a text may hold a date that is asked for, and how far from the headline it is looked for."""

    may_hold_date: Callable[[str], bool]
    far: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleDates:
    """The dates a page shows, each list the likeliest first: of publication, of change, and those that stand alone
    in their element far from the headline, for a page that has no other."""

    published: tuple[Dated, ...] = ()
    modified: tuple[Dated, ...] = ()
    spare: tuple[Dated, ...] = ()
    others: frozenset[str] = frozenset()
    """Days, YYYY-MM-DD, that the page tells only of other things: changes, comments, other news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    score: float
    place: int
    dated: Dated
    modified: bool
    alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    place: int
    element: HtmlElement
    text: str
    kind: str


def visible_dates(
    tree: HtmlElement,
    head: Head,
    *,
    zone: tzinfo,
    now: datetime,
    month_first: bool = False,
    about: datetime | None = None,
) -> VisibleDates:
    """Return the dates that the page shows of its article; `head` tells which <h1> is the headline.

    Of several dates of publication the likeliest comes first, <time> before text, then those that agree on the day.
    With `about` only those within a day of that moment are read: most dates of a page are of other news.
    """
    search = _ANY_DAY if about is None else _days_about(about.date())
    seen = list(_visible(tree, head, zone, now, month_first, search))
    published: list[Dated] = []
    for kind in ("time", "text"):
        rows = [one for one in seen if one.dated.source == kind and one.score >= ENOUGH_FOR_TEXT and not one.modified]
        if rows:
            best = max(rows, key=lambda one: (one.score, -one.place))
            published.append(best.dated)
            same = (one.dated for one in rows if one is not best and one.dated.stamp.day == best.dated.stamp.day)
            published.extend(same)
    own = {one.dated.stamp.day for one in seen if not one.modified and one.score >= ENOUGH_FOR_SPARE}
    likely = sorted(seen, key=lambda one: (-one.score, one.place))
    return VisibleDates(
        published=tuple(published),
        modified=tuple(one.dated for one in likely if one.modified and one.score >= ENOUGH_FOR_TEXT),
        spare=tuple(
            one.dated
            for one in likely
            if one.alone and not one.modified and ENOUGH_FOR_SPARE <= one.score < ENOUGH_FOR_TEXT
        ),
        others=frozenset(one.dated.stamp.day for one in seen) - own,
    )


def _visible(
    tree: HtmlElement, head: Head, zone: tzinfo, now: datetime, month_first: bool, search: _Search
) -> Iterator[_Seen]:
    headline = max(head.h1, key=lambda element: len(element.text_content()), default=None)
    rows, origin = _rows(tree, headline, search)
    around = frozenset(headline.iterancestors()) if headline is not None else frozenset()
    for row in rows[:ROWS_LIMIT]:
        text = _with_clock(" ".join(row.text.split()), row.element)
        for stamp, label, length in _labelled(text, row.kind, zone, now, month_first):
            if not plausible(stamp, now):
                continue
            distance = None if origin is None else row.place - origin
            score, modified = _score(row.element, text, label, stamp, row.kind, distance, around)
            detail = f"<{row.element.tag}> {text[:60]!r}"
            yield _Seen(
                score=score,
                place=row.place,
                modified=modified,
                alone=stamp.year_given and len(text) - length <= SHORT_LABEL,
                dated=Dated(stamp=stamp, source="time" if row.kind == "time" else "text", detail=detail),
            )


def _rows(tree: HtmlElement, headline: HtmlElement | None, search: _Search) -> tuple[list[_Row], int | None]:
    """Return the texts that may hold a date, in document order, and the place of the headline among all elements."""
    may_hold_date = search.may_hold_date
    body = tree.find("body")
    rows: list[_Row] = []
    origin: int | None = None
    near = False
    for place, element in enumerate((tree if body is None else body).iter()):
        if place > NODES_LIMIT or (near and origin is not None and place > origin + search.far):
            break
        if element is headline:
            origin = place
        tail = element.tail
        tag = element.tag
        if tag == "time":
            value = element.get("datetime") or element.get("content") or element.text_content()
            if may_hold_date(value):
                rows.append(_Row(place=place, element=element, text=value, kind="time"))
        elif (prop := element.get("itemprop")) and prop.lower() in _DATE_PROPS:
            value = element.get("content") or element.get("datetime") or element.text_content()
            if may_hold_date(value):
                rows.append(_Row(place=place, element=element, text=value, kind="time"))
        elif tag not in _NO_TEXT:
            text = element.text
            if len(element) and (marks := element.get("class")) and _is_date_class(marks):
                text = element.text_content()
            if text and 3 < len(text) <= SHORT_TEXT and not text.isspace() and may_hold_date(text):
                rows.append(_Row(place=place, element=element, text=text, kind="text"))
        if tail and 3 < len(tail) <= SHORT_TEXT and not tail.isspace() and may_hold_date(tail):
            rows.append(_Row(place=place, element=element.getparent(), text=tail, kind="text"))
        near = near or (origin is not None and bool(rows) and rows[-1].place >= origin)
    return rows, origin


def _with_clock(text: str, element: HtmlElement) -> str:
    """Return a date's text with the time of day that stands in the element after or before it."""
    if ":" in text or len(text) > ALONE:
        return text
    for neighbour, form in ((element.getnext(), "{0} {1}"), (element.getprevious(), "{1} {0}")):
        if neighbour is not None and len(neighbour) <= 2 and isinstance(neighbour.tag, str):
            beside = neighbour.text_content()
            if len(beside) <= ALONE and (clock := _CLOCK.match(beside)):
                return form.format(text, clock[1])
    return text


def _any_day(text: str) -> bool:
    return _DIGITS.search(text) is not None or _DAY_WORD.search(text.lower()) is not None


_ANY_DAY = _Search(may_hold_date=_any_day, far=FAR)


@lru_cache(maxsize=256)
def _days_about(day: date) -> _Search:
    """Return the search for this day and those beside it: by their numbers or by how long ago they were."""
    days = "|".join(f"{(day + timedelta(days=beside)).day:02d}".replace("0", "0?", 1) for beside in (-1, 0, 1))
    numbers = re.compile(rf"(?<!\d)(?:{days})(?!\d)|(?:19|20)\d\d[01]\d(?:{days.replace('?', '')})|\d{{10}}")

    def judge(text: str) -> bool:
        if _DIGIT.search(text) and numbers.search(text):
            return True
        return _SINCE.search(text.lower()) is not None

    return _Search(may_hold_date=judge, far=NOT_AS_FAR)


@lru_cache(maxsize=4096)
def _is_date_class(marks: str) -> bool:
    return _DATE_CLASS.search(marks) is not None


@lru_cache(maxsize=4096)
def _is_elsewhere(marks: str) -> bool:
    return _ELSEWHERE.search(marks) is not None


def _labelled(text: str, kind: str, zone: tzinfo, now: datetime, month_first: bool) -> Iterator[tuple[Stamp, str, int]]:
    """Yield each date of a text, the words before it, which say what happened then, and its length in characters."""
    if kind == "time":
        stamp = read_stamp(text, zone=zone, now=now, month_first=month_first)
        if stamp:
            yield stamp, "", len(text)
        return
    found = list(locate_stamps(text, zone=zone, now=now, month_first=month_first))
    before = 0
    for start, end, stamp in found:
        label = text[before:start]
        if len(found) == 1 and len(text) - end <= ALONE:
            label += text[end:]  # a date may be named after it: '2019.03.26 last update'
        yield stamp, label, end - start
        before = end


def _score(
    element: HtmlElement,
    text: str,
    label: str,
    stamp: Stamp,
    kind: str,
    distance: int | None,
    around: frozenset[HtmlElement],
) -> tuple[float, bool]:
    """Return how likely a date is the article's own, and whether it is one of modification.

    `distance` is in elements after the headline, None on a page without one; `around` are the elements that hold it.
    """
    score = 1.0 if kind == "time" else 0.0
    prop = (element.get("itemprop") or "").lower()
    marks = " ".join(filter(None, (element.get("class"), element.get("id"), prop)))
    label = f"{_label_beside(element)} {label}"
    modified = prop == "datemodified" or MODIFIED_CUE.search(label) is not None
    if not prop and ("updated" in marks or "modif" in marks):
        # WordPress marks a time that is both, or unchanged since, 'published updated'.
        modified = modified or "published" not in marks
    declared = prop in ("datepublished", "datecreated") or element.get("pubdate") is not None
    if declared:
        score += 4
    elif _is_date_class(marks):
        score += 2
    if PUBLISHED_CUE.search(label):
        score += 2
    if _is_elsewhere(marks):
        score += ELSEWHERE
    at_headline = distance is not None and 0 <= distance <= NEAR // 2
    score += max(_surroundings(element, kind, around, at_headline), -4.0 if declared else ELSEWHERE) + _position(
        distance
    )
    score += (0.5 if stamp.precision != "day" else 0.0) - (0.0 if stamp.year_given else 1.0)
    return score - (1.5 if len(text) > 2 * ALONE else 0.0), modified


def _label_beside(element: HtmlElement) -> str:
    """Return the few words before an element that may say what its date is of."""
    texts = []
    before = element.getprevious()
    if before is not None:
        texts.append(before.tail if before.tail and not before.tail.isspace() else before.text_content())
    parent = element.getparent()
    if parent is not None and before is None:
        texts.append(parent.text)
    return " ".join(text.strip() for text in texts if text and len(text) <= ALONE)


def _surroundings(element: HtmlElement, kind: str, around: frozenset[HtmlElement], at_headline: bool) -> float:
    """Judge by the elements around a date, up to the one it shares with the headline, whose name is the page's."""
    score = 0.0
    for depth, parent in enumerate(element.iterancestors()):
        if depth >= 8 or parent.tag == "body" or parent in around:
            break
        marks = f"{parent.get('class') or ''} {parent.get('id') or ''}"
        if parent.tag in ("aside", "nav", "footer") or _is_elsewhere(marks):
            return ELSEWHERE
        if "sidebar" in marks:
            # Straight after the headline it may be the name of a layout instead of a place.
            return score - 3 if at_headline else ELSEWHERE
        if parent.tag in ("article", "main"):
            return score + 1
        if parent.tag == "a" or (parent.tag == "li" and parent.find(".//a") is not None):
            score -= 2
        elif depth < 3 and kind == "text" and _is_date_class(marks):
            score += 1
    return score


def _position(distance: int | None) -> float:
    if distance is None or distance < -JUST_ABOVE or NEAR < distance <= 4 * NEAR:
        return 0.0
    if distance < 0:
        return 1.5
    return 3 - distance / NEAR if distance <= NEAR else -1.0
