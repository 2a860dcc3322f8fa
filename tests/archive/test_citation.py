"""Citations that a reference manager reads, whatever a headline holds."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.citation import bibtex, csl_json, csl_line, plain

ARTICLE: dict[str, Any] = {
    "id": 7,
    "source_id": "tumar-kz",
    "source": "Тұмар",
    "url": "https://tumar.example/a/{7}",
    "title": "50% & {қазір}?",
    "authors": ["Сәуле Жан", "А. Ким"],
    "published_at": "2026-03-14T20:00:00Z",
    "published_day": "2026-03-15",
    "last_seen_at": "2026-03-20T00:00:00Z",
    "language": "kk",
    "versions": 2,
    "text_sha256": "ab" * 32,
}


def test_plain() -> None:
    assert plain(ARTICLE) == (
        "Сәуле Жан, А. Ким. 50% & {қазір}? Тұмар, 2026-03-15. https://tumar.example/a/{7}"
        " (version 2, seen 2026-03-20, sha256 abababababababab)."
    )


def test_bibtex() -> None:
    entry = bibtex(ARTICLE)
    assert entry.startswith("@online{tumarkz20260315-7,\n")
    assert r"title = {{50\% \& \{қазір\}?}}" in entry
    assert "author = {{Сәуле Жан} and {А. Ким}}" in entry
    assert "url = {https://tumar.example/a/%7B7%7D}" in entry
    assert "date = {2026-03-15}" in entry


def test_csl() -> None:
    item = json.loads(csl_line(ARTICLE))
    assert item["issued"] == {"date-parts": [[2026, 3, 15]]}
    assert item["author"] == [{"literal": "Сәуле Жан"}, {"literal": "А. Ким"}]
    assert json.loads(csl_json(ARTICLE)) == [item]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=20), max_size=3), st.none() | st.just("2026-03-15"))
def test_braces_of_an_entry_are_balanced(title: str, authors: list[str], day: str | None) -> None:
    """No headline and no name ends an entry early."""
    changed = ARTICLE | {"title": title, "authors": authors, "published_at": day, "published_day": day}
    entry = bibtex(changed).replace(r"\{", "").replace(r"\}", "")
    depth = [entry[:at].count("{") - entry[:at].count("}") for at in range(1, len(entry))]
    assert min(depth[len("@online{") :]) >= 1
    assert entry.count("{") == entry.count("}")
    (item,) = json.loads(csl_json(changed))
    assert item == json.loads(csl_line(changed))
    assert item.get("title", "") == title
    assert [name["literal"] for name in item.get("author", [])] == authors
