"""The script of the whole play: which outlet publishes what and when, who copies whom, what is changed and removed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from . import addresses, copies, families, fates
from .model import Episode, Outlet, Piece, stable_number
from .outlets import OUTLETS
from .texts.compose import Composer
from .texts.material import Theme
from .texts.slots import MEN, SURNAMES

WRITERS = {
    "kk": ("tumar", "boztorgai", "telkol", "azdauys", "kenjar"),
    "ru": ("tumar", "hronograf", "pribrezh", "severny", "moiyntal"),
    "en": ("meridian",),
}
"""Who writes in a language; themes go round this list, so every outlet covers most of them."""

WINDOWS = {
    "decree": ((2, 11, 9), (2, 13, 9)),
    "draft": ((2, 12, 8), (2, 20, 18)),
    "commission": ((2, 14, 9), (3, 6, 18)),
    "stations": ((2, 22, 9), (3, 12, 18)),
    "abroad": ((2, 25, 9), (3, 13, 18)),
    "ballots": ((3, 1, 9), (3, 13, 12)),
    "campaign": ((2, 18, 9), (3, 13, 20)),
    "observers": ((2, 27, 9), (3, 13, 18)),
    "access": ((3, 3, 9), (3, 14, 12)),
    "experts": ((2, 16, 9), (3, 12, 18)),
    "meeting": ((2, 19, 9), (3, 13, 18)),
    "silence": ((3, 14, 0), (3, 14, 22)),
    "voting": ((3, 15, 7), (3, 15, 19)),
    "turnout": ((3, 15, 15), (3, 16, 18)),
    "results": ((3, 16, 2), (3, 17, 18)),
    "aftermath": ((3, 17, 12), (3, 20, 18)),
}
"""First and last hour of a theme's articles: month, day, hour in the outlet's zone. Other themes fill all the weeks."""
ALL_WEEKS = ((2, 11, 8), (3, 20, 20))
SAME_EVENT = frozenset({"decree", "voting", "turnout", "results", "silence"})
"""Themes that are one happening, told by each outlet in its own words."""
TAGS = {
    "kk": ("референдум", "Конституция", "қоғам", "заң", "аймақ", "дауыс беру"),
    "ru": ("референдум", "Конституция", "общество", "закон", "регион", "голосование"),
    "en": ("referendum", "constitution", "Kazakhstan", "law", "regions", "vote"),
}
OFF_TAGS = {
    "kk": ("қоғам", "аймақ", "өмір"),
    "ru": ("общество", "регион", "жизнь"),
    "en": ("society", "region", "life"),
}
COLUMN = {"kk": 0, "ru": 1, "en": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A text on its way to become a piece, before it has a number and an address. `when` is aware."""

    key: str
    outlet: Outlet
    language: str
    theme: str
    on_topic: bool
    when: datetime
    title: str
    paragraphs: tuple[str, ...]
    event: str | None = None
    family: str | None = None
    twin: str | None = None
    latin: bool = False


def _moment(theme: Theme, index: int, outlet: Outlet, language: str) -> datetime:
    first, last = WINDOWS.get(theme.name, ALL_WEEKS)
    start, end = (datetime(2026, *edge, tzinfo=outlet.zone) for edge in (first, last))
    rng = random.Random(stable_number("when", theme.name, index, language, outlet.id))
    count = max(1, len(theme.pairs))
    when = start + (end - start) * ((index + rng.uniform(0.05, 0.95)) / count)
    # Newsrooms sleep, but for the days of the vote.
    if when.hour < 7 and theme.name not in ("voting", "results", "turnout", "silence"):
        when += timedelta(hours=7)
    return when.replace(minute=rng.randrange(60), second=0, microsecond=0)


