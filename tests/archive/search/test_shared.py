"""The table that forked processes share: what one kept the others find, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

from archive.search.shared import MOST, SLOTS, SharedTable
from tests.end_to_end.river import ROOT

WORK = """
import json, sys
from pathlib import Path
from archive.search import analyser
from archive.search.shared import _tables, shared
from pipelines.topic_file import load_topics
from pipelines.topics import match

TEXT = "Граждане проголосовали на референдуме.\\nАзаматтар референдумда дауыс берді.\\nVoters voted."
topics = load_topics(Path("topics.toml"))

def work():
    for manner in ("kk", "ru", "en", "kk-Latn"):
        analyser._remembered(manner).forget()
    from pipelines import topics as matching
    matching._compiled.clear()
    hits = match(topics, "Референдум", TEXT, language="ru", published=None)
    return [analyser.indexed(TEXT, "ru"), [[hit.topic_id, hit.score, dict(hit.terms)] for hit in hits]]

first = work()
_tables.clear()
analyser._remembered.cache_clear()
empty, full = work(), work()
assert shared().get("ru референдуме".encode()) == "референдум".encode("kz1048")
print(json.dumps([first == empty == full, full[1] != []]))
"""


def test_what_was_kept_is_found_by_a_fork() -> None:
    """A value that a child puts is there for its parent; a key that nobody put has none."""
    table = SharedTable()
    child = os.fork() if hasattr(os, "fork") else 0
    if not child:
        table.put(b"word", b"base")
        if hasattr(os, "fork"):
            os._exit(0)
    os.waitpid(child, 0)
    assert table.get(b"word") == b"base"
    assert table.get(b"another") is None


def test_the_bounds_hold() -> None:
    """The longest value is kept whole, a longer one not at all, an empty one is a value; a torn one is absent."""
    table = SharedTable()
    table.put(b"a", b"x" * MOST)
    table.put(b"b", b"x" * (MOST + 1))
    table.put(b"c", b"")
    assert (table.get(b"a"), table.get(b"b"), table.get(b"c")) == (b"x" * MOST, None, b"")
    at = table._map.find(b"x" * MOST)
    table._map[at : at + 1] = b"y"
    assert table.get(b"a") is None


def test_more_keys_than_places() -> None:
    """A full table drives old keys out and never gives one key's value for another's."""
    table = SharedTable()
    count = SLOTS // 2
    for number in range(count):
        table.put(b"%d" % number, b"%d" % number)
    found = [table.get(b"%d" % number) for number in range(count)]
    assert all(value in (None, b"%d" % number) for number, value in enumerate(found))
    assert count * 0.9 < sum(value is not None for value in found) < count


def test_sharing_changes_no_result() -> None:
    """Bases and topics are the same with an empty table and with a full one."""
    done = subprocess.run([sys.executable, "-c", WORK], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[true, true]", done.stderr
