"""Planted copying: reprints in all their disguises, digests and flashes that are excerpts and no reprints."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from . import addresses
from .model import Outlet, Piece, stable_number, utc
from .outlets import OUTLETS

HEADLINES = {
    "ru": ("Вопрос дня: о чём сегодня говорит страна", "Подробности, которых не было в сводке",
           "Читать всем: коротко и по делу", "Что надо знать к воскресенью", "Без лишних слов о главном"),
    "kk": ("Күн тақырыбы: ел не айтып жатыр", "Хабарламада айтылмаған жайт", "Қысқаша: бәрі оқуға тиіс",
           "Жексенбіге дейін білу керек", "Артық сөзсіз, ең бастысы"),
}  # fmt: skip
BACKGROUND = {
    "ru": (
        "Ранее корреспонденты издания объехали полсотни районов и составили карту вопросов, которые волнуют читателей "
        "больше всего; её напечатают отдельной вкладкой.",
    ),
    "kk": (
        "Бұған дейін басылым тілшілері елу шақты ауданды аралап, оқырманды не толғандыратынын көрсететін карта жасады; "
        "ол бөлек қосымша болып шығады.",
    ),
}
HOMOGLYPHS = str.maketrans("аеосрх", "aeocpx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Who copies whom: the `turn`-th fitting article of `source`, `delay` in minutes."""

    language: str
    source: str
    turn: int
    target: str
    kind: str
    delay: int


PLANS = (
    Plan(language="kk", source="tumar", turn=0, target="boztorgai", kind="agency-line", delay=42),
    Plan(language="kk", source="tumar", turn=0, target="telkol", kind="identical", delay=1180),
    Plan(language="kk", source="tumar", turn=1, target="kenjar", kind="new-headline", delay=95),
    Plan(language="kk", source="tumar", turn=2, target="boztorgai", kind="truncated", delay=33),
    Plan(language="kk", source="tumar", turn=3, target="azdauys", kind="numbers-corrected", delay=75),
    Plan(language="kk", source="tumar", turn=3, target="boztorgai", kind="typos", delay=130),
    Plan(language="kk", source="azdauys", turn=0, target="tumar", kind="reordered", delay=150),
    Plan(language="kk", source="azdauys", turn=1, target="telkol", kind="appended", delay=600),
    Plan(language="kk", source="telkol", turn=0, target="kenjar", kind="dropped-lead", delay=210),
    Plan(language="ru", source="tumar", turn=0, target="hronograf", kind="agency-line", delay=18),
    Plan(language="ru", source="tumar", turn=0, target="pribrezh", kind="new-headline", delay=260),
    Plan(language="ru", source="tumar", turn=0, target="moiyntal", kind="dropped-lead", delay=500),
    Plan(language="ru", source="tumar", turn=1, target="moiyntal", kind="truncated", delay=61),
    Plan(language="ru", source="tumar", turn=2, target="severny", kind="identical", delay=7),
    Plan(language="ru", source="hronograf", turn=0, target="severny", kind="appended", delay=340),
    Plan(language="ru", source="hronograf", turn=1, target="moiyntal", kind="reordered", delay=125),
    Plan(language="ru", source="severny", turn=0, target="hronograf", kind="homoglyphs", delay=90),
    Plan(language="ru", source="pribrezh", turn=0, target="moiyntal", kind="new-headline", delay=1500),
)


def fitting(made: Sequence[Piece], outlet: str, language: str) -> list[Piece]:
    """Return an outlet's own Cyrillic articles on the topic, of the weeks in which things are planted, oldest first."""
    return sorted(
        (
            piece
            for piece in made
            if piece.outlet == outlet
            and piece.language == language
            and piece.on_topic
            and piece.family is None
            and piece.reprint_of is None
            and not piece.excerpt_of
            and (piece.script == "Cyrl" or language == "en")
            and utc(2026, 2, 24) <= piece.published <= utc(2026, 3, 17)
        ),
        key=lambda piece: piece.published,
    )


def _typos(text: str, rng: random.Random) -> str:
    words = text.split(" ")
    long_words = [place for place, word in enumerate(words) if len(word) > 6]
    for place in rng.sample(long_words, min(2, len(long_words))):
        word = words[place]
        words[place] = word[:3] + word[4] + word[3] + word[5:]
    return " ".join(words)


def _homoglyphs(text: str, rng: random.Random) -> str:
    return " ".join(word.translate(HOMOGLYPHS) if rng.random() < 0.3 else word for word in text.split(" "))