def _themed(language: str) -> Iterable[_Draft]:
    composer = Composer(language)
    outlets = {outlet.id: outlet for outlet in OUTLETS}
    for turn, theme in enumerate(composer.themes.values()):
        for index in range(len(theme.pairs)):
            writers = WRITERS[language]
            outlet = outlets[writers[(turn + index) % len(writers)]]
            when = _moment(theme, index, outlet, "kk" if outlet.editions else language)
            if outlet.editions and language == "ru":
                when += timedelta(minutes=35)
            if outlet.closes_at and when >= outlet.closes_at - timedelta(hours=12):
                outlet = outlets[writers[(turn + index + 1) % len(writers)]]
            text = composer.compose(theme, index, when, outlet.region if index % 2 else None)
            event = (theme.name if theme.name in SAME_EVENT else f"{theme.name}-{index}") if theme.on_topic else None
            yield _Draft(
                key=f"{language}-{theme.name}-{index}",
                outlet=outlet,
                language=language,
                theme=theme.name,
                on_topic=theme.on_topic,
                when=when,
                title=text.title,
                paragraphs=text.paragraphs,
                event=event,
                twin=f"kk-{theme.name}-{index}" if outlet.editions and language == "ru" else None,
                latin=outlet.id == "boztorgai" and (turn + index) % 4 == 3,
            )


def _notices() -> Iterable[_Draft]:
    outlets = {outlet.id: outlet for outlet in OUTLETS}
    for number, notice in enumerate(families.notices()):
        outlet = outlets[notice.outlet]
        yield _Draft(
            key=f"{notice.family}-{number}",
            outlet=outlet,
            language=notice.language,
            theme=notice.family,
            on_topic=notice.on_topic,
            when=notice.when,
            title=notice.title,
            paragraphs=notice.paragraphs,
            family=notice.family,
        )


def _authors(draft: _Draft) -> tuple[str, ...]:
    seed, column = stable_number("author", draft.key), COLUMN[draft.language]
    if draft.family or seed % 5 == 0:
        return ()
    return (f"{MEN[seed % len(MEN)][column]} {SURNAMES[seed % len(SURNAMES)][column]}",)


def _piece(draft: _Draft, number: int, ids: dict[str, str]) -> Piece:
    title, paragraphs = draft.title, draft.paragraphs
    if draft.latin:
        title = addresses.latin_kazakh(title)
        paragraphs = tuple(addresses.latin_kazakh(paragraph) for paragraph in paragraphs)
    seed = stable_number("tags", draft.key)
    pool = TAGS[draft.language] if draft.on_topic else OFF_TAGS[draft.language]
    tags = tuple(dict.fromkeys((pool[0], pool[seed % len(pool)], pool[seed // 7 % len(pool)])))
    section = "politics" if draft.on_topic else "life"
    local = draft.when.astimezone(draft.outlet.zone)
    return Piece(
        id=ids[draft.key],
        number=number,
        outlet=draft.outlet.id,
        language=draft.language,
        edition=draft.outlet.editions.get(draft.language),
        script="Latn" if draft.latin or draft.language == "en" else "Cyrl",
        section=section,
        title=title,
        paragraphs=paragraphs,
        published=draft.when.astimezone(UTC),
        path=addresses.address(draft.outlet, number, draft.title, local, section, draft.language),
        authors=_authors(draft),
        tags=tags,
        on_topic=draft.on_topic,
        theme=draft.theme,
        event=draft.event,
        family=draft.family,
        translation_of=ids.get(draft.twin) if draft.twin else None,
    )


@cache
def pieces() -> tuple[Piece, ...]:
    """Return everything the outlets will ever publish, with all that will happen to it. The same on every call."""
    drafts = [draft for language in WRITERS for draft in _themed(language)]
    drafts += _notices()
    drafts.sort(key=lambda draft: (draft.when, draft.key))
    # Room is left between numbers for copies and digests that are added afterwards.
    counters: Counter[str] = Counter()
    numbers: dict[str, int] = {}
    for draft in drafts:
        counters[draft.outlet.id] += 1
        numbers[draft.key] = 1000 + stable_number("base", draft.outlet.id) % 3000 + counters[draft.outlet.id] * 3
    ids = {draft.key: f"{draft.outlet.id}-{numbers[draft.key]}" for draft in drafts}
    made = [_piece(draft, numbers[draft.key], ids) for draft in drafts]
    made += copies.reprints(made)
    made += copies.digests(made)
    return tuple(fates.decide(sorted(made, key=lambda piece: (piece.published, piece.id))))


def episodes(everything: Iterable[Piece]) -> tuple[Episode, ...]:
    """Return the planted spells of trouble."""
    return fates.troubles(tuple(everything))
