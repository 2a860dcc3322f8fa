"""Full-text search: turns what people type into a query over bases of words, and asks it, best articles first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from archive.asking import Asked
from archive.clean import clean_line
from archive.kept import cells
from archive.search.analyser import asked, beginnings, is_kazakh_only, words
from archive.search.current import require_current
from archive.search.folding import clean
from archive.search.ranking import RANK, TITLE_WEIGHT, QueryError, best, matching, ranked
from archive.search.snippets import HIT_BEGINS, HIT_ENDS, SNIPPET_WORDS, Match, snippet

if TYPE_CHECKING:
    from archive.kept.cells import Flags, Numbers
    from archive.search.ranking import Scores

__all__ = [
    "HIT_BEGINS",
    "HIT_ENDS",
    "RANK",
    "SNIPPET_WORDS",
    "TITLE_WEIGHT",
    "Hit",
    "Match",
    "QueryError",
    "filters",
    "forgiving_expression",
    "match_expression",
    "search",
    "snippet",
    "understood",
]

MAX_QUERY_CHARS = 1_000
MAX_TERMS = 64
RECENT_GAIN = 1.0
RECENT_DAYS = 30.0
"""With `recent_on`, an article of that day scores twice its match, one of 30 days before 1.5 times, never less than
once: a better match is not buried."""
ORDINAL_OF_JULIAN_DAY = 1_721_424.5
"""What is taken from a Julian day to have Python's ordinal."""
MAX_PHRASES = 48
"""Ways to read one phrase that are asked; words of several bases multiply."""


COMMON = frozenset(Path(__file__).with_name("common_words.txt").read_text(encoding="utf-8").split())
"""Words that stand in nearly every text: counting them takes a second and tells nothing."""
NOWHERE = "\ue002"
"""A base that no word has."""

