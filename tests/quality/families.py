"""Fills the template families of `templates/` and copies each filling as outlets do.

All texts are invented. The families stand in one fixed order; those at even places tuned the guard, those at odd
places were put aside before it was tuned. `late.toml` was written when the guard was finished, `blind.toml` by
somebody who had seen nothing of it.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).with_name("templates")
LANGUAGES = ("ru", "kk", "en")
Part = Literal["tuned", "aside", "late", "blind", "sealed"]
PARTS: tuple[Part, ...] = ("tuned", "aside", "late", "blind", "sealed")
START = datetime(2026, 3, 1, 4, tzinfo=UTC)
COPIES = 3
"""Copies of each filling, each with another edit."""
SPRINGS = 3
"""Outlets that publish the fillings in turn: some pairs are of one outlet, most are of two."""

BACKGROUND = {
    "ru": "Напомним, ранее редакция рассказывала о том, как меняется жизнь региона: строятся новые дворы и парки, "
    "открываются кружки для детей, а жители предлагают свои идеи на общих собраниях и в переписке с чиновниками.",
    "kk": "Еске салсақ, бұған дейін редакция өңір тынысы қалай өзгеріп жатқанын жазған болатын: жаңа аулалар мен "
    "саябақтар салынып, балаларға үйірмелер ашылып, тұрғындар ортақ жиында өз ойларын ортаға салған еді.",
    "en": "Earlier our newsroom described how life in the area is changing: new yards and parks are being laid out, "
    "clubs for children have opened, and people bring their own ideas to public meetings and to officials.",
}
AGENCY = {
    "ru": "АСТАНА, 10 марта — Дала-Ақпарат. ",
    "kk": "АСТАНА, 10 наурыз — Дала-Ақпарат. ",
    "en": "ASTANA (Dala Wire) - ",
}
CREDIT = {"ru": "Сообщает Дала-Ақпарат.", "kk": "Бұл туралы Дала-Ақпарат хабарлайды.", "en": "Source: Dala Wire"}
FILLER_WORDS = {
    "ru": ("также", "вчера", "совсем", "около", "почти", "просто", "между", "снова"),
    "kk": ("сондай", "кеше", "мүлдем", "шамамен", "әрине", "жай", "арасында", "қайта"),
    "en": ("also", "rather", "almost", "around", "between", "simply", "again", "nearly"),
}
LOOKALIKE = str.maketrans("аеорсух", "aeopcyx")
LETTERS = {"ru": "абвгдеиклмнопрст", "kk": "аәбғдеіқлмнңоөпр", "en": "abcdefghiklmnop"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One document: `filling` names the one event it tells of, `edit` how it was copied ('' for the first)."""

    id: str
    family: str
    filling: str
    language: str
    source: str
    published: datetime
    title: str
    text: str
    edit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A wording with slots, and six values for each slot."""

    id: str
    language: str
    title: str
    text: str
    every_hours: int
    slots: Mapping[str, tuple[str, ...]]


def families(part: Part) -> list[Family]:
    """Return one part of the families: 'tuned' at even places of each language, 'aside' at odd ones, or a later one."""
    if part in ("late", "blind", "sealed"):
        return [_family(raw, raw["language"]) for raw in _read(part)]
    return [_family(raw, language) for language in LANGUAGES for raw in _read(language)[PARTS.index(part) :: 2]]


def _read(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))["family"]
    return found


def _family(raw: Mapping[str, Any], language: str) -> Family:
    return Family(
        id=raw["id"],
        language=language,
        title=raw["title"],
        text=raw["text"],
        every_hours=raw["every_hours"],
        slots={name: tuple(values) for name, values in raw["slots"].items()},
    )


def fillings(family: Family) -> list[Story]:
    """Return the family's six events."""
    result = []
    for n in range(min(map(len, family.slots.values()))):
        filled = {name: values[n] for name, values in family.slots.items()}
        result.append(
            Story(
                id=f"{family.id}-{n}",
                family=family.id,
                filling=f"{family.id}-{n}",
                language=family.language,
                source=f"{family.language}-spring-{n % SPRINGS}",
                published=START + timedelta(hours=n * family.every_hours),
                title=family.title.format(**filled),
                text=family.text.format(**filled),
            )
        )
    return result


