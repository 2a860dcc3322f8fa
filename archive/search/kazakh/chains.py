"""What a chain of suffixes costs: how unlikely the grammar's next step is, as learnt from text, summed to the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from archive.search.kazakh.grammar import TABLE, Step

Sounding = tuple[str, str, bool]
"""State of the chain, the sound it ends in so far, front vowels or not."""

END: Final = "."
MAX_KNOWN: Final = 200_000
"""Rests of words that are remembered; a year of news has some tens of thousands."""

UNSEEN: Final = 9.0
"""Nats, for a step that was never seen."""


class Chain(NamedTuple):
    """The cheapest way to read a rest of a word as suffixes: its cost in nats and its steps, `state suffix`."""

    cost: float
    steps: tuple[str, ...]


class Chains:
    """Reads rests of words as suffixes, with `costs` (`state suffix` -> nats)."""

    def __init__(self, costs: Mapping[str, float]) -> None:
        self._known: dict[tuple[str, Sounding], Chain | None] = {}
        self._costs = costs
        self._by_letter: dict[Sounding, dict[str, list[tuple[Step, str, float]]]] = {}
        for at, steps in TABLE.items():
            by_letter = self._by_letter.setdefault(at, {})
            for step in steps:
                name = f"{at[0]} {step.rule}"
                by_letter.setdefault(step.surface[0], []).append((step, name, costs.get(name, UNSEEN)))

    def read(self, rest: str, at: Sounding) -> Chain | None:
        """Return the cheapest chain that spells `rest`, or None when the grammar has none."""
        key = (rest, at)
        if key not in self._known:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[key] = self._read(rest, at)
        return self._known[key]

    def _read(self, rest: str, at: Sounding) -> Chain | None:
        state, sound, front = at
        if not rest:
            name = f"{state} {END}"
            return None if sound == "X" else Chain(self._costs.get(name, UNSEEN), (name,))
        best: Chain | None = None
        for step, name, cost in self._by_letter[at].get(rest[0], ()):
            if rest.startswith(step.surface):
                tail = self.read(rest[len(step.surface) :], (step.state, step.sound, front))
                if tail is not None and (best is None or cost + tail.cost < best.cost):
                    best = Chain(cost + tail.cost, (name, *tail.steps))
        return best
