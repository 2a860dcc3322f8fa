"""Measures forgetting and checking in an archive with a large WARC file: beside a plain copy, and a bare gzip pass.

usage: python -m benchmarks.keeping [--megabytes 200]
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from archive import articles, forget
from archive.db import open_archive, write
from archive.frontier import Frontier, SourceRow, settle
from archive.pages import insert
from archive.reading import open_for_reading
from archive.records import Article, Link, Page
from archive.verify import verify
from archive.warc import WarcWriter, folder_of
from benchmarks.section import Result, Section

START = datetime(2026, 3, 1, tzinfo=UTC)
BODY_BYTES = 45_000
"""A record as large as a mean real page is when compressed."""
ROUNDS = 5


def _measured(work: Callable[[], object]) -> tuple[float, float]:
    """Return the wall-clock and the CPU seconds of `work`."""
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    work()
    took, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_SELF)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _build(archive: Path, megabytes: int) -> int:
    """Make an archive whose one WARC file has so many MB; return how many articles it has."""
    rng = random.Random(1)
    words = [f"сөз{n}" for n in range(20_000)]
    db = open_archive(archive)
    frontier = Frontier(db)
    frontier.register(
        SourceRow(
            id="dala", name="Dala", homepage="https://dala.example/", languages=("kk",), country="KZ", kind="private"
        ),
        [],
    )
    count = megabytes * 1_000_000 // BODY_BYTES
    with WarcWriter(folder_of(archive), "dala", durable=False, clock=lambda: START) as captures:
        for first in range(0, count, 200):
            numbers = range(first, min(first + 200, count))
            urls = {n: f"https://dala.example/news/{n}" for n in numbers}
            frontier.add("dala", {urls[n][8:]: Link(url=urls[n], found_in="feed") for n in numbers}, at=START)
            with write(db):
                for n, url in urls.items():
                    # half of it is text that packs well, half does not pack at all
                    text = " ".join(rng.choices(words, k=400))
                    page = Page(url=url, fetched_at=START + timedelta(minutes=n), body=text.encode() * 12
                                + rng.randbytes(BODY_BYTES - 4000), source_id="dala")  # fmt: skip
                    article = Article(url=url, canonical_url=url, title=f"№ {n}", text=text, language="kk")
                    page_id = insert(db, page, captures.write(page))
                    article_id = articles.insert(
                        db, article, url_key=url[8:], source_id="dala", found_in="feed", page_id=page_id,
                        extractor="x", seen_at=page.fetched_at,
                    )  # fmt: skip
                    settle(db, url, state="stored", article_id=article_id, next_check_at=None)
    db.close()
    return count


def _copy(path: Path) -> None:
    target = path.with_suffix(".copy")
    shutil.copyfile(path, target)
    with target.open("rb") as stream:
        os.fsync(stream.fileno())
    target.unlink()


def _unpack(path: Path) -> None:
    """Decompress a file of gzip members, nothing else."""
    with path.open("rb") as stream:
        rest = b""
        while rest or (rest := stream.read(1 << 20)):
            unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
            while not unpacker.eof:
                unpacker.decompress(rest or stream.read(1 << 20))
                rest = unpacker.unused_data if unpacker.eof else b""


def run(megabytes: int = 200) -> Result:
    """Return the tables: seconds and ratios."""
    with TemporaryDirectory(prefix="bench-keeping-") as folder:
        archive = Path(folder) / "archive.db"
        count = _build(archive, megabytes)
        size = _warc(archive).stat().st_size / 1e6
        checks, passes = [], []
        for _ in range(2):
            passes.append(_measured(lambda: _unpack(_warc(archive))))
            checks.append(_measured(lambda: _verify(archive)))
        copies, forgets = [], []
        for n in range(ROUNDS):
            copies.append(_measured(lambda: _copy(_warc(archive))))
            forgets.append(_measured(lambda n=n: _forget(archive, n * 7 + 3)))  # type: ignore[misc]
        _verify(archive)
        database = archive.stat().st_size / 1e6
    copy, copy_cpu = (sorted(one)[ROUNDS // 2] for one in zip(*copies, strict=True))
    away, away_cpu = (sorted(one)[ROUNDS // 2] for one in zip(*forgets, strict=True))
    bare, whole = min(cpu for _, cpu in passes), min(cpu for _, cpu in checks)
    return Result(
        text=f"""{count:,} articles, one WARC file of {size:,.0f} MB, a database of {database:,.0f} MB.
Seconds are medians of {ROUNDS}, turn about.

| forgetting an article | seconds | CPU seconds | of a copy, seconds |
|---|---|---|---|
| plain copy of the WARC file, with fsync | {copy:.2f} | {copy_cpu:.2f} | 1 |
| `forget`: file written anew, all traces cleared and looked for | {away:.2f} | {away_cpu:.2f} | {away / copy:.2f} |

| checking | CPU seconds | MB of WARC a CPU second | of the bare pass |
|---|---|---|---|
| decompressing the file, nothing else | {bare:.2f} | {size / bare:,.0f} | 1 |
| `verify`: gzip, digests, pointers, database, index, texts | {whole:.2f} | {size / whole:,.0f} | {whole / bare:.2f} |
"""
    )


def _warc(archive: Path) -> Path:
    (path,) = folder_of(archive).glob("*.warc.gz")
    return path


def _verify(archive: Path) -> None:
    db = open_for_reading(archive)
    problems = list(verify(db, archive))
    db.close()
    if problems:
        raise SystemExit(str(problems[0]))


def _forget(archive: Path, number: int) -> None:
    db = open_archive(archive, create=False)
    forget.forget(db, archive, f"https://dala.example/news/{number}", reason="measured", at=START)
    db.close()


SECTION = Section(
    name="keeping",
    title="Forgetting and checking",
    about="`python -m benchmarks.keeping`: `forget` writes the WARC file that holds a capture anew, so it is held "
    "against a plain copy of that file; `verify` reads every byte, so it is held against decompressing them.",
    run=lambda quick: run(10 if quick else 100),
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200, help="size of the WARC file")
    print(run(parser.parse_args().megabytes).text)


if __name__ == "__main__":
    main()