def copies(family: Family) -> list[Story]:
    """Return `COPIES` copies of each event, each by another outlet and with another edit.

    An edit that leaves nothing of what tells this event from the family's others (a lead dropped with the only
    name, the only number corrected) is passed over for the next.
    """
    names = list(EDITS)
    turn = sum(map(ord, family.id))
    result = []
    for event, story in enumerate(fillings(family)):
        rng = random.Random(story.id)
        fillers = [values[event] for values in family.slots.values()]
        made = 0
        while made < COPIES:
            edit = names[turn % len(names)]
            turn += 1
            text = EDITS[edit](story.text, story.language, rng)
            if edit != "homoglyphs" and not any(filler in text for filler in fillers):
                continue
            if text == story.text and edit not in ("headline", "exact"):
                continue
            title = story.title if edit != "headline" else CREDIT[story.language] + " " + " ".join(text.split()[4:9])
            result.append(
                Story(
                    id=f"{story.id}-copy-{made}",
                    family=story.family,
                    filling=story.filling,
                    language=story.language,
                    source=f"{story.language}-echo-{(event * COPIES + made) % 7}",
                    published=story.published + timedelta(minutes=rng.randint(4, 20 * 60)),
                    title=title,
                    text=text,
                    edit=edit,
                )
            )
            made += 1
    return result


def documents(part: Part) -> list[Story]:
    """Return all documents of one part in order of publication."""
    found = [story for family in families(part) for story in (*fillings(family), *copies(family))]
    return sorted(found, key=lambda story: (story.published, story.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Pairs of one family: those of one event that share a story, and those of two events that do."""

    reprints_found: int
    reprints: int
    merged: int
    templates: int
    lost: Mapping[str, int]
    """Edit -> copies not in the story of their original."""

    @property
    def recall(self) -> float:
        """Share of true reprint pairs that are in one story."""
        return self.reprints_found / self.reprints

    @property
    def merged_share(self) -> float:
        """Share of template pairs wrongly in one story."""
        return self.merged / self.templates


def score(stories: Iterable[Story], story_of: Mapping[str, int]) -> Score:
    """Count pairs within each family."""
    by_family: dict[str, list[Story]] = {}
    for story in stories:
        by_family.setdefault(story.family, []).append(story)
    reprints = found = merged = templates = 0
    lost: dict[str, int] = {}
    for family in by_family.values():
        for one, other in combinations(family, 2):
            together = story_of[one.id] == story_of[other.id]
            if one.filling == other.filling:
                reprints += 1
                found += together
                if not together and not (one.edit and other.edit):
                    edit = one.edit or other.edit
                    lost[edit] = lost.get(edit, 0) + 1
            else:
                templates += 1
                merged += together
    return Score(reprints_found=found, reprints=reprints, merged=merged, templates=templates, lost=lost)


def _typos(text: str, language: str, rng: random.Random) -> str:
    words = text.split(" ")
    for at in rng.sample(range(len(words)), max(1, len(words) // 40)):
        word = words[at]
        if len(word) > 4 and word.isalpha():
            place = rng.randrange(1, len(word) - 1)
            words[at] = word[:place] + rng.choice(LETTERS[language]) + word[place + 1 :]
    return " ".join(words)


def _corrected(text: str, language: str, rng: random.Random) -> str:
    numbers = list(re.finditer(r"\d+", text))
    if not numbers:
        return text
    chosen = rng.choice(numbers)
    value = int(chosen.group()) + rng.randint(1, 4)
    return text[: chosen.start()] + str(value) + text[chosen.end() :]


def _other_words(text: str, language: str, rng: random.Random) -> str:
    words = text.split(" ")
    lower = [at for at, word in enumerate(words) if word.islower() and word.isalpha()]
    for at in rng.sample(lower, max(1, len(words) // 20)):
        words[at] = rng.choice(FILLER_WORDS[language])
    return " ".join(words)


def _reordered(text: str, language: str, rng: random.Random) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *reversed(rest)])


def _lead_dropped(text: str, language: str, rng: random.Random) -> str:
    return re.sub(r"^[^\n]+?[.!?](?: |\n)", "", text, count=1)


def _truncated(text: str, language: str, rng: random.Random) -> str:
    sentences = re.split(r"(?<=[.!?])(?=[ \n])", text)
    return "".join(sentences[: max(2, round(len(sentences) * 0.65))])


def _homoglyphs(text: str, language: str, rng: random.Random) -> str:
    return text.translate(LOOKALIKE) if language != "en" else _typos(text, language, rng)


EDITS: dict[str, Callable[[str, str, random.Random], str]] = {
    "headline": lambda text, language, rng: text,
    "agency line": lambda text, language, rng: f"{AGENCY[language]}{text}\n{CREDIT[language]}",
    "dropped lead": _lead_dropped,
    "truncated": _truncated,
    "reordered": _reordered,
    "typos": _typos,
    "homoglyphs": _homoglyphs,
    "corrected number": _corrected,
    "background": lambda text, language, rng: f"{text}\n{BACKGROUND[language]}",
    "other words": _other_words,
    "exact": lambda text, language, rng: text,
}  # fmt: skip
