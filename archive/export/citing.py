"""Writes how a package and its articles are cited: `CITATION.cff`, `references.bib`, `references.csl.json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archive.citation import bibtex, csl_line
from archive.export.facts import Facts
from archive.export.reading import Row
from archive.export.tables import Table

CITATION = "CITATION.cff"
BIBTEX = "references.bib"
CSL = "references.csl.json"
_FIELDS = (
    "id", "source_id", "url", "title", "authors", "published_at", "published_day", "last_seen_at", "language",
    "versions", "text_sha256",
)  # fmt: skip


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
        self._at = [(name, table.names.index(name)) for name in _FIELDS if name in table.names]
        self._separator = "[\n"

    def write(self, rows: Sequence[Row]) -> None:
        """Add articles."""
        articles = [self._article(row) for row in rows]
        self._bibtex.write("".join([f"{bibtex(article)}\n\n" for article in articles]))
        self._csl.write(self._separator + ",\n".join([csl_line(article) for article in articles]))
        self._separator = ",\n"

    def _article(self, row: Row) -> dict[str, Any]:
        article: dict[str, Any] = {"title": None, "authors": "[]"}
        for name, at in self._at:
            article[name] = row[at]
        article["authors"] = () if article["authors"] == "[]" else json.loads(article["authors"])
        article["source"] = self._outlets[article["source_id"]]
        return article

    def close(self) -> None:
        """End the files."""
        self._csl.write("[]\n" if self._separator == "[\n" else "\n]\n")
        self._bibtex.close()
        self._csl.close()


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
