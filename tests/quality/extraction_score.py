"""Scores extraction on labelled pages, pins floors: `python -m tests.quality.extraction_score [--pin] [--lower]`."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tarfile
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from archive.records import Article, Page
from pipelines.extract import extract

FLOORS = Path(__file__).with_name("extraction_floors.json")
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "extract" / "extract_dev.tar.xz"
MARGIN = 0.002
"""How far under the measured value a floor is pinned: a page or so, for other versions of the parser."""

_TOKEN = re.compile(r"\w+")


def digest(corpus: Path) -> str:
    """Return the corpus's sha256: a floor holds for the pages it was measured on."""
    return hashlib.sha256(corpus.read_bytes()).hexdigest()


def labelled_pages(corpus: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield the labels and bytes of each page, unpacked in one pass: the labels stand first in the corpus."""
    rows: dict[str, dict[str, Any]] = {}
    with tarfile.open(corpus, mode="r|xz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            folder, _, name = member.name.rpartition("/")
            if name == "gt.jsonl" and file is not None:
                labels = [json.loads(line) for line in file.read().decode().splitlines()]
                rows = {f"{folder}/{row['file']}".removeprefix("/"): row for row in labels}
            elif file is not None and member.name in rows:
                yield rows.pop(member.name), file.read()
    assert not rows, f"{len(rows)} labelled pages are not in {corpus}"


def measure(corpus: Path) -> dict[str, float]:
    """Return text and segment F1, exact day and headline, as the project's examination counts them."""
    now, zone = datetime.now(UTC), ZoneInfo("Asia/Almaty")
    texts: list[float] = []
    segments = Counter[str]()
    days: list[bool] = []
    titles: list[bool] = []
    for row, body in labelled_pages(corpus):
        found = extract(Page(url=row["url"], fetched_at=now, body=body), zone=zone)
        truth = row["gt"]
        if truth.get("text"):
            texts.append(_f1(_tokens(found.text), _tokens(truth["text"])))
        flat = _flat(found.text)
        segments.update("found" if _flat(part) in flat else "missed" for part in truth.get("with") or [])
        segments.update("extra" for part in truth.get("without") or [] if _flat(part) in flat)
        if day := re.match(r"\d{4}-\d\d-\d\d", str(truth.get("date") or truth.get("publish_date") or "")):
            days.append(_day(found) == day[0])
        if truth.get("title"):
            ours, theirs = _flat(found.title), _flat(truth["title"])
            titles.append(bool(ours) and (ours in theirs or theirs in ours))
    both = 2 * segments["found"]
    return {
        "text_f1": sum(texts) / len(texts),
        "segments_f1": both / (both + segments["missed"] + segments["extra"]),
        "day": sum(days) / len(days),
        "title": sum(titles) / len(titles),
    }


def _day(article: Article) -> str | None:
    return article.published_at.date().isoformat() if article.published_at else None


def _tokens(text: str | None) -> list[str]:
    return _TOKEN.findall(unicodedata.normalize("NFKC", text or "").lower())


def _flat(text: str | None) -> str:
    return " ".join(_tokens(text))


def _f1(ours: list[str], theirs: list[str]) -> float:
    common = (Counter(ours) & Counter(theirs)).total()
    return 2 * common / (len(ours) + len(theirs)) if common else 0.0


def pin(measured: dict[str, float], corpus: str, *, lower: bool) -> list[str]:
    """Write floors a little under `measured`; return the names it refuses to lower, writing nothing then."""
    floors = {name: round(value - MARGIN, 4) for name, value in measured.items()}
    old = json.loads(FLOORS.read_text(encoding="utf-8"))["floors"] if FLOORS.exists() else {}
    refused = [name for name, floor in floors.items() if floor < old.get(name, 0.0)]
    if refused and not lower:
        return refused
    FLOORS.write_text(json.dumps({"corpus_sha256": corpus, "floors": floors}, indent=2) + "\n", encoding="utf-8")
    return []


def main(arguments: list[str]) -> int:
    """Print the scores; with --pin write the floors, which go down only with --lower."""
    measured = measure(CORPUS)
    print(json.dumps({name: round(value, 4) for name, value in measured.items()}))
    if "--pin" in arguments:
        refused = pin(measured, digest(CORPUS), lower="--lower" in arguments)
        if refused:
            print(f"not pinned: {', '.join(refused)} would go down; --lower does it knowingly", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
