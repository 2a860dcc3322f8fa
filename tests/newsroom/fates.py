"""What happens to articles after publication: edits, changes that are none, moves, deletions, returns, troubles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from . import addresses
from .copies import fitting
from .model import Change, Episode, Gone, Outlet, Piece, stable_number, utc
from .outlets import OUTLETS
from .texts.slots import SURNAMES

HEADLINE = {"ru": "Главное сейчас: {}", "kk": "Дәл қазір: {}", "en": "Explained: {}"}
TEASER = {"ru": "Вы удивитесь: {}", "kk": "Таңғаласыз: {}", "en": "You would not guess: {}"}
CORRECTION = {
    "ru": "Уточнение поступило из областного управления позднее: первоначальные сведения оказались неполными, и "
    "редакция приводит их в исправленном виде вместе с объяснением ведомства.",
    "kk": "Облыстық басқарма нақтылауды кейін жіберді: алғашқы мәлімет толық болмаған, редакция оны ведомствоның "
    "түсіндірмесімен бірге түзетілген күйінде беріп отыр.",
    "en": "A clarification arrived later from the regional office: the first account was incomplete, and it is given "
    "here as corrected, together with the explanation of the office.",
}
LATER = {
    "ru": ("К вечеру стало известно, что совещание продлили на час, а его решение огласят утром.",
           "Поздно ночью пресс-служба разослала поправку к расписанию и извинилась за путаницу.",
           "Утром решение огласили: изменений два, оба касаются часов работы."),
    "kk": ("Кешке қарай жиынның бір сағатқа созылғаны, шешімі таңертең айтылатыны белгілі болды.",
           "Түн ортасында баспасөз қызметі кестеге түзету жіберіп, шатастырғаны үшін кешірім сұрады.",
           "Таңертең шешім айтылды: екі өзгеріс бар, екеуі де жұмыс уақытына қатысты."),
    "en": ("By evening it emerged that the meeting had run an hour over and would report in the morning.",
           "Late at night the press office sent round a correction to the timetable and apologised.",
           "In the morning the decision was read out: two changes, both about opening hours."),
}  # fmt: skip
OTHER_ARTICLE = {
    "ru": ("Как выбрать арбуз в июле", ("Спелый арбуз звенит, а хвостик у него сухой: так учила нас бабушка бахчевода.",
           "Полосы должны быть контрастными, пятно — жёлтым; остальное решает нож и удача.")),
    "kk": ("Шілдеде қарбызды қалай таңдайды", ("Піскен қарбыз сыңғырлайды, сабағы құрғақ болады: диқанның әжесі солай "
           "үйреткен.", "Жолағы айқын, дағы сары болуы керек; қалғанын пышақ пен бақ шешеді.")),
    "en": ("How to choose a melon in July", ("A ripe melon rings and its stalk is dry, or so a grower's grandmother "
           "taught us.", "Look for contrast in the stripes and a yellow patch; the knife decides the rest.")),
}  # fmt: skip
Maker = Callable[[Piece], tuple[Change, ...] | None]
"""Makes the changes of one kind for a piece, or None when the piece does not lend itself to it."""


def _after(piece: Piece, hours: float) -> Change:
    return Change(at=piece.published + timedelta(hours=hours), kind="")


def _titled(piece: Piece, pattern: dict[str, str]) -> str:
    return pattern[piece.language].format(piece.title[0].lower() + piece.title[1:])


def _edit(
    piece: Piece, kind: str, hours: float, *, title: str | None = None, stamp: bool = False, **fields: object
) -> Change:
    change = replace(_after(piece, hours), kind=kind, version=True, title=title, stamp_modified=stamp)
    paragraphs = fields.get("paragraphs")
    return replace(change, paragraphs=tuple(paragraphs)) if isinstance(paragraphs, list | tuple) else change


def _headline(stamp: bool) -> Maker:
    kind = "headline changed" if stamp else "headline changed silently"
    return lambda piece: (_edit(piece, kind, 9, title=_titled(piece, HEADLINE), stamp=stamp),)


def _paragraph(stamp: bool) -> Maker:
    kind = "paragraph corrected" if stamp else "paragraph corrected silently"

    def make(piece: Piece) -> tuple[Change, ...] | None:
        if len(piece.paragraphs) < 4:
            return None
        texts = (*piece.paragraphs[:2], CORRECTION[piece.language], *piece.paragraphs[3:])
        return (_edit(piece, kind, 10, paragraphs=texts, stamp=stamp),)

    return make


def _number(piece: Piece) -> tuple[Change, ...] | None:
    for place, paragraph in enumerate(piece.paragraphs):
        found = re.search(r"(?<![\d.,])(?<!\d )(?!1[1-5]\b)\d{2,3}\b(?!,\d| \d)", paragraph)
        if found:
            fixed = f"{paragraph[: found.start()]}{int(found[0]) + 3}{paragraph[found.end() :]}"
            texts = (*piece.paragraphs[:place], fixed, *piece.paragraphs[place + 1 :])
            return (_edit(piece, "number corrected", 9, paragraphs=texts),)
    return None


def _removed(piece: Piece) -> tuple[Change, ...] | None:
    if len(piece.paragraphs) < 5:
        return None
    return (_edit(piece, "paragraph removed", 11, paragraphs=(*piece.paragraphs[:2], *piece.paragraphs[3:])),)


def _appended(piece: Piece) -> tuple[Change, ...]:
    later = LATER[piece.language]
    return tuple(
        _edit(
            piece,
            "update appended",
            hours,
            paragraphs=(*piece.paragraphs, *later[: step + 1]),
            stamp=True,
        )
        for step, hours in enumerate((8, 16, 26))
    )


def _typo(piece: Piece) -> tuple[Change, ...] | None:
    first = piece.paragraphs[0]
    words = first.split(" ")
    place = next((n for n, word in enumerate(words) if len(word) > 7 and word.isalpha() and word.islower()), None)
    if place is None:
        return None
    # One letter too many, taken out: the smallest change that is one.
    words[place] = words[place][:-1]
    return (_edit(piece, "typo fixed", 9, paragraphs=(" ".join(words), *piece.paragraphs[1:])),)


def _name(piece: Piece) -> tuple[Change, ...] | None:
    column = {"kk": 0, "ru": 1, "en": 2}[piece.language]
    for place, paragraph in enumerate(piece.paragraphs):
        for row, surname in enumerate(SURNAMES):
            if surname[column] in paragraph:
                other = SURNAMES[(row + 5) % len(SURNAMES)][column]
                fixed = paragraph.replace(surname[column], other)
                texts = (*piece.paragraphs[:place], fixed, *piece.paragraphs[place + 1 :])
                return (_edit(piece, "name corrected", 10, paragraphs=texts, stamp=True),)
    return None


def _quote(piece: Piece) -> tuple[Change, ...] | None:
    for place, paragraph in enumerate(piece.paragraphs):
        found = re.search(r"«([^»]{25,})»", paragraph)
        if found:
            fixed = paragraph.replace(found[1], " ".join(found[1].split()[:3]) + "…")
            texts = (*piece.paragraphs[:place], fixed, *piece.paragraphs[place + 1 :])
            return (_edit(piece, "quotation softened", 12, paragraphs=texts),)
    return None


def _lead(piece: Piece) -> tuple[Change, ...]:
    return (_edit(piece, "lead rewritten", 9, paragraphs=(CORRECTION[piece.language], *piece.paragraphs[1:])),)


def _both(piece: Piece) -> tuple[Change, ...]:
    texts = (*piece.paragraphs[:-1], LATER[piece.language][0])
    return (
        _edit(piece, "headline and text changed", 10, title=_titled(piece, HEADLINE), paragraphs=texts, stamp=True),
    )


def _flap(piece: Piece) -> tuple[Change, ...]:
    other = _titled(piece, TEASER)
    first = _edit(piece, "headline flaps", 10, title=other)
    back = replace(_after(piece, 19), kind="headline flaps back", title=piece.title)
    again = replace(_after(piece, 26), kind="headline flaps again", title=other)
    home = replace(_after(piece, 34), kind="headline flaps back", title=piece.title)
    return first, back, again, home


def _dress(kind: str, dress: str) -> Maker:
    return lambda piece: (replace(_after(piece, 9), kind=kind, dress=dress),)


def _tags(piece: Piece) -> tuple[Change, ...] | None:
    if len(piece.tags) < 2:
        return None
    return (replace(_after(piece, 9), kind="tags reordered", tags=tuple(reversed(piece.tags))),)


def _byline(piece: Piece) -> tuple[Change, ...] | None:
    if not piece.authors:
        return None
    return (replace(_after(piece, 9), kind="byline changed", authors=()),)


def _stamp(piece: Piece) -> tuple[Change, ...]:
    return (replace(_after(piece, 9), kind="modified date alone moved", stamp_modified=True),)


def _gone(gone: Gone, back: bool = False) -> Maker:
    def make(piece: Piece) -> tuple[Change, ...]:
        change = replace(_after(piece, 31), kind=f"gone: {gone}", gone=gone)
        if gone == "replaced":
            title, paragraphs = OTHER_ARTICLE[piece.language]
            change = replace(change, title=title, paragraphs=paragraphs)
        if back:
            return change, replace(_after(piece, 55), kind="came back", back=True)
        return (change,)

    return make


def _moved(kind: str, dress: str | None = None) -> Maker:
    def make(piece: Piece) -> tuple[Change, ...]:
        outlet: Outlet = next(outlet for outlet in OUTLETS if outlet.id == piece.outlet)
        when = piece.published.astimezone(outlet.zone)
        title = _titled(piece, HEADLINE)
        number = piece.number if "slug" in outlet.path else piece.number + 5000
        path = addresses.address(outlet, number, title, when, piece.section, piece.language)
        return (replace(_after(piece, 20), kind=kind, moved_to=path, dress=dress),)

    return make


FATES: tuple[tuple[str, Maker], ...] = (
    ("tumar:kk", _headline(stamp=True)),
    ("hronograf:ru", _headline(stamp=False)),
    ("boztorgai:kk", _paragraph(stamp=True)),
    ("moiyntal:ru", _paragraph(stamp=False)),
    ("azdauys:kk", _number),
    ("pribrezh:ru", _removed),
    ("meridian:en", _appended),
    ("telkol:kk", _typo),
    ("tumar:ru", _name),
    ("severny:ru", _quote),
    ("boztorgai:kk", _lead),
    ("meridian:en", _both),
    ("hronograf:ru", _flap),
    ("azdauys:kk", _dress("quotation marks and dashes changed", "quotes")),
    ("telkol:kk", _dress("white space changed", "spaces")),
    ("pribrezh:ru", _dress("characters written as entities", "entities")),
    ("severny:ru", _dress("page redesigned", "redesign")),
    ("tumar:ru", _dress("comment added", "comments")),
    ("kenjar:kk", _dress("advertisement swapped", "banner")),
    ("tumar:kk", _dress("image swapped", "image")),
    ("hronograf:ru", _tags),
    ("meridian:en", _byline),
    ("meridian:en", _stamp),
    ("tumar:kk", _gone("404")),
    ("hronograf:ru", _gone("410")),
    ("boztorgai:kk", _gone("soft-404")),
    ("moiyntal:ru", _gone("home")),
    ("azdauys:kk", _gone("section")),
    ("pribrezh:ru", _gone("replaced")),
    ("telkol:kk", _gone("404", back=True)),
    ("meridian:en", _gone("410")),
    ("tumar:ru", _gone("404")),
    ("tumar:kk", _moved("moved: 301")),
    ("severny:ru", _moved("moved: 301")),
    ("moiyntal:ru", _moved("moved: meta refresh", dress="meta-refresh")),
    ("meridian:en", _headline(stamp=False)),
    ("severny:ru", _lead),
    ("telkol:kk", _number),
    ("pribrezh:ru", _headline(stamp=False)),
    ("azdauys:kk", _paragraph(stamp=False)),
    ("boztorgai:kk", _headline(stamp=True)),
    ("tumar:ru", _removed),
    ("kenjar:kk", _typo),
    ("kenjar:kk", _headline(stamp=False)),
)
"""What is planted, in order: 'outlet:language' and the change; each falls to the next free article of that outlet."""

LATE_FATES: tuple[tuple[str, datetime, Maker], ...] = (
    ("meridian:en", utc(2026, 3, 11, 13), _headline(stamp=True)),
    ("meridian:en", utc(2026, 3, 12, 10), _removed),
    ("telkol:kk", utc(2026, 3, 12, 13), _lead),
    ("pribrezh:ru", utc(2026, 3, 14), _name),
    ("severny:ru", utc(2026, 3, 14, 9), _typo),
    ("moiyntal:ru", utc(2026, 3, 14, 13), _headline(stamp=False)),
    ("meridian:en", utc(2026, 3, 15, 8), _number),
    ("kenjar:kk", utc(2026, 3, 15, 8), _paragraph(stamp=False)),
    ("severny:ru", utc(2026, 3, 15, 8), _headline(stamp=False)),
    ("moiyntal:ru", utc(2026, 3, 15, 9), _quote),
)
"""More edits around the days of the vote: each to the first free article published from then on."""


def decide(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces with their changes. What is copied or copies, and what is quoted, is left alone."""
    entangled = {piece.reprint_of for piece in pieces} | {other for piece in pieces for other in piece.excerpt_of}
    free = {where: _free(pieces, where, entangled) for where, _ in FATES}
    changed: dict[str, Piece] = {}
    plans = [(where, utc(2026, 1, 1), make) for where, make in FATES]
    for where, start, make in (*plans, *LATE_FATES):
        for piece in free[where]:
            if piece.id in changed or piece.published < start:
                continue
            changes = make(piece)
            if changes is not None:
                changed[piece.id] = replace(piece, changes=changes)
                break
        else:
            raise LookupError(f"{where} has no article left for {make}")
    return [changed.get(piece.id, piece) for piece in pieces]


