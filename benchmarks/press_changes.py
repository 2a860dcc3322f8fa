"""Changes the benchmarks' press after it was made: a paragraph for another one, and pages that are no more."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from html import escape
from pathlib import Path

from benchmarks.page_press import Truth, file_of
from benchmarks.scoring import Edit

CORRECTION = {
    "ru": "Исправлено: Центральная комиссия уточнила, что на участке № {n} проголосовали {n}17 человек.",
    "kk": "Түзетілді: Орталық комиссия № {n} учаскеде {n}17 адам дауыс бергенін нақтылады.",
    "en": "Corrected: the Central Commission has specified that {n}17 people voted at polling station No. {n}.",
}


def edit(folder: Path, pages: Sequence[Truth]) -> list[Edit]:
    """Replace the last paragraph of each page by a correction; return what was replaced."""
    edits = []
    for number, truth in enumerate(pages, 1):
        old = truth.text.split("\n")[-1]
        new = CORRECTION[truth.language].format(n=number)
        file = file_of(folder, truth.url)
        page = gzip.decompress(file.read_bytes()).decode()
        before, found, after = page.rpartition(f"<p>{escape(old)}</p>")
        if not found:
            raise RuntimeError(f"{truth.url} does not have its last paragraph")
        file.write_bytes(gzip.compress(f"{before}<p>{escape(new)}</p>{after}".encode(), 6))
        edits.append(Edit(url=truth.url, old=old, new=new))
    return edits


def remove(folder: Path, urls: Sequence[str]) -> None:
    """Take pages away: every other one answers 404 from now on, the rest 410."""
    for number, url in enumerate(urls):
        file = file_of(folder, url)
        if number % 2:
            file.write_bytes(b"")
        else:
            file.unlink()
