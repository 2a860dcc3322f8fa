"""Composes articles: a headline and lead of a theme, two of its paragraphs, some that fit any theme, a reminder."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from ..model import stable_number
from .material import Theme, themes
from .slots import Filler

VOTE = date(2026, 3, 15)
FITTING = 4
"""Paragraphs of an article that would fit any article of its sort."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A finished text."""

    title: str
    paragraphs: tuple[str, ...]


class Composer:
    """Composes in one language, using the paragraphs that fit anywhere as evenly as can be."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.themes = themes(language)
        self._used: Counter[str] = Counter()
        self._together: Counter[tuple[str, str]] = Counter()

    def compose(self, theme: Theme, index: int, when: datetime, town: str | None = None) -> Composition:
        """Return the article of the theme's pair `index`, as of `when` (in the outlet's zone)."""
        rng = random.Random(stable_number("compose", self.language, theme.name, index))
        filler = Filler(self.language, rng, when, town)
        title, lead = theme.pairs[index]
        scope = filler.scope()
        common = self.themes["quotes" if theme.on_topic else "fillers"].body
        count = len(theme.body)
        own = [theme.body[(index + step) % count] for step in range(min(2, count))]
        extras: list[str] = []
        for _ in range(FITTING):
            # The least used first; among those the one seldom seen with what is chosen already.
            def rank(candidate: str) -> tuple[int, int, float]:
                company = sum(self._together[other, candidate] for other in (*own, *extras))
                return company, self._used[candidate], rng.random()

            best = min((candidate for candidate in common if candidate not in extras), key=rank)
            for other in (*own, *extras):
                self._together[other, best] += 1
                self._together[best, other] += 1
            self._used[best] += 1
            extras.append(best)
        body = [own[0], extras[0], *own[1:], *extras[1:]]
        if theme.on_topic:
            # Every report reminds its readers of what the vote is about.
            reminders = self.themes["before" if when.date() <= VOTE else "after"].body
            body.insert(2, reminders[stable_number("reminder", theme.name, index) % len(reminders)])
        return Composition(
            title=filler.fill(title, scope),
            paragraphs=(filler.fill(lead, scope), *(filler.fill(template) for template in body)),
        )
