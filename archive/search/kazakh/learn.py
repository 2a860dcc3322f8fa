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
from collections.abc import Iterable, Iterator
from math import exp, log
from pathlib import Path
from typing import Final

from archive.search.folding import script_of
from archive.search.kazakh.analyse import Analyser
from archive.search.kazakh.chains import END
from archive.search.kazakh.grammar import MAX_WORD, TABLE, plain
from archive.search.kazakh.lexicon import LEARNT, Lexicon, written_roots
from archive.search.kazakh.readings import Kind

ROUNDS: Final = 8
WRITTEN: Final = 3.0
"""Forms that a root written down by hand is worth."""
MIN_FORMS: Final = 1.5
"""A stem is kept when its share of the words is more than one form and a half."""
MIN_STEP: Final = 0.5
FIRST: Final = 3.0
"""What a step costs before anything is learnt, in nats."""

_WORD: Final = re.compile(r"[^\W\d_]+")


def words(lines: Iterable[str]) -> Counter[str]:
    """Count the Cyrillic words of a text, or of the first column of its lines when they are annotated."""
    found: Counter[str] = Counter()
    for line in lines:
        for word in _WORD.findall(line.split(" ")[0] if line.count(" ") == 1 else line):
            if script_of(word) == "Cyrl" and 1 < len(word) <= MAX_WORD:
                found[plain(word)] += 1
    return found


def learn(text: Counter[str], roots: Iterable[str]) -> Lexicon:
    """Return the lexicon that explains the words of a text at the least cost."""
    given: dict[tuple[Kind, str], float] = {("verb", root): WRITTEN for root in roots}
    stems: dict[tuple[Kind, str], float] = dict(given)
    for word, times in text.items():
        if times > 1:
            stems.setdefault(("noun", word), 1.0)
    first = {f"{state} {step.rule}": FIRST for (state, _, _), steps in TABLE.items() for step in steps}
    known = Lexicon(_costs(stems, Counter()).stems, first | {f"{state} {END}": FIRST / 2 for state, _, _ in TABLE})
    for _ in range(ROUNDS):
        stems, steps = _shared_out(text, Analyser(known), given)
        known = _costs(stems, steps)
    return known


def _shared_out(
    text: Counter[str], analyser: Analyser, given: dict[tuple[Kind, str], float]
) -> tuple[dict[tuple[Kind, str], float], Counter[str]]:
    stems: defaultdict[tuple[Kind, str], float] = defaultdict(float, given)
    steps: Counter[str] = Counter()
    for word, times in text.items():
        readings = analyser.readings(word)[:12]
        if not readings:
            continue
        weight = 1.0 + log(times)
        shares = [exp(readings[0].cost - reading.cost) for reading in readings]
        total = sum(shares)
        for reading, share in zip(readings, shares, strict=True):
            part = share / total
            if part < 0.01:
                break
            stems[reading.kind, reading.stem] += part * (1.0 + (weight - 1.0) / 4)
            for step in reading.steps:
                steps[step] += part
    return {stem: count for stem, count in stems.items() if count >= MIN_FORMS}, steps


def _costs(stems: dict[tuple[Kind, str], float], steps: Counter[str]) -> Lexicon:
    total = sum(stems.values())
    from_state: Counter[str] = Counter()
    for step, count in steps.items():
        from_state[step.split(" ")[0]] += count
    return Lexicon(
        {stem: log(total / count) for stem, count in stems.items()},
        {step: log(from_state[step.split(" ")[0]] / count) for step, count in steps.items() if count >= MIN_STEP},
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
    LEARNT.write_text(as_json(learn(words(_lines(map(Path, sys.argv[1:]))), written_roots())), encoding="utf-8")
