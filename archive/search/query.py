"""Full-text search: turns what people type into a query that SQLite accepts, and asks it, best articles first."""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlite_utils import Database

from archive.clean import clean_line
from archive.errors import DauysError

TITLE_WEIGHT = 4.0
"""How much more a word in the title counts than one in the text (1 is even): the best of the design's prototypes."""
MAX_QUERY_CHARS = 1_000
MAX_TERMS = 64
SNIPPET_WORDS = 24
MAX_VARIED_CHARS = 80
"""Only so many letters of a word or phrase are tried as ё."""

HIT_BEGINS, HIT_ENDS = "\ue000", "\ue001"
"""Stand around the words that matched in a snippet: characters for private use, which no article needs."""

_PIECE = re.compile(r'"([^"]*)"?|([()])|(?:(title|text):)(?=[\w"(«„“])|([^\s()"]+)', re.IGNORECASE)
_QUOTES = str.maketrans(dict.fromkeys("«»„“”", '"'))
_WORD = re.compile(r"\w")
_OPERATORS = ("AND", "OR", "NOT")


class QueryError(DauysError):
    """Raised for a query that has no meaning; says what to type instead."""


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
    db: Database,
    query: str,
    *,
    languages: Sequence[str] = (),
    sources: Sequence[str] = (),
    topics: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    limit: int = 20,
    offset: int = 0,
) -> list[Hit]:
    """Return the articles that match `query`, the best first, at most `limit` of them.

    `since` and `until` are days of publication as the outlet dates it, both included. Raises QueryError.
    """
    conditions, values = filters(languages=languages, sources=sources, topics=topics, since=since, until=until)
    rows = db.query(
        f"""select a.id, a.url, a.title, a.source_id, a.language, a.published_at,
            snippet(articles_fts, 1, :begins, :ends, '…', {SNIPPET_WORDS}) as snippet,
            -bm25(articles_fts, {TITLE_WEIGHT}, 1.0) as score
        from articles_fts join articles a on a.id = articles_fts.rowid
        where articles_fts match :match {"".join(f" and {condition}" for condition in conditions)}
        order by score desc, a.id limit :limit offset :offset""",
        values
        | {"match": match_expression(query), "begins": HIT_BEGINS, "ends": HIT_ENDS, "limit": limit, "offset": offset},
    )
    try:
        found = list(rows)
    except sqlite3.OperationalError as error:
        if "fts5" not in str(error):
            raise
        raise QueryError(f"the search cannot be understood ({error}). Put words in double quotes.") from error
    return [
        Hit(
            article_id=row["id"],
            url=row["url"],
            title=row["title"],
            source_id=row["source_id"],
            language=row["language"],
            published_at=row["published_at"],
            snippet=" ".join(row["snippet"].split()),
            score=round(row["score"], 4),
        )
        for row in found
    ]


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
    """Return the FTS5 expression for what somebody typed; raise QueryError when it means nothing.

    Words must all occur; "..." is a phrase, AND, OR and NOT in capitals join, word* is a beginning, title: looks
    in the title only, brackets group. Everything else is text: no other character has a meaning, and
    brackets and quotation marks that do not pair are ignored.
    """
    if len(query) > MAX_QUERY_CHARS:
        raise QueryError(f"the search has {len(query)} characters; {MAX_QUERY_CHARS} are the most")
    pieces = list(_pieces(unicodedata.normalize("NFC", clean_line(query, MAX_QUERY_CHARS)).translate(_QUOTES)))
    if not any(piece.startswith('"') or piece.startswith('("') for piece in pieces):
        raise QueryError('there is no word in the search. For example: референдум, or "новая Конституция"')
    if len(pieces) > MAX_TERMS * 2:
        raise QueryError(f"the search has too many words; {MAX_TERMS} are the most")
    if not _paired(pieces):
        pieces = [piece for piece in pieces if piece not in "()"]
    return _Parser(pieces).whole()


def spellings(word: str) -> list[str]:
    """Return the spellings in which a word or phrase may stand in the index: the one place that knows of variants.

    ё is printed as е more often than not, and й and ё may be stored as two characters.
    """
    forms = [word, word.replace("ё", "е").replace("Ё", "Е")]
    # A Russian word has one ё and few phrases have two, so one place at a time is enough.
    forms += [word[:at] + "ё" + word[at + 1 :] for at, letter in enumerate(word[:MAX_VARIED_CHARS]) if letter in "еЕ"]
    return list(dict.fromkeys(forms + [unicodedata.normalize("NFD", form) for form in forms[:2]]))


def _pieces(query: str) -> Iterator[str]:
    """Yield operators, brackets, column names (`title :`) and terms, each term quoted for FTS5 already."""
    for phrase, bracket, column, word in _PIECE.findall(query):
        if bracket:
            yield bracket
        elif column:
            yield f"{column.lower()} :"
        elif word in _OPERATORS:
            yield word
        elif word and _WORD.search(word):
            yield _quoted(word.rstrip("*"), beginning=word.endswith("*"))
        elif phrase and _WORD.search(phrase):
            yield _quoted(phrase)


def _quoted(text: str, *, beginning: bool = False) -> str:
    star = "*" if beginning else ""
    forms = [f'"{form}"{star}' for form in spellings(text)]
    return forms[0] if len(forms) == 1 else f"({' OR '.join(forms)})"


def _paired(pieces: list[str]) -> bool:
    depth = 0
    for before, piece in zip(["", *pieces], pieces, strict=False):
        if piece == ")" and before == "(":
            return False
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if depth < 0:
            return False
    return depth == 0


class _Parser:
    """Reads the pieces by recursive descent: OR binds weakest, then AND and mere adjacency, then NOT."""

    def __init__(self, pieces: list[str]) -> None:
        self.pieces = pieces
        self.at = 0

    def whole(self) -> str:
        expression = self.either()
        if self.at < len(self.pieces):
            raise QueryError(f"the search breaks off before {self.pieces[self.at]}")
        return expression

    def next(self) -> str | None:
        return self.pieces[self.at] if self.at < len(self.pieces) else None

    def took(self, piece: str) -> bool:
        if self.next() != piece:
            return False
        self.at += 1
        return True

    def either(self) -> str:
        parts = [self.both()]
        while self.took("OR"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def both(self) -> str:
        wanted, unwanted = [self.term()], []
        while self.next() not in (None, ")", "OR"):
            joined = self.took("AND")
            if self.took("NOT"):
                unwanted.append(self.term())
            elif joined or self.next() != "AND":
                wanted.append(self.term())
        expression = wanted[0] if len(wanted) == 1 else f"({' AND '.join(wanted)})"
        return expression if not unwanted else f"({expression} NOT ({' OR '.join(unwanted)}))"

    def term(self) -> str:
        piece = self.next()
        if piece is None or piece in _OPERATORS or piece == ")":
            before = self.pieces[self.at - 1] if self.at else None
            operator = before if before in _OPERATORS else piece or before
            raise QueryError(
                f"{str(operator).removesuffix(' :')} needs a word on each side: референдум NOT бюджет."
                " To search for the word itself, put it in double quotes."
            )
        self.at += 1
        if piece == "(":
            expression = self.either()
            self.took(")")
            return expression
        if piece.endswith(" :"):
            # a column may not stand before a column
            return f"{{{piece.removesuffix(' :')}}} : ({self.term()})"
        return piece
