"""Imports labelled documents by the command that users have, and scores the stories they end up in.

A pair counts as found when both articles are in one story. DUP pairs should be, NEG and REL pairs must not be;
EXC (excerpts) and GRAY are left out of precision and recall.

usage: python -m benchmarks.reprints_score DOCS PAIRS [--archive A] [--shuffle SEED] [--one-source]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.db import open_archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Pairs by what they are and whether they share a story."""

    found: int
    lost: int
    wrong: int
    templates: int
    templates_merged: int

    @property
    def precision(self) -> float:
        """Share of the pairs in one story that are reprints."""
        return self.found / max(1, self.found + self.wrong)

    @property
    def recall(self) -> float:
        """Share of the reprint pairs that are in one story."""
        return self.found / max(1, self.found + self.lost)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read JSON Lines, packed with xz or not."""
    raw = path.read_bytes()
    text = (lzma.decompress(raw) if path.suffix == ".xz" else raw).decode("utf-8")
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def address(document: Mapping[str, Any]) -> str:
    """Return an address for a document that has none."""
    host = hashlib.sha256(str(document.get("site", "")).encode()).hexdigest()[:16]
    return f"https://site-{host}.example/{document['id']}"


def score(pairs: Iterable[Mapping[str, Any]], story_of: Mapping[str, int]) -> Score:
    """Score stories (document id -> story) against labelled pairs."""
    found = lost = wrong = templates = merged = 0
    for pair in pairs:
        if pair["label"] in ("EXC", "GRAY"):
            continue
        one = story_of.get(pair["a"])
        together = one is not None and one == story_of.get(pair["b"])
        if pair["label"] == "DUP":
            found += together
            lost += not together
        else:
            wrong += together
            if str(pair.get("kind", "")).startswith("template"):
                templates += 1
                merged += together
    return Score(found=found, lost=lost, wrong=wrong, templates=templates, templates_merged=merged)


def table(pairs: Sequence[Mapping[str, Any]], story_of: Mapping[str, int]) -> str:
    """Return scores of everything, each language and each kind as Markdown."""
    lines = ["| pairs | precision | recall | F1 | templates merged |", "| --- | ---: | ---: | ---: | ---: |"]
    chosen = {"all": list(pairs)}
    for language in sorted({str(pair.get("lang")) for pair in pairs}):
        chosen[language] = [pair for pair in pairs if str(pair.get("lang")) == language]
    for name, some in chosen.items():
        s = score(some, story_of)
        lines.append(
            f"| {name} | {s.precision:.4f} | {s.recall:.4f} | {s.f1:.4f} | {s.templates_merged} of {s.templates} |"
        )
    lines += ["", "| label | kind | in one story |", "| --- | --- | ---: |"]
    for label, kind in sorted({(pair["label"], str(pair.get("kind"))) for pair in pairs}):
        some = [pair for pair in pairs if (pair["label"], str(pair.get("kind"))) == (label, kind)]
        together = sum(story_of.get(pair["a"], -1) == story_of.get(pair["b"], -2) for pair in some)
        lines.append(f"| {label} | {kind} | {together} of {len(some)} |")
    return "\n".join(lines)


def stories_in(archive: Path, documents: Iterable[Mapping[str, Any]], *, one_source: bool = False) -> dict[str, int]:
    """Import `documents` into `archive` with `python -m pipelines import` and return document id -> story."""
    addresses = {address(document): str(document["id"]) for document in documents}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "documents.jsonl"
        with file.open("w", encoding="utf-8") as out:
            for document in documents:
                line = {
                    "url": address(document),
                    "title": document["title"],
                    "text": document["text"],
                    "published_at": document["published"],
                    "source": "one" if one_source else str(document["site"]),
                }
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
        command = ["pipelines", "import", str(file), "--archive", str(archive), "--all-topics"]
        subprocess.run([sys.executable, "-m", *command], check=True, stdout=sys.stderr)
    rows = open_archive(archive).execute("select url, story_id from articles").fetchall()
    return {addresses[url]: story for url, story in rows if url in addresses}


def main() -> None:
    """Import, score and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--archive", type=Path, help="kept afterwards; a temporary one by default")
    parser.add_argument(
        "--shuffle", type=int, metavar="SEED", help="import in this order instead of that of publication"
    )
    parser.add_argument("--one-source", action="store_true", help="as if one outlet had published everything")
    options = parser.parse_args()
    documents = sorted(read_lines(options.documents), key=lambda document: str(document["published"]))
    if options.shuffle is not None:
        random.Random(options.shuffle).shuffle(documents)
    with tempfile.TemporaryDirectory() as folder:
        archive = options.archive or Path(folder) / "archive.db"
        story_of = stories_in(archive, documents, one_source=options.one_source)
    missing = len(documents) - len(story_of)
    if missing:
        print(f"{missing} documents were not imported", file=sys.stderr)
    print(table(read_lines(options.pairs), story_of))


if __name__ == "__main__":
    main()
