"""Holds an archive against the newsroom's ledger: what was planted, what was found, what is missing or made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from pipelines.canonical import url_key

from .clock import parse_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was planted, and how the archive has it. `missing` and `made_up` name the cases."""

    what: str
    planted: int
    found: int
    missing: tuple[str, ...] = ()
    made_up: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether the archive says exactly what was planted."""
        return not self.missing and not self.made_up


def audit(db: Database, ledger: dict[str, Any]) -> list[Finding]:
    """Return a finding for each kind of thing: articles, languages, dates, reprints, edits, deletions, returns.

    Only what an archive could know counts: articles that an outlet's entries listed while it was crawled, and
    changes after it first saw the article.
    """
    known = _Known(db, ledger)
    return [
        known.articles(),
        known.languages(),
        known.dates(),
        known.reprints(),
        known.strangers(),
        known.edits(),
        known.deletions(),
        known.returns(),
    ]


class _Known:
    def __init__(self, db: Database, ledger: dict[str, Any]) -> None:
        self.db = db
        self.ledger = ledger
        self.rows: dict[str, dict[str, Any]] = {}
        for row in db.query("select *, (select 1) as one from articles"):
            self.rows[row["url_key"]] = row
        for row in db.query("select l.url_key as alias, a.* from links l join articles a on a.id = l.article_id"):
            self.rows.setdefault(row["alias"], row)
        self.links = {row["url_key"]: row for row in db.query("select * from links")}
        self.pieces = [piece for piece in ledger["articles"] if piece["on_topic"]]

    def row(self, *urls: str) -> dict[str, Any] | None:
        """Return the article that one of these addresses is known by."""
        return next((self.rows[key] for key in map(url_key, urls) if key in self.rows), None)

    def articles(self) -> Finding:
        """On-topic articles that an entry listed when it was last polled."""
        polled = {row["url"]: row["last_ok_at"] for row in self.db.query("select * from entries where last_ok_at > ''")}
        published = {url_key(piece["url_now"]): piece["published_at"] for piece in self.pieces}
        seen = set(self.links)
        for outlet in self.ledger["outlets"]:
            for entry in outlet["entries"]:
                at = polled.get(entry["url"], "")
                seen |= {key for key in map(url_key, entry["lists"]) if published.get(key, "9") < at}
        planted = [piece for piece in self.pieces if {url_key(piece["url"]), url_key(piece["url_now"])} & seen]
        ids = {row["id"] for piece in self.pieces if (row := self.row(piece["url"], piece["url_now"]))}
        return Finding(
            what="articles on the topic",
            planted=len(planted),
            found=sum(1 for _ in self.db.query("select id from articles")),
            missing=tuple(piece["url"] for piece in planted if not self.row(piece["url"], piece["url_now"])),
            made_up=tuple(row["url"] for row in self.rows.values() if row["id"] not in ids),
        )

    def languages(self) -> Finding:
        """Language of each stored article."""
        return self._compared("languages", "language", lambda piece: piece["language"])

    def dates(self) -> Finding:
        """Publication of each stored article, as exactly as its page tells it."""

        def stored(piece: dict[str, Any]) -> str:
            exact = piece["published_at"]
            if piece["published_precision"] == "day":
                return str(piece["published_day"])
            return exact if piece["published_precision"] == "second" else exact[:17] + "00Z"

        return self._compared("publication dates", "published_at", stored)

    def reprints(self) -> Finding:
        """Copies that stand in the story of the article they copy."""
        pairs = []
        for group in self.ledger["reprints"]:
            first = self.row(group["first"])
            pairs += [(first, self.row(copy["url"]), copy["url"]) for copy in group["copies"]]
        both = [(first, copy, url) for first, copy, url in pairs if first and copy]
        return Finding(
            what="reprints",
            planted=len(both),
            found=sum(first["story_id"] == copy["story_id"] for first, copy, _ in both),
            missing=tuple(url for first, copy, url in both if first["story_id"] != copy["story_id"]),
        )

    def strangers(self) -> Finding:
        """Articles in one story that were planted as copies of nothing: events, families, translations."""
        related = {}
        for number, group in enumerate(self.ledger["reprints"]):
            for url in (group["first"], *(copy["url"] for copy in group["copies"])):
                related[url_key(url)] = number
        stories: dict[int, list[str]] = {}
        for row in self.db.query("select * from articles"):
            stories.setdefault(row["story_id"], []).append(row["url_key"])
        wrong = [
            " = ".join(keys)
            for keys in stories.values()
            if len(keys) > 1 and len({related.get(key, key) for key in keys}) > 1
        ]
        return Finding(what="stories that hold strangers", planted=0, found=len(wrong), made_up=tuple(wrong))

    def edits(self) -> Finding:
        """Changes of title or text after the archive first saw the article."""
        planted = Counter(
            row["url"]
            for edit in self.ledger["edits"]
            if (row := self.row(edit["url"])) and _time(edit["at"]) > _time(row["first_seen_at"])
        )
        found = Counter(row["url"] for row in self.db.query("select url from edits"))
        return _difference("edits", planted, found)

    def deletions(self) -> Finding:
        """Removals after the archive first saw the article."""
        planted = Counter(
            row["url"]
            for deletion in self.ledger["deletions"]
            if (row := self.row(deletion["url"])) and _time(deletion["at"]) > _time(row["first_seen_at"])
        )
        found = Counter(row["url"] for row in self.db.query("select url from deletions"))
        return _difference("deletions", planted, found)

    def returns(self) -> Finding:
        """Removed articles that came back."""
        planted = Counter(row["url"] for change in self.ledger["returns"] if (row := self.row(change["url"])))
        found = Counter(row["url"] for row in self.db.query("select url from deletions where back_at is not null"))
        return _difference("returns", planted, found)

    def _compared(self, what: str, column: str, expected: Any) -> Finding:
        pairs = [(piece, row) for piece in self.pieces if (row := self.row(piece["url"], piece["url_now"]))]
        wrong = [
            f"{row['url']}: {row[column]}, not {expected(piece)}"
            for piece, row in pairs
            if row[column] != expected(piece)
        ]
        return Finding(what=what, planted=len(pairs), found=len(pairs) - len(wrong), missing=tuple(wrong))


def _difference(what: str, planted: Counter[str], found: Counter[str]) -> Finding:
    return Finding(
        what=what,
        planted=planted.total(),
        found=found.total(),
        missing=_names(planted - found),
        made_up=_names(found - planted),
    )


def _names(counts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(counts))


def _time(text: str) -> datetime:
    return parse_time(text)
