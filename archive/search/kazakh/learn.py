"""Learn from raw Kazakh text which stems there are and how likely each step between suffixes is.

Expectation and maximisation over the distinct words of a text: each word is shared out among the readings that the
grammar allows, stems and steps are counted, and costs are the counts' negative logarithms, until they settle. A stem
is kept when it was met in several forms. Run it on text whose licence lets what was learnt be shipped:

    python -m archive.search.kazakh.learn kaznerd_IOB2_valid.txt.xz kaznerd_IOB2_test.txt.xz
"""

from __future__ import annotations

import json
import lzma
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import exp, log
from pathlib import Path
from typing import Final

from archive.search.folding import script_of
from archive.search.kazakh.analyse import Analyser
from archive.search.kazakh.chains import END
from archive.search.kazakh.grammar import MAX_WORD, SOUND, TABLE, harmonies, plain
from archive.search.kazakh.lexicon import LEARNT, Lexicon, written_stems
from archive.search.kazakh.readings import MIN_NEW, VOWELS, Kind

ROUNDS: Final = 8
WRITTEN: Final = 3.0
"""Forms that a stem written down by hand is worth."""
MIN_FORMS: Final = 1.5
"""A stem is kept when its share of the words is more than one form and a half."""
MIN_STEP: Final = 0.5
FIRST: Final = 3.0
"""What a step costs before anything is learnt, in nats."""

MIN_SHARE: Final = 0.01
MAX_READINGS: Final = 12
MAX_SAVED: Final = 15.0
MIN_SAVED: Final = 5.0
"""Nats that a stem must save for each of its forms, against reading them with a shorter stem."""
MIN_SAVED_BY_VOICE: Final = 10.0
"""The same for a stem that is the passive or reflexive of another: сайлан is found with сайла."""
VOICES: Final = ("verb л", "verb Yл", "verb н", "verb Yн")
PLURALS: Final = ("лар", "лер", "дар", "дер", "тар", "тер")
NEVER: Final = ("noun сYз", "plural сYз", "noun сYң", "plural сYң")
"""'You are' after a noun hardly occurs in news, and looks like -сыз 'without', which makes another word."""
ADJECTIVE: Final = 0.5
ACCUSATIVE: Final = "noun SY"

Stem = tuple[Kind, str]
Stems = dict[Stem, float]

_WORD: Final = re.compile(r"[^\W\d_]+")


@dataclass(slots=True)
class Gain:
    """What a stem is good for: its forms, how often they occur, the nats it saves over shorter stems."""

    forms: int = 0
    times: int = 0
    saved: float = 0.0
    voice: int = 0
    like_accusative_of: Stem | None = None


def words(lines: Iterable[str]) -> Counter[str]:
    """Count the Cyrillic words of a text, or of the first column of its lines when they are annotated."""
    found: Counter[str] = Counter()
    for line in lines:
        for word in _WORD.findall(line.split(" ")[0] if line.count(" ") == 1 else line):
            if script_of(word) == "Cyrl" and 1 < len(word) <= MAX_WORD:
                found[plain(word)] += 1
    return found


def learn(text: Counter[str], written: Iterable[Stem]) -> Lexicon:
    """Return the lexicon that explains the words of a text at the least cost."""
    given: Stems = dict.fromkeys(written, WRITTEN)
    stems = dict(given)
    for word, times in text.items():
        if times > 1:
            stems.setdefault(("noun", word), 1.0)
    first = {f"{state} {step.rule}": FIRST for (state, _, _), steps in TABLE.items() for step in steps}
    known = Lexicon(_costs(stems, {}).stems, first | {f"{state} {END}": FIRST / 2 for state, _, _ in TABLE})
    dropped: set[Stem] = set()
    for turn in range(ROUNDS):
        stems, steps, gains = _shared_out(text, Analyser(known), given)
        if turn >= 2:
            dropped |= {stem for stem, gain in gains.items() if _is_form(stem, gain, text, gains)} - given.keys()
        dropped |= {stem for stem in stems if _is_plural(stem)} - given.keys()
        known = _costs({stem: count for stem, count in stems.items() if stem not in dropped}, steps)
    return known


