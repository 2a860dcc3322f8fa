"""A disk that fills up refuses the next article in plain words and takes none that was stored."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from archive.db import connect, explain, open_archive, write
from archive.reading import open_for_reading
from archive.verify import verify

FILL = """
import resource, sqlite3, sys
from datetime import UTC, datetime
from pathlib import Path
from archive import articles, pages
from archive.db import explain, open_archive, write
from archive.records import Article, Page
from archive.warc import WarcError, WarcWriter, folder_of
path = Path(sys.argv[1])
db = open_archive(path)
captures = WarcWriter(folder_of(path), "full")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
at = datetime(2026, 3, 10, tzinfo=UTC)
for n in range(1000):
    url = f"https://dala.example/full/{n}"
    try:
        with write(db):
            page = pages.insert(db, Page(url=url, fetched_at=at, body=b"x", source_id="dala"), captures.write(
                Page(url=url, fetched_at=at, body=b"x", source_id="dala")))
            article = Article(url=url, canonical_url=url, title=url, text=f"word{n} " * 300)
            articles.insert(db, article, url_key=url, source_id="dala", found_in=None, page_id=page, extractor=None,
                seen_at=at)
        print("stored", url, flush=True)
    except sqlite3.Error as error:
        print("refused", explain(error, path))
        break
    except WarcError as error:
        print("refused", error)
        break
"""


def test_what_was_stored_stays_and_the_rest_is_refused_in_words(small: Path) -> None:
    """Where a quota stops the write-ahead log in the middle of an article, every acknowledged one is there."""
    quota = small.stat().st_size + 200_000
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(small), str(quota)], capture_output=True, text=True, check=False
    )
    lines = done.stdout.splitlines()
    stored = [line.split()[1] for line in lines if line.startswith("stored")]
    refused = [line for line in lines if line.startswith("refused")]
    assert stored, done.stderr
    assert len(refused) == 1
    assert str(small.parent) in refused[0]
    assert "full" in refused[0].removeprefix(f"refused {small}")
    db = open_for_reading(small)
    found = {row["url"] for row in db.query("select url from articles where url like '%/full/%'")}
    assert found == set(stored)
    # the writer's own file was left open: that is what the next crawl mends
    problems = [str(problem) for problem in verify(db, small)]
    assert problems == []
    db.close()


def test_a_full_database_is_explained(small: Path) -> None:
    db = open_archive(small)
    (pages,) = db.execute("pragma page_count").fetchone()
    db.execute(f"pragma max_page_count = {pages}")
    rows = (
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) select 1, i, 1, '{}', 0 from n"
    )
    with pytest.raises(sqlite3.OperationalError) as error, write(db):
        db.execute(f"insert into topic_hits {rows}")
    assert "the disk is full" in explain(error.value, small)
    db.close()
    again = connect(small, read_only=True)
    assert again.execute("select count(*) from topic_hits").fetchone()[0] == 4
    again.close()
