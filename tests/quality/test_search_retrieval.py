"""Questions in Kazakh and the passages that answer them (KazQAD, not part of the project), against plain FTS5."""

from __future__ import annotations

import json
import lzma
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from archive.search.analyser import indexed
from archive.search.query import match_expression

DEPTH = 10
FLOOR_MRR = 0.70
FLOOR_RECALL = 0.90


def test_questions_find_their_passages(shared_data: Path) -> None:
    """Bases of words find more answers, and sooner, than words as they are spelt."""
    with lzma.open(shared_data / "kaz_nlp" / "kazqad_rc_validation.jsonl.xz", "rt", encoding="utf-8") as lines:
        asked = [json.loads(line) for line in lines]
    passages = list(dict.fromkeys((row["title"], row["context"]) for row in asked))
    answers: defaultdict[str, set[int]] = defaultdict(set)
    for row in asked:
        answers[row["question"]].add(1 + passages.index((row["title"], row["context"])))
    ours = sqlite3.connect(":memory:")
    ours.execute("create virtual table t using fts5(text, title, content='', tokenize='ascii')")
    ours.executemany(
        "insert into t (rowid, text, title) values (?, ?, ?)",
        [(n, indexed(text, "kk"), indexed(title, "kk")) for n, (title, text) in enumerate(passages, 1)],
    )
    plain = sqlite3.connect(":memory:")
    plain.execute("create virtual table t using fts5(text, title, tokenize='unicode61')")
    plain.executemany(
        "insert into t (rowid, text, title) values (?, ?, ?)",
        [(n, text, title) for n, (title, text) in enumerate(passages, 1)],
    )
    before = scores(plain, answers, lambda words: " OR ".join(f'"{word}"' for word in words))
    after = scores(ours, answers, lambda words: match_expression(" OR ".join(words)))
    print(
        f"{len(answers)} questions, {len(passages)} passages; MRR and recall at {DEPTH}: {before} plain, {after} ours"
    )
    assert after[0] >= max(FLOOR_MRR, before[0])
    assert after[1] >= max(FLOOR_RECALL, before[1])


def scores(
    index: sqlite3.Connection, answers: Mapping[str, set[int]], expression: Callable[[list[str]], str]
) -> tuple[float, float]:
    """Return the mean reciprocal rank and the share of questions whose passage is among the first ten."""
    ranks = []
    for question, right in answers.items():
        match = expression([word.lower() for word in re.findall(r"\w+", question)])
        rows = index.execute("select rowid from t where t match ? order by bm25(t, 1.0, 4.0) limit ?", [match, DEPTH])
        ranks.append(next((n for n, (passage,) in enumerate(rows, 1) if passage in right), 0))
    return round(sum(1 / rank for rank in ranks if rank) / len(ranks), 3), round(
        sum(bool(rank) for rank in ranks) / len(ranks), 3
    )
