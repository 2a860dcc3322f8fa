"""What a chain of suffixes costs: how unlikely the grammar's next step is, as learnt from text, summed to the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from archive.search.kazakh.grammar import TABLE, Sounding

END: Final = "."
MAX_KNOWN: Final = 40_000
"""Rests of words that are remembered, some 6 MB; what a few hundred pages of news have."""

UNSEEN: Final = 9.0
"""Nats, for a step that was never seen."""


class Chain(NamedTuple):
    """The cheapest way to read a rest of a word as suffixes: its cost in nats and its steps, `state suffix`."""

    cost: float
    steps: tuple[str, ...]


class Rests(dict[str, Chain | None]):
    """Rest of a word -> the cheapest chain that spells it from one state and sound on, or None: worked out once."""

    def __init__(self, chains: Chains, end: Chain | None) -> None:
        super().__init__()
        self.chains = chains
        self.end = end
        self.by_letter: dict[str, list[tuple[str, float, str, Rests]]] = {}

    def __missing__(self, rest: str) -> Chain | None:
        best = None if rest else self.end
        if rest:
            for surface, cost, name, behind in self.by_letter.get(rest[0], ()):
                if rest.startswith(surface):
                    tail = behind[rest[len(surface) :]]
                    if tail is not None and (best is None or cost + tail.cost < best.cost):
                        best = Chain(cost + tail.cost, (name, *tail.steps))
        self.chains.remember(self, rest, best)
        return best


class Chains:
    """Reads rests of words as suffixes, with `costs` (`state suffix` -> nats)."""

    def __init__(self, costs: Mapping[str, float]) -> None:
        self._known = 0
        self.behind = {at: Rests(self, _end(at, costs)) for at in TABLE}
        """What is behind a stem, or a suffix, by the state and the sound it ends in."""
        for (state, sound, front), steps in TABLE.items():
            by_letter = self.behind[state, sound, front].by_letter
            for step in steps:
                name = f"{state} {step.rule}"
                behind = self.behind[step.state, step.sound, front]
                by_letter.setdefault(step.surface[0], []).append((step.surface, costs.get(name, UNSEEN), name, behind))

    def remember(self, rests: Rests, rest: str, chain: Chain | None) -> None:
        """Keep a chain; when too many are kept forget them all."""
        if self._known >= MAX_KNOWN:
            self._known = 0
            for known in self.behind.values():
                known.clear()
        self._known += 1
        rests[rest] = chain


def _end(at: Sounding, costs: Mapping[str, float]) -> Chain | None:
    state, sound, _ = at
    name = f"{state} {END}"
    return None if sound == "X" else Chain(costs.get(name, UNSEEN), (name,))
