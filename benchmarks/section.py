"""One section of docs/performance.md: what a benchmark has to give, and how the page keeps it apart from others."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_PART = re.compile(r"<!-- section (?P<name>[\w-]+) -->\n(?P<text>.*?)<!-- end -->\n", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a benchmark found: Markdown for the page, and charts (file name without suffix -> SVG) it refers to.

    A chart called `memory` is shown by `![Memory](images/performance/memory.svg)`.
    """

    text: str
    charts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A benchmark: `name` for the command line, `title` and `about` for the page, `run(quick)` to measure.

    `about` says what is measured against what, and by which command alone; one that is `by_name` takes too long to run
    with the others.
    """

    name: str
    title: str
    about: str
    run: Callable[[bool], Result]
    by_name: bool = False


def read_parts(page: str) -> dict[str, str]:
    """Return the sections of a page written before: name -> Markdown."""
    return {match["name"]: match["text"] for match in _PART.finditer(page)}


def assemble(head: str, sections: tuple[Section, ...], parts: dict[str, str]) -> str:
    """Return the page: the head, then each section that `parts` has a text for, in the order of `sections`."""
    told = [f"<!-- section {one.name} -->\n{parts[one.name]}<!-- end -->\n" for one in sections if one.name in parts]
    return "\n".join([head, *told])


def written(section: Section, result: Result, when: str) -> str:
    """Return the Markdown of one measured section."""
    return f"## {section.title}\n\n{section.about}\n\n{result.text.strip()}\n\n*Measured {when}.*\n"