def _corrected(paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    # Two numbers at most: more would make it a template and not a copy. Days of the vote are no mistakes.
    text = re.sub(r"(?<!\d )(?<!\d)(?!1[1-5]\b)(\d{2,3})\b(?! ?\d)", _next, "\n".join(paragraphs), count=2)
    return tuple(text.split("\n"))


def _next(match: re.Match[str]) -> str:
    return match[0].replace(match[1], str(int(match[1]) + 1))


def disguised(source: Piece, kind: str) -> tuple[str, tuple[str, ...]]:
    """Return the headline and paragraphs of a copy of `source` made the way `kind` says."""
    rng = random.Random(stable_number("copy", source.id, kind))
    title, paragraphs = source.title, source.paragraphs
    headline = HEADLINES[source.language][stable_number(source.id, kind) % 5]
    match kind:
        case "new-headline":
            return headline, paragraphs
        case "dropped-lead":
            return headline, paragraphs[1:]
        case "truncated":
            return title, paragraphs[: max(2, len(paragraphs) * 2 // 3)]
        case "reordered":
            return title, (paragraphs[0], *reversed(paragraphs[1:]))
        case "appended":
            return headline, (*paragraphs, *BACKGROUND[source.language])
        case "typos":
            return title, tuple(_typos(paragraph, rng) for paragraph in paragraphs)
        case "homoglyphs":
            return title, tuple(_homoglyphs(paragraph, rng) for paragraph in paragraphs)
        case "numbers-corrected":
            return title, _corrected(paragraphs)
    return title, paragraphs


def _number(made: Sequence[Piece], outlet: str, published: object) -> int:
    before = [piece.number for piece in made if piece.outlet == outlet and piece.published <= published]  # type: ignore[operator]
    taken = {piece.number for piece in made if piece.outlet == outlet}
    number = max(before, default=1000) + 1
    while number in taken:
        number += 1
    return number


def _as_published(made: Sequence[Piece], piece: Piece) -> Piece:
    outlet: Outlet = next(outlet for outlet in OUTLETS if outlet.id == piece.outlet)
    number = _number(made, piece.outlet, piece.published)
    local = piece.published.astimezone(outlet.zone)
    return replace(
        piece,
        id=f"{piece.outlet}-{number}",
        number=number,
        edition=outlet.editions.get(piece.language),
        path=addresses.address(outlet, number, piece.title, local, piece.section, piece.language),
    )


def reprints(made: Sequence[Piece]) -> list[Piece]:
    """Return the copies of `PLANS`."""
    found: list[Piece] = []
    for plan in PLANS:
        source = fitting(made, plan.source, plan.language)[plan.turn * 2]
        title, paragraphs = disguised(source, plan.kind)
        copy = replace(
            source,
            outlet=plan.target,
            title=title,
            paragraphs=paragraphs,
            published=source.published + timedelta(minutes=plan.delay),
            authors=(),
            agency="ТҰМАР АҚПАРАТ" if plan.kind == "agency-line" else None,
            reprint_of=source.id,
            reprint_kind=plan.kind,
            translation_of=None,
        )
        found.append(_as_published([*made, *found], copy))
    return found


DIGESTS = (
    ("ru", "moiyntal", "Неделя перед голосованием: дайджест", utc(2026, 3, 13, 15, 20), ("hronograf", "pribrezh")),
    ("kk", "boztorgai", "Апта шолуы: дауыс беру қарсаңында", utc(2026, 3, 13, 14, 5), ("azdauys", "kenjar")),
)
FLASHES = (("ru", "tumar", 3, "pribrezh", "Коротко"), ("kk", "tumar", 5, "telkol", "Қысқа хабар"))


def digests(made: Sequence[Piece]) -> list[Piece]:
    """Return digests, which quote parts of four articles, and flashes, which are one paragraph of another outlet's."""
    found: list[Piece] = []
    for language, target, title, published, outlets in DIGESTS:
        sources = [
            piece
            for outlet in outlets
            for piece in fitting(made, outlet, language)[-6:]
            if piece.published < published and piece.outlet == outlet
        ][:4]
        digest = replace(
            sources[0],
            outlet=target,
            title=title,
            paragraphs=tuple(paragraph for source in sources for paragraph in source.paragraphs[:3]),
            published=published,
            theme="digest",
            event=None,
            authors=(),
            excerpt_of=tuple(source.id for source in sources),
            translation_of=None,
        )
        found.append(_as_published([*made, *found], digest))
    for language, outlet, turn, target, word in FLASHES:
        source = fitting(made, outlet, language)[turn]
        flash = replace(
            source,
            outlet=target,
            title=f"{word}: {source.title[0].lower()}{source.title[1:]}",
            paragraphs=source.paragraphs[:1],
            published=source.published + timedelta(minutes=27),
            theme="flash",
            authors=(),
            excerpt_of=(source.id,),
            translation_of=None,
        )
        found.append(_as_published([*made, *found], flash))
    return found