def _free(pieces: Sequence[Piece], where: str, entangled: set[str | None]) -> list[Piece]:
    outlet, _, language = where.partition(":")
    return [piece for piece in fitting(pieces, outlet, language) if piece.id not in entangled]


def _quiet(pieces: Iterable[Piece], outlet: str) -> Iterator[Piece]:
    return (
        piece
        for piece in pieces
        if piece.outlet == outlet
        and piece.on_topic
        and not piece.changes
        and piece.reprint_of is None
        and utc(2026, 3, 6) < piece.published < utc(2026, 3, 14)
    )


SPELLS = (
    ("hronograf", "403"), ("tumar", "500"), ("boztorgai", "503"), ("moiyntal", "time-out"), ("telkol", "empty-page"),
    ("meridian", "429"),
)  # fmt: skip


def troubles(pieces: Sequence[Piece]) -> tuple[Episode, ...]:
    """Return the spells of trouble: four that take a whole outlet, and one article each of six outlets."""
    whole = (
        Episode(outlet="moiyntal", trouble="503", start=utc(2026, 3, 12, 6), until=utc(2026, 3, 12, 13)),
        Episode(outlet="hronograf", trouble="robots-closed", start=utc(2026, 3, 8), until=utc(2026, 3, 8, 10)),
        Episode(outlet="azdauys", trouble="robots-503", start=utc(2026, 3, 10), until=utc(2026, 3, 10, 8)),
        Episode(outlet="severny", trouble="time-out", start=utc(2026, 3, 11, 6), until=utc(2026, 3, 11, 9)),
    )
    single = []
    for outlet, trouble in SPELLS:
        piece = next(_quiet(pieces, outlet), None)
        if piece is not None:
            start = piece.published + timedelta(hours=10 + stable_number(piece.id) % 5)
            single.append(
                Episode(
                    outlet=outlet,
                    trouble=trouble,  # type: ignore[arg-type]
                    start=start,
                    until=start + timedelta(hours=14),
                    piece=piece.id,
                )
            )
    return (*whole, *single)
