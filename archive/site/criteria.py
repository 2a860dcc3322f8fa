"""What a search of the site asks for: read from the address of a page, and written into the links of the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol
from urllib.parse import urlencode

PAGE_SIZE = 20
MAX_PAGE = 500
"""Offsets grow costly; whoever wants more than 10,000 articles takes the CSV."""
MAX_CHOICES = 50
ROLES = ("first", "reprint", "excerpt")
SORTS = ("best", "new")


class Arguments(Protocol):
    """The query string as Datasette hands it over."""

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the first value of a name."""

    def getlist(self, name: str) -> list[str]:
        """Return all values of a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """One search. Empty tuples and None mean no limit; `page` counts from 1."""

    query: str = ""
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    sort: str = "best"
    page: int = 1

    @property
    def narrowed(self) -> bool:
        """Tell whether anything but words limits the search."""
        return bool(self.languages or self.sources or self.topics or self.roles or self.since or self.until)

    @property
    def everything(self) -> bool:
        """Tell whether neither words nor anything else limits the search."""
        return not self.query and not self.narrowed

    @property
    def order(self) -> str:
        """Return the order in use: without words there is no best match."""
        return self.sort if self.query else "new"

    def chosen(self, facet: str) -> tuple[str, ...]:
        """Return what is chosen in one facet."""
        return {
            "language": self.languages, "source": self.sources, "topic": self.topics, "role": self.roles
        }[facet]  # fmt: skip

    def toggled(self, facet: str, value: str) -> Criteria:
        """Return the search with a value of a facet put in or taken out, from its first page."""
        before = self.chosen(facet)
        after = tuple(one for one in before if one != value) if value in before else (*before, value)
        field = {"language": "languages", "source": "sources", "topic": "topics", "role": "roles"}[facet]
        return replace(self, **{field: after, "page": 1})  # type: ignore[arg-type]

    def on(self, **changes: object) -> Criteria:
        """Return the search with other values, from its first page unless one is named."""
        return replace(self, **({"page": 1} | changes))  # type: ignore[arg-type]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the names and values of the address, without what is as it is anyway."""
        pairs = [("q", self.query)] if self.query else []
        for name, values in (
            ("lang", self.languages), ("source", self.sources), ("topic", self.topics), ("role", self.roles)
        ):  # fmt: skip
            pairs += [(name, value) for value in values]
        pairs += [(name, day.isoformat()) for name, day in (("since", self.since), ("until", self.until)) if day]
        if self.sort != "best":
            pairs.append(("sort", self.sort))
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return pairs

    @property
    def address(self) -> str:
        """Return the query string, with its question mark unless it is empty."""
        return f"?{urlencode(self.pairs)}" if self.pairs else ""


def read(arguments: Arguments) -> Criteria:
    """Return the search of a query string; what cannot be read is left out, as if it had not been asked."""
    sort = arguments.get("sort") or "best"
    return Criteria(
        query=(arguments.get("q") or "").strip()[:2_000],
        languages=_choices(arguments.getlist("lang")),
        sources=_choices(arguments.getlist("source")),
        topics=_choices(arguments.getlist("topic")),
        roles=tuple(role for role in _choices(arguments.getlist("role")) if role in ROLES),
        since=day(arguments.get("since")),
        until=day(arguments.get("until")),
        sort=sort if sort in SORTS else "best",
        page=number(arguments.get("page"), 1, MAX_PAGE),
    )


def day(text: str | None) -> date | None:
    """Return the date of `2026-03-15`, or None."""
    try:
        return date.fromisoformat(text) if text and len(text) == 10 else None
    except ValueError:
        return None


def number(text: str | None, least: int, most: int) -> int:
    """Return a whole number of an address, `least` where there is none, never above `most`."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 12:
        return least
    return min(max(int(text), least), most)


def _choices(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value[:100] for value in values if value))[:MAX_CHOICES]
