"""Pages that are small to send and dear to read."""

from __future__ import annotations

import json
from collections.abc import Callable

from archive.records import LinkState
from tests.hostile.case import Article, Cases, Later
from tests.hostile.press import SENTENCE, article

CASES = Cases()
page = CASES.page

POISON = "page ends its reader"


def whole(row: Article) -> None:
    """All paragraphs of the article are in its text."""
    assert row["text"].count("рассказал председатель") == 6


def words(row: Article) -> None:
    """The article's own text is there."""
    assert "Референдум по новой Конституции" in row["text"]


def flood(
    name: str, what: str, markup: Callable[[], str], state: LinkState = "failed", reason: str | None = None,
    *, number: int, edge: bool = False,
) -> None:  # fmt: skip
    """Add an article with something after its paragraphs."""
    body = Later(lambda: article(number, body=markup()))
    page(name, what, body, state, reason, check=words if state == "stored" else None, edge=edge)


def attributes(count: int) -> str:
    """Return so many attributes."""
    return " ".join(f"a{n}=1" for n in range(count))


def links() -> str:
    """Return a wall of links."""
    return "".join(f"<a href='/n/{n}'>Новость {n}</a>" for n in range(100_000))


def head(number: int, markup: Callable[[], str]) -> Later:
    """Make an article with JSON-LD in its head."""
    return Later(lambda: article(number, head=f"<script type='application/ld+json'>{markup()}</script>"))


WRONG_KINDS = {
    "@type": {"a": []}, "headline": [[[1]]], "author": 7, "datePublished": {"x": None}, "url": [{}], "image": [None],
    "articleBody": {"y": 1}, "keywords": [{"z": [2]}], "@graph": "no",
}  # fmt: skip

flood("nested-div", "1,000,000 nested <div>", lambda: "<div>" * 1_000_000, "stored", number=220)
flood("nested-b", "1,000,000 nested <b>", lambda: "<b>" * 1_000_000, "stored", number=221)
page(
    "deep-text", "an article below 1,000 nested <div>",
    Later(lambda: article(222).replace("<article>", "<div>" * 1000 + "<article>")), "stored", check=whole,
)  # fmt: skip
flood("attributes", "a tag with 100,000 attributes", lambda: f"<div {attributes(100_000)}>x</div>",
      reason="no article text", number=223)  # fmt: skip
flood("many-attributes", "700 tags with 900 attributes", lambda: f"<div {attributes(900)}>" * 700, "stored",
      edge=True, number=224)  # fmt: skip
flood("b-flood", "230 KB of <b>x</b>", lambda: "<b>x</b>" * 28_750, "stored", edge=True, number=225)
flood("span-flood", "0.9 MB of <span>", lambda: "<span>x</span>" * 64_000, "stored", edge=True, number=226)
flood("br-flood", "0.8 MB of <br>", lambda: "<br>" * 200_000, "stored", edge=True, number=227)
flood("p-flood", "1.8 MB of <p>", lambda: "<p>слово да</p>" * 80_000, reason=POISON, number=228)
flood("table-flood", "2 MB of table rows", lambda: "<table>" + "<tr><td>x" * 200_000, reason=POISON, number=229)
flood("nested-tables", "50,000 nested tables", lambda: "<table><tr><td>" * 50_000, reason=POISON, number=230)
flood("links", "100,000 links, 4 MB", links, "stored", edge=True, number=231)
flood("entities", "900,000 character references", lambda: "&amp;" * 900_000, "stored", number=232)
flood("comments", "400,000 comments", lambda: "<!-- x -->" * 400_000, "stored", number=233)
flood("one-tag", "a tag of 4 MB that does not end", lambda: "<div title='" + "x" * 4_000_000, "stored", number=234)
page("json-ld-deep", "JSON-LD, 90,000 levels deep, cut off", head(235, lambda: '{"a":[' * 45_000), "stored",
     check=whole)  # fmt: skip
page("json-ld-commas", "JSON-LD, 8,000 times broken",
     head(236, lambda: '[{"@type":"NewsArticle","headline":"x",},' * 8_000), "stored", check=whole)  # fmt: skip
page("json-ld-kinds", "JSON-LD whose every value is of the wrong kind", head(237, lambda: json.dumps(WRONG_KINDS)),
     "stored", check=whole)  # fmt: skip
page(
    "long-text", "4.4 MB of text on one line",
    Later(lambda: f"<!doctype html><title>Референдум</title><h1>Референдум: всё</h1><p>{SENTENCE * 24_000}</p>"),
    "stored", check=words, edge=True,
)  # fmt: skip
page("headings", "20,000 headings", Later(lambda: article(238).replace("<h1>", "<h1>Другое</h1>" * 20_000 + "<h1>")),
     "stored", check=words, edge=True)  # fmt: skip
page("empty", "five megabytes of white space", Later(lambda: " " * 5_000_000), reason="no article text")
