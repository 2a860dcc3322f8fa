"""How fast an archive becomes a data package, and in how much memory: each format, beside the few lines by hand.

usage: python -m benchmarks.export_scale [--articles 100000] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from contextlib import closing
from datetime import timedelta
from itertools import islice
from pathlib import Path

from archive.articles import digest
from archive.database import Database
from archive.db import open_archive, write
from archive.times import stored
from benchmarks.section import Result, Section
from benchmarks.spending import Spent, spend
from benchmarks.synthetic import LAST, OUTLETS, Press, Written

ROOT = Path(__file__).resolve().parents[1]
DISTINCT = 20_000
"""Texts that are written; a larger archive repeats them, further apart than any compressor looks back."""
BATCH = 2_000
CHANGED_EVERY = 30
"""One article in so many has two versions, as in the synthetic archive of the searches."""
KINDS = ("parquet", "csv", "jsonl", "parquet, no text")
BY_HAND = """
import sqlite3, sys
import pandas as pd, pyarrow as pa, pyarrow.parquet as pq
db = sqlite3.connect(sys.argv[1])
writer = None
for part in pd.read_sql_query("select * from articles order by id", db, chunksize=10_000, dtype=str):
    table = pa.Table.from_pandas(part, preserve_index=False)
    writer = writer or pq.ParquetWriter(sys.argv[2], table.schema, compression="zstd")
    writer.write_table(table.cast(writer.schema))
writer.close()
"""
"""The articles alone, by pandas, as one would type it."""


def make(path: Path, articles: int) -> int:
    """Make an archive of so many articles at `path`, straight into its tables; return the bytes of its texts.

    There is no full-text index and no kept count: nothing of an export reads either.
    """
    with closing(open_archive(path)) as db:
        db.execute("pragma synchronous = off")
        for (name,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            db.execute(f"drop trigger [{name}]")
        with write(db):
            db.conn.executemany(
                "insert into sources (id, name, homepage, languages, country, kind) values (?, ?, ?, ?, 'KZ', 'party')",
                [
                    (f"outlet-{n:02}", f"Outlet {n}", f"https://outlet-{n:02}.example/", '["kk", "ru", "en"]')
                    for n in range(OUTLETS)
                ],
            )
            db.execute("insert into runs (id, source_id, started_at) values (1, 'outlet-00', '2026-01-01T00:00:00Z')")
        texts = list(Press(min(articles, DISTINCT)).written())
        numbers = iter(range(1, articles + 1))
        size = 0
        while part := list(islice(numbers, BATCH)):
            with write(db):
                size += sum(_insert(db, number, texts, articles) for number in part)
        return size


def _insert(db: Database, number: int, texts: list[Written], articles: int) -> int:
    """Insert one article with its story, topics and versions; return the bytes of its text."""
    one = texts[number % len(texts)]
    article = one.article
    when = LAST - timedelta(seconds=(articles - number) * 300)
    at, text, sha256 = stored(when), article.text, digest(article.text)
    url = f"https://{one.source_id}.example/{at[:10]}/{number}"
    changed = number % CHANGED_EVERY == 0
    db.execute(
        """insert into pages (id, url, source_id, run_id, fetched_at, status, payload_sha256)
            values (?, ?, ?, 1, ?, 200, ?)""",
        [number, url, one.source_id, at, sha256],
    )
    db.execute("insert into stories (id, first_article_id, first_published_at) values (?, ?, ?)", [number, number, at])
    db.execute(
        """insert into articles (id, url, url_key, source_id, language, script, title, authors, section, published_at,
            published_day, published_precision, published_from, first_seen_at, last_seen_at, words, text_sha256,
            versions, story_id, story_role, page_id, extractor, text)
        values (?, ?, ?, ?, ?, ?, ?, '["Author"]', 'news', ?, ?, 'second', 'json-ld', ?, ?, ?, ?, ?, ?, 'first', ?, 's',
            ?)""",
        [
            number, url, url[8:], one.source_id, article.language, article.script, article.title, at, at[:10], at, at,
            text.count(" ") + 1, sha256, 1 + changed, number, number, text,
        ],
    )  # fmt: skip
    rows = [(number, 1, at, article.title, text[:-20] if changed else None, sha256, number)]
    rows += [(number, 2, at, article.title, None, sha256, number)] if changed else []
    db.conn.executemany(
        "insert into article_versions (article_id, n, seen_at, title, text, text_sha256, page_id)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    db.conn.executemany(
        "insert into topic_hits (article_id, topic_id, score, terms, in_title) values (?, ?, ?, ?, 1)",
        [(number, hit.topic_id, hit.score, f'{{"{hit.topic_id}": 2}}') for hit in one.hits],
    )
    return len(text.encode())


def measure(articles: int, folder: Path) -> str:
    """Make the archive in a folder, export it in each format and return the table."""
    archive = folder / "archive.db"
    texts = make(archive, articles) if not archive.exists() else 0
    env = dict(os.environ)
    hand = spend([sys.executable, "-W", "ignore", "-c", BY_HAND, str(archive), str(folder / "hand.parquet")],
                 cwd=ROOT, env=env, watch=True)  # fmt: skip
    rows = [_row("pandas by hand, the articles alone", hand, articles, (folder / "hand.parquet").stat().st_size, hand)]
    (folder / "hand.parquet").unlink()
    for kind in KINDS:
        package = folder / "package"
        options = ["--format", kind.partition(",")[0], *(["--no-text"] if "no text" in kind else [])]
        spent = spend([sys.executable, "-m", "archive", "export", str(package), "--archive", str(archive), *options],
                      cwd=ROOT, env=env, watch=True)  # fmt: skip
        if spent.code:
            raise RuntimeError(spent.out)
        rows.append(_row(kind, spent, articles, sum(path.stat().st_size for path in package.iterdir()), hand))
        shutil.rmtree(package)
    size = f", {texts / articles:,.0f} bytes of text each" if texts else ""
    return "\n".join([f"{articles:,} articles{size}:\n", HEAD, "|---|" + "---:|" * 5, *rows])


HEAD = "| package | articles a second | CPU an article, µs | against by hand | peak memory, MiB | bytes an article |"


def _row(name: str, spent: Spent, articles: int, size: int, hand: Spent) -> str:
    if spent.code:
        raise RuntimeError(spent.out)
    return (
        f"| {name} | {articles / spent.wall_s:,.0f} | {spent.cpu_s / articles * 1e6:.0f} "
        f"| {spent.cpu_s / hand.cpu_s:.2f} | {spent.peak_mib:,.0f} | {size / articles:,.0f} |"
    )


def run(quick: bool) -> Result:
    """Measure with 5,000 articles, or with 100,000."""
    with tempfile.TemporaryDirectory() as folder:
        return Result(text=measure(5_000 if quick else 100_000, Path(folder)))


SECTION = Section(
    name="export",
    title="Exporting a data package",
    about=(
        "`python -m benchmarks.export_scale`: the whole command, from start to the folder on the disk, with versions, "
        "stories, topics, references and checksums, in each format. Beside it the articles alone by "
        "`pandas.read_sql_query` and `pyarrow`, in parts of ten thousand, as one would type it by hand; "
        "'against by hand' compares processor time. Memory is that of the process at its highest."
    ),
    run=run,
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="a folder for the archive, which is used again when it is there")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        print(measure(options.articles, options.keep))
        return
    with tempfile.TemporaryDirectory() as folder:
        print(measure(options.articles, Path(folder)))


if __name__ == "__main__":
    main()