def _shared_out(
    text: Counter[str], analyser: Analyser, given: Stems
) -> tuple[Stems, Mapping[str, float], dict[Stem, Gain]]:
    """Count stems and steps, and what each stem is good for beside the shorter ones that are known."""
    stems: defaultdict[Stem, float] = defaultdict(float, given)
    steps: defaultdict[str, float] = defaultdict(float)
    gains: dict[Stem, Gain] = {}
    for word, times in text.items():
        readings = analyser.readings(word)[:MAX_READINGS]
        if not readings:
            continue
        best = readings[0]
        gain = gains.setdefault((best.kind, best.stem), Gain())
        other = next(
            (r for r in readings[1:] if len(r.stem) < len(best.stem) and (r.kind, r.stem) in analyser.stems), None
        )
        gain.forms += 1
        gain.times += times
        gain.saved += min(other.cost - best.cost, MAX_SAVED) if other else MAX_SAVED
        gain.voice += bool(other and other.steps[0] in VOICES)
        if other and word == best.stem and other.steps[0] == ACCUSATIVE and len(other.steps) == 2:
            gain.like_accusative_of = (other.kind, other.stem)
        shares = [exp(best.cost - reading.cost) for reading in readings]
        total = sum(shares)
        for reading, share in zip(readings, shares, strict=True):
            part = share / total
            if part < MIN_SHARE:
                break
            stems[reading.kind, reading.stem] += part
            for step in reading.steps:
                steps[step] += part
    return {stem: count for stem, count in stems.items() if count >= MIN_FORMS}, steps, gains


def _is_form(stem: Stem, gain: Gain, text: Counter[str], gains: dict[Stem, Gain]) -> bool:
    """Tell whether a stem is only a form of a shorter one: нысандар, whose forms are all forms of нысан.

    An adjective in -ды, -лы looks like an accusative (маңызды); it stands where it is commoner than its noun.
    """
    base = gains.get(gain.like_accusative_of) if gain.like_accusative_of else None
    if base and gain.times > base.times * ADJECTIVE:
        return False
    return gain.saved / gain.forms < (MIN_SAVED_BY_VOICE if gain.voice > gain.forms / 2 else MIN_SAVED)


def _is_plural(stem: Stem) -> bool:
    """Tell whether a stem is spelt as a plural: bases met in the plural alone are to be known without it."""
    base = stem[1][:-3]
    if stem[0] == "verb" or stem[1][-3:] not in PLURALS or len(base) < MIN_NEW or VOWELS.isdisjoint(base):
        return False
    return any(
        step.rule == "LAр" and step.surface == stem[1][-3:]
        for front in harmonies(base)
        for step in TABLE["noun", "K" if base[-1] == "қ" else SOUND.get(base[-1], "T"), front]
    )


def _costs(stems: Stems, steps: Mapping[str, float]) -> Lexicon:
    total = sum(stems.values())
    from_state: defaultdict[str, float] = defaultdict(float)
    for step, count in steps.items():
        from_state[step.split(" ")[0]] += count
    return Lexicon(
        {stem: log(total / count) for stem, count in stems.items()},
        {
            step: log(from_state[step.split(" ")[0]] / count)
            for step, count in steps.items()
            if count >= MIN_STEP and step not in NEVER
        },
    )


def as_json(known: Lexicon) -> str:
    """Return a lexicon as it is kept: stems by their cost in tenths of a nat, steps in hundredths."""
    stems: dict[str, defaultdict[int, list[str]]] = {"noun": defaultdict(list), "verb": defaultdict(list)}
    for (kind, stem), cost in known.stems.items():
        stems[kind][round(cost * 10)].append(stem)
    kept = {kind: {cost: " ".join(sorted(found[cost])) for cost in sorted(found)} for kind, found in stems.items()}
    steps = {step: round(cost * 100) for step, cost in sorted(known.steps.items())}
    return json.dumps({**kept, "steps": steps}, ensure_ascii=False, indent=0) + "\n"


def _lines(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        with lzma.open(file, "rt", encoding="utf-8") if file.suffix == ".xz" else file.open(encoding="utf-8") as text:
            yield from text


if __name__ == "__main__":
    LEARNT.write_text(as_json(learn(words(_lines(map(Path, sys.argv[1:]))), written_stems())), encoding="utf-8")
