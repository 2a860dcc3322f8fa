"""The list of outlets, read from `sources.toml` with everything that is wrong with it told at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.config import ConfigError, load_toml, nearest
from archive.errors import DauysError
from crawler.source import Entry, Source
from crawler.source_file import SourceReader

__all__ = ["Entry", "Source", "Sources", "SourcesError", "UnknownSourceError", "load_sources"]


class SourcesError(ConfigError):
    """Raised when `sources.toml` is missing, unreadable or wrong; its text is one line for each problem."""


class UnknownSourceError(DauysError, KeyError):
    """Raised when no source has the id asked for; names the nearest."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The outlets of one file, in its order."""

    file: Path
    sources: tuple[Source, ...]

    def __iter__(self) -> Iterator[Source]:
        return iter(self.sources)

    def __len__(self) -> int:
        return len(self.sources)

    @property
    def enabled(self) -> tuple[Source, ...]:
        """Return the outlets that are crawled."""
        return tuple(source for source in self.sources if source.enabled)

    def by_id(self, source_id: str) -> Source:
        """Return the outlet with this id, enabled or not. Raises UnknownSourceError."""
        for source in self.sources:
            if source.id == source_id:
                return source
        hint = nearest(source_id, [source.id for source in self.sources])
        raise UnknownSourceError(f'{self.file}: no source "{source_id}"' + (f"; {hint}" if hint else ""))


def load_sources(path: Path, *, allow_loopback: bool = False) -> Sources:
    """Read and check a file of `[[source]]` tables.

    Raises SourcesError with every problem of the file. Addresses of this machine and of private networks are a
    problem but with `allow_loopback`.
    """
    try:
        reader = SourceReader(load_toml(path), allow_loopback=allow_loopback)
    except ConfigError as error:
        raise SourcesError(error.problems) from error
    sources = reader.read()
    if reader.problems:
        raise SourcesError(sorted(reader.problems, key=lambda problem: problem.line or 0))
    return Sources(file=path, sources=tuple(sources))
