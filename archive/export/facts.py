"""What the describing files of a package are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.export.manifest import File
from archive.export.selection import Selected, Selection
from archive.export.tables import Table
from archive.export.writers import Format

LAYOUT = 1
"""Version of the layout of packages; an importer refuses those of a later one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A package whose tables are written. `files` maps each table to its file in each format."""

    title: str
    authors: tuple[str, ...]
    selection: Selection
    selected: Selected
    formats: tuple[Format, ...]
    tables: tuple[Table, ...]
    files: dict[tuple[str, Format], File]
    outlets: Sequence[tuple[str, str]]
    """Name and home page of each outlet."""
    days: tuple[str, str] | None
    """First and last day of publication."""

    @property
    def version(self) -> str:
        """Return the version of the data set: the day of the archive's last change and the archive itself.

        It has the form that https://semver.org asks for, since Croissant's tools do.
        """
        year, month, day = self.selected.as_of.split("-")
        return f"{int(year)}.{int(month)}.{int(day)}+{self.selected.fingerprint[:12]}"

    @property
    def description(self) -> str:
        """Return what the package is, in two or three sentences."""
        what = "Articles" if self.selection.text else "A list of articles (without texts)"
        days = ""
        if self.days:
            first, last = self.days
            days = f", published from {first} to {last}," if first != last else f", published on {first},"
        articles, outlets = counted(self.selected.articles, "article"), counted(len(self.outlets), "outlet")
        return (
            f"{what} of news media{days} with their versions, topics and reprints: "
            f"{articles} of {outlets}, collected by Dauys. "
            "The texts belong to their publishers."
        )


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: 1 article, 2 articles."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
