"""What is known of Kazakh beside the grammar: how likely stems and steps are, stems written down, irregular forms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from archive.search.kazakh.grammar import plain
from archive.search.kazakh.readings import Kind

HERE: Final = Path(__file__).parent
LEARNT: Final = HERE / "learnt.json"
IRREGULAR: Final = HERE / "irregular.txt"
WRITTEN: Final[tuple[tuple[Kind, str], ...]] = (("noun", "nouns.txt"), ("verb", "roots.txt"))
"""Files of stems that were written down by hand."""


class Lexicon(NamedTuple):
    """Costs in nats: of a known stem, of a step between suffixes."""

    stems: Mapping[tuple[Kind, str], float]
    steps: Mapping[str, float]


def written_stems() -> frozenset[tuple[Kind, str]]:
    """Return the stems that were written down by hand, in plain spelling."""
    return frozenset(
        (kind, plain(stem))
        for kind, name in WRITTEN
        for line in (HERE / name).read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
        for stem in line.split()
    )


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Return what ships with the project."""
    learnt = json.loads(LEARNT.read_text(encoding="utf-8"))
    stems: dict[tuple[Kind, str], float] = {}
    for kind in ("noun", "verb"):
        for cost, words in learnt[kind].items():
            stems.update(dict.fromkeys(((kind, word) for word in words.split()), int(cost) / 10))
    return Lexicon(stems, {name: cost / 100 for name, cost in learnt["steps"].items()})


@lru_cache(maxsize=1)
def irregular() -> Mapping[str, str]:
    """Return the forms that the rules do not give, with their bases, in plain spelling."""
    found: dict[str, str] = {}
    for line in IRREGULAR.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            base, *forms = map(plain, line.split())
            found |= dict.fromkeys((base, *forms), base)
    return found
