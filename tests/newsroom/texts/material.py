"""Reads the material files: themes with headlines, leads and paragraphs, in three languages.

A line begins with its kind: `#` theme (flags: on, off, hard), `=` headline, `>` its lead, `-` paragraph.
`[a|b]` is a choice, `{town}` a place to fill in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

LANGUAGES = ("kk", "ru", "en")


@dataclass(slots=True)
class Theme:
    """Pairs of headline and lead, and paragraphs that fit them all. `hard` themes are near misses of the topic."""

    name: str
    on_topic: bool
    hard: bool
    pairs: list[tuple[str, str]] = field(default_factory=list)
    body: list[str] = field(default_factory=list)


@cache
def themes(language: str) -> dict[str, Theme]:
    """Return the themes of a language by name, in the order of the file."""
    found: dict[str, Theme] = {}
    theme, headline = Theme("", on_topic=False, hard=False), ""
    for line in (Path(__file__).parent / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "#":
            name, *flags = rest.split()
            theme = found.setdefault(name, Theme(name, on_topic="on" in flags, hard="hard" in flags))
        elif kind == "=":
            headline = rest
        elif kind == ">":
            theme.pairs.append((headline, rest))
        elif kind == "-":
            theme.body.append(rest)
        else:
            raise ValueError(f"{language}.txt: a line begins with {kind!r}")
    return found
