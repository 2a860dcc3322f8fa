"""Writes how a package and its articles are cited: `CITATION.cff`, `references.bib`, `references.csl.json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

from archive.citation import Cited, bibtex_of, cited_as, csl_line_of
from archive.export.facts import Facts
from archive.export.reading import Row
from archive.export.tables import Table

CITATION = "CITATION.cff"
BIBTEX = "references.bib"
CSL = "references.csl.json"
_FIELDS = (
    "doc_id", "source_id", "url", "published_at", "published_day", "last_seen_at", "language", "versions",
    "text_sha256", "title", "authors",
)  # fmt: skip
"""Columns that a reference is made of; the last two are not in the form without texts."""


def citation(facts: Facts) -> str:
    """Return the citation of the data set (Citation File Format 1.2.0). JSON texts are YAML texts."""
    lines = [
        "cff-version: 1.2.0",
        'message: "Please cite this data set, with its version, and the articles that you quote (references.bib)."',
        "type: dataset",
        f"title: {_text(facts.title)}",
        "authors:",
        *(f"  - name: {_text(author)}" for author in facts.authors),
        f"version: {_text(facts.version)}",
        f"date-released: {_text(facts.selected.as_of)}",
        f"abstract: {_text(facts.description)}",
        "identifiers:",
        "  - type: other",
        f"    value: {_text('sha256:' + facts.selected.fingerprint)}",
        "    description: Fingerprint of the archive that it was taken from",
    ]
    return "\n".join(lines) + "\n"


class ReferenceWriter:
    """Writes each article as a reference, in BibTeX and in CSL-JSON, while the articles pass by."""

    def __init__(self, folder: Path, table: Table, outlets: dict[str, str]) -> None:
        self._bibtex = (folder / BIBTEX).open("w", encoding="utf-8", newline="")
        self._csl = (folder / CSL).open("w", encoding="utf-8", newline="")
        self._outlets = outlets
        self._fields = _fields(table)
        self._separator = "[\n"

    def write(self, rows: Sequence[Row]) -> None:
        """Add articles."""
        articles = [self._cited(*row) for row in map(self._fields, rows)]
        self._bibtex.write("".join([f"{bibtex_of(one)}\n\n" for one in articles]))
        self._csl.write(self._separator + ",\n".join(map(csl_line_of, articles)))
        self._separator = ",\n"

    def _cited(
        self, doc_id: str, source_id: str, url: str, published_at: str | None, published_day: str | None,
        seen_at: str, language: str | None, versions: int, text_sha256: str,
        title: str | None = None, authors: str = "[]",
    ) -> Cited:  # fmt: skip
        return cited_as(
            doc_id, self._outlets[source_id], url, title, names_of(authors), published_day or published_at, seen_at,
            language, versions, text_sha256,
        )  # fmt: skip

    def close(self) -> None:
        """End the files."""
        self._csl.write("[]\n" if self._separator == "[\n" else "\n]\n")
        self._bibtex.close()
        self._csl.close()


def _fields(table: Table) -> Callable[[Row], Row]:
    """Return a function that gives the columns of a reference out of a row."""
    return itemgetter(*(table.names.index(name) for name in _FIELDS if name in table.names))


@lru_cache(maxsize=10_000)
def names_of(authors: str) -> tuple[str, ...]:
    """Return the names of a JSON list; an outlet's authors come again and again."""
    return tuple(json.loads(authors))


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