_PIECE = re.compile(r'"([^"]*)"?|([()])|(?:(title|text):)(?=[\w"(«„“])|([^\s()"]+)', re.IGNORECASE)
_QUOTES = str.maketrans(dict.fromkeys("«»„“”", '"'))
_OPERATORS = ("AND", "OR", "NOT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word or a phrase of a query: its FTS5 expression, the bases and beginnings it asks for."""

    expression: str
    bases: frozenset[str]
    beginnings: tuple[str, ...]
    common: bool

    def __str__(self) -> str:
        return self.expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that matches. `score` is higher for a better match; `snippet` holds hit markers."""

    article_id: int
    url: str
    title: str | None
    source_id: str
    language: str | None
    published_at: str | None
    snippet: str
    score: float


def search(
    db: Asked,
    query: str,
    *,
    languages: Sequence[str] = (),
    sources: Sequence[str] = (),
    topics: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    limit: int = 20,
    offset: int = 0,
    recent_on: date | None = None,
) -> list[Hit]:
    """Return the articles that match `query`, the best first, at most `limit` of them.

    `since` and `until` are days of publication as the outlet dates it, both included; `recent_on` is today, where
    newer articles are to be preferred. Raises QueryError, and StaleIndex when the index has to be made anew.
    """
    match = understood(query)
    require_current(db)
    if languages or sources or topics or since or until or recent_on:
        found = _weighed(
            db, match.expression, offset + limit, languages=languages, sources=sources, topics=topics, since=since,
            until=until, recent_on=recent_on,
        )  # fmt: skip
    else:
        found = best(db, match.expression, offset + limit)
    shown = dict(found[offset:])
    cursor = db.conn.cursor()
    cursor.row_factory = None
    rows = {
        number: row
        for number, *row in cursor.execute(
            """select id, url, title, source_id, language, published_at, text from articles
            where id in (select value from json_each(?))""",
            [json.dumps(list(shown))],
        )
    }
    return [
        Hit(
            article_id=number,
            url=url,
            title=title,
            source_id=source_id,
            language=language,
            published_at=published_at,
            snippet=snippet(text, language, match),
            score=round(score, 4),
        )
        for number, score in shown.items()
        if number in rows
        for url, title, source_id, language, published_at, text in (rows[number],)
    ]


def _weighed(
    db: Asked,
    expression: str,
    count: int,
    *,
    languages: Sequence[str],
    sources: Sequence[str],
    topics: Sequence[str],
    since: date | None,
    until: date | None,
    recent_on: date | None,
) -> list[tuple[int, float]]:
    """Return the best `count` of the articles that match and meet the conditions, with their scores."""
    import numpy as np

    found = matching(db, expression)
    numbers = cells.cells_of(db, found)
    kept = _kept(db, found, numbers, languages=languages, sources=sources, topics=topics, since=since, until=until)
    ids, scores = ranked(db, expression, found, found[kept])
    if recent_on:
        scores = scores * _recent(db, ids, recent_on)
    # of equal matches the one that was there first; those that were not weighed stay newest first
    order = np.lexsort((np.where(scores > 0, ids, -ids), -scores))[:count]
    return list(zip(ids[order].tolist(), scores[order].tolist(), strict=True))


def _kept(
    db: Asked,
    found: Numbers,
    numbers: Numbers,
    *,
    languages: Sequence[str],
    sources: Sequence[str],
    topics: Sequence[str],
    since: date | None,
    until: date | None,
) -> Flags:
    """Return which of the articles that were found the conditions keep."""
    import numpy as np

    kept = np.ones(len(found), dtype=bool)
    for kind, chosen, code in (("language", languages, cells.languages_of), ("source", sources, cells.sources_of)):
        if chosen:
            names = cells.codes(db, kind)
            kept &= np.isin(code(numbers), [at for at, name in enumerate(names) if name in chosen])
    if topics:
        of = np.zeros(len(found), dtype=bool)
        for topic in topics:
            of |= cells.of_topic(db, topic, found)
        kept &= of
    days = cells.days_of(numbers)
    if since:
        kept &= days >= since.toordinal()
    if until:
        kept &= (days > 0) & (days <= until.toordinal())
    return kept


def _recent(db: Asked, ids: Numbers, on: date) -> Scores:
    """Return what the match of each article is multiplied by for its age."""
    import numpy as np

    order = np.argsort(ids)
    days = np.empty(len(ids))
    days[order] = cells.days_of(cells.cells_of(db, ids[order]))
    undated = np.flatnonzero(days == 0)
    if len(undated):
        seen = db.execute(
            "select julianday(first_seen_at) from json_each(?) join articles on id = value order by key",
            [json.dumps(ids[undated].tolist())],
        )
        days[undated] = [row[0] - ORDINAL_OF_JULIAN_DAY for row in seen]
    factors: Scores = 1 + RECENT_GAIN / (1 + np.maximum(0, on.toordinal() - days) / RECENT_DAYS)
    return factors


def filters(
    *,
    languages: Sequence[str] = (),
    sources: Sequence[str] = (),
    topics: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> tuple[list[str], dict[str, str | int]]:
    """Return SQL conditions on `articles a`, with their named values."""
    conditions: list[str] = []
    values: dict[str, str | int] = {}
    for name, chosen, condition in (
        ("languages", languages, "a.language in (select value from json_each(:languages))"),
        ("sources", sources, "a.source_id in (select value from json_each(:sources))"),
        (
            "topics",
            topics,
            "exists (select 1 from topic_hits t where t.article_id = a.id"
            " and t.topic_id in (select value from json_each(:topics)))",
        ),
    ):
        if chosen:
            conditions.append(condition)
            values[name] = json.dumps(list(chosen))
    if since:
        conditions.append("a.published_day >= :since")
        values["since"] = since.isoformat()
    if until:
        conditions.append("a.published_day <= :until")
        values["until"] = until.isoformat()
    return conditions, values


def match_expression(query: str) -> str:
    """Return the FTS5 expression for what somebody typed; raise QueryError when it means nothing."""
    return understood(query).expression


def forgiving_expression(query: str) -> str:
    """Return an expression for what was typed, whatever it is: where it means nothing, one that nothing matches."""
    for attempt in (query, query[:MAX_QUERY_CHARS].lower()):
        with suppress(QueryError):
            return match_expression(attempt)
    return f'"{NOWHERE}"'


def understood(query: str) -> Match:
    """Return what somebody typed as a match over bases; raise QueryError when it means nothing.

    Words must all occur, in whatever form; "..." is a phrase, AND, OR and NOT in capitals join, word* is a
    beginning, title: looks in the title only, brackets group. Everything else is text: no other character has a
    meaning, and brackets and quotation marks that do not pair are ignored. Words like 'and' are left out beside others.
    """
    if len(query) > MAX_QUERY_CHARS:
        raise QueryError(f"the search has {len(query)} characters; {MAX_QUERY_CHARS} are the most")
    text = clean_line(clean(query), MAX_QUERY_CHARS).translate(_QUOTES)
    kazakh = any(is_kazakh_only(word) for word in words(text))
    pieces = list(_pieces(text, kazakh=kazakh))
    if not any(isinstance(piece, Term) for piece in pieces):
        raise QueryError('there is no word in the search. For example: референдум, or "новая Конституция"')
    if len(pieces) > MAX_TERMS * 2:
        raise QueryError(f"the search has too many words; {MAX_TERMS} are the most")
    if not _paired(pieces):
        pieces = [piece for piece in pieces if isinstance(piece, Term) or piece not in "()"]
    parser = _Parser(pieces)
    expression = parser.whole()
    return Match(
        expression=expression,
        bases=frozenset(base for term in parser.asked for base in term.bases),
        beginnings=tuple(sorted({beginning for term in parser.asked for beginning in term.beginnings})),
    )


def _pieces(query: str, *, kazakh: bool) -> Iterator[str | Term]:
    """Yield operators, brackets, column names (`title :`) and terms."""
    for phrase, bracket, column, word in _PIECE.findall(query):
        if bracket:
            yield bracket
        elif column:
            yield f"{column.lower()} :"
        elif word in _OPERATORS:
            yield word
        else:
            term = _term(word or phrase, kazakh=kazakh, beginning=word.endswith("*"), typed_bare=bool(word))
            if term:
                yield term


def _term(text: str, *, kazakh: bool, beginning: bool, typed_bare: bool) -> Term | None:
    """Return one word or phrase; None when there is no word in it."""
    typed = words(text)
    read = [asked(word, kazakh=kazakh) for word in typed]
    read = [bases for bases in read if bases]
    if not read:
        return None
    begins: tuple[str, ...] = tuple(dict.fromkeys(beginnings(typed[-1]))) if beginning else ()
    while prod(map(len, read)) > MAX_PHRASES:
        longest = max(range(len(read)), key=lambda at: len(read[at]))
        read[longest] = read[longest][:-1]
    ways = [f'"{" ".join(way)}"' for way in product(*read)]
    ways += [f'"{" ".join((*way, begin))}"*' for begin in begins for way in product(*read[:-1])][:MAX_PHRASES]
    return Term(
        expression=ways[0] if len(ways) == 1 else f"({' OR '.join(ways)})",
        bases=frozenset(base for bases in read for base in bases),
        beginnings=begins,
        common=typed_bare and len(typed) == 1 and not beginning and typed[0].lower() in COMMON,
    )


def _paired(pieces: Sequence[str | Term]) -> bool:
    depth = 0
    for before, piece in zip(["", *pieces], pieces, strict=False):
        if piece == ")" and before == "(":
            return False
        depth += {"(": 1, ")": -1}.get(piece, 0) if isinstance(piece, str) else 0
        if depth < 0:
            return False
    return depth == 0


class _Parser:
    """Reads the pieces by recursive descent: OR binds weakest, then AND and mere adjacency, then NOT."""

    def __init__(self, pieces: Sequence[str | Term]) -> None:
        self.pieces = pieces
        self.at = 0
        self.asked: list[Term] = []
        self.common: set[str] = set()

    def whole(self) -> str:
        """Return the expression of all pieces; `asked` holds the terms that are wanted in it."""
        expression = self.either()
        if self.at < len(self.pieces):
            raise QueryError(f"the search breaks off before {self.pieces[self.at]}")
        return expression

    def next(self) -> str | Term | None:
        """Return the piece that comes."""
        return self.pieces[self.at] if self.at < len(self.pieces) else None

    def took(self, piece: str) -> bool:
        """Step over `piece` when it comes."""
        if self.next() != piece:
            return False
        self.at += 1
        return True

    def either(self) -> str:
        """Read what OR joins."""
        parts = [self.both()]
        while self.took("OR"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def both(self) -> str:
        """Read what stands side by side, less what NOT excludes."""
        wanted, unwanted = [self.term()], []
        while self.next() not in (None, ")", "OR"):
            joined = self.took("AND")
            if self.took("NOT"):
                before = len(self.asked)
                unwanted.append(self.term())
                del self.asked[before:]
            elif joined or self.next() != "AND":
                wanted.append(self.term())
        wanted = [part for part in wanted if part not in self.common] or wanted
        expression = wanted[0] if len(wanted) == 1 else f"({' AND '.join(wanted)})"
        return expression if not unwanted else f"({expression} NOT ({' OR '.join(unwanted)}))"

    def term(self) -> str:
        """Read a word, a phrase, a bracket or a column with one of these."""
        piece = self.next()
        if isinstance(piece, Term):
            self.at += 1
            self.asked.append(piece)
            if piece.common:
                self.common.add(piece.expression)
            return piece.expression
        if piece is None or piece in _OPERATORS or piece == ")":
            before = self.pieces[self.at - 1] if self.at else None
            operator = before if isinstance(before, str) and before in _OPERATORS else piece or before
            raise QueryError(
                f"{str(operator).removesuffix(' :')} needs a word on each side: референдум NOT бюджет."
                " To search for the word itself, put it in double quotes."
            )
        self.at += 1
        if piece == "(":
            expression = self.either()
            self.took(")")
            return expression
        # a column may not stand before a column
        return f"{{{piece.removesuffix(' :')}}} : ({self.term()})"
