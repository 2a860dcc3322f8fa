"""What the press is made of: outlets with their entries, pieces with the changes that happen to them, episodes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

Gone = Literal["404", "410", "soft-404", "home", "section", "replaced", "parked"]
Trouble = Literal["403", "429", "500", "503", "time-out", "robots-closed", "robots-503", "empty-page"]
EntryFormat = Literal[
    "rss", "rss-malformed", "atom", "json-feed", "news-sitemap", "sitemap", "sitemap-index", "section", "dead"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A place where an outlet lists its articles. `kind` is the project's word, `format` what is really served."""

    kind: Literal["feed", "sitemap", "news-sitemap", "section"]
    path: str
    format: EntryFormat
    edition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """An invented outlet: where it lives, how its pages look, how it names and dates its articles.

    `path` is a format string over `id, slug, kk_slug, y, m, d, section, edition`; `article_pattern` the regular
    expression that its articles' addresses match. `date_style` is a key of `dates.STYLES`, by language.
    `disallow` is the prefix that robots.txt forbids, `forbidden` an address under it that listings link to anyway.
    `noise` names what moves on its pages without making a version.
    """

    id: str
    name: str
    kind: Literal["state", "private", "foreign", "official", "party"]
    languages: tuple[str, ...]
    design: str
    path: str
    article_pattern: str
    date_style: dict[str, str]
    entries: tuple[Entry, ...]
    region: str = ""
    country: str = "KZ"
    timezone: str = "Asia/Almaty"
    editions: dict[str, str] = field(default_factory=dict)
    charset: str = "utf-8"
    amp: Literal["", "/amp/", "?amp=1", ".amp.html"] = ""
    feed_params: str = ""
    feed_redirect: bool = False
    feed_depth: int = 30
    page_size: int = 15
    crawl_delay: float | None = None
    disallow: str = ""
    forbidden: str = ""
    deny: tuple[str, ...] = ()
    validators: Literal["both", "weak", "last-modified", "none"] = "both"
    noise: frozenset[str] = frozenset()
    footer: tuple[str, ...] = ()
    closes_at: datetime | None = None

    @property
    def zone(self) -> ZoneInfo:
        """Return the outlet's time zone."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that happens to a published piece at `at` (aware UTC).

    `kind` is the name in the ledger. `version` tells whether an archive must count it as a new version. Fields that
    are None stay as they were. `dress` names a change of markup only ('redesign', 'quotes', 'entities', ...).
    """

    at: datetime
    kind: str
    version: bool = False
    title: str | None = None
    paragraphs: tuple[str, ...] | None = None
    stamp_modified: bool = False
    tags: tuple[str, ...] | None = None
    authors: tuple[str, ...] | None = None
    dress: str | None = None
    moved_to: str | None = None
    gone: Gone | None = None
    back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A spell of trouble that is no deletion: `start` <= time < `until` (aware UTC), one piece or a whole outlet."""

    outlet: str
    trouble: Trouble
    start: datetime
    until: datetime
    piece: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An article as one outlet publishes it. `published` is aware UTC.

    `event` joins pieces on the same happening in other words; `family` siblings of one wording with other numbers or
    names; `reprint_of` names the piece that was copied, `reprint_kind` how; `excerpt_of` pieces that it quotes whole
    paragraphs of without being a reprint; `translation_of` the same article in another language edition.
    """

    id: str
    number: int
    outlet: str
    language: str
    title: str
    paragraphs: tuple[str, ...]
    published: datetime
    path: str
    on_topic: bool
    edition: str | None = None
    section: str = "news"
    script: str = "Cyrl"
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    theme: str = ""
    event: str | None = None
    family: str | None = None
    reprint_of: str | None = None
    reprint_kind: str | None = None
    excerpt_of: tuple[str, ...] = ()
    translation_of: str | None = None
    agency: str | None = None
    html: str | None = None
    date_style: str | None = None
    changes: tuple[Change, ...] = ()

    @property
    def text(self) -> str:
        """Return the first text, paragraphs joined by newlines."""
        return "\n".join(self.paragraphs)

    def at(self, now: datetime) -> State:
        """Return how the piece stands at `now` (aware)."""
        state = State(
            title=self.title,
            paragraphs=self.paragraphs,
            path=self.path,
            tags=self.tags,
            authors=self.authors,
            touched=self.published,
        )
        for change in self.changes:
            if change.at <= now:
                state = state.after(change)
        return state


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A piece at one moment. `touched` is when anything last changed, `modified` what the page admits to."""

    title: str
    paragraphs: tuple[str, ...]
    path: str
    touched: datetime
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    modified: datetime | None = None
    old_paths: tuple[str, ...] = ()
    gone: Gone | None = None
    dress: frozenset[str] = frozenset()

    def after(self, change: Change) -> State:
        """Return the state once `change` has happened."""
        return replace(
            self,
            title=self.title if change.title is None else change.title,
            paragraphs=self.paragraphs if change.paragraphs is None else change.paragraphs,
            tags=self.tags if change.tags is None else change.tags,
            authors=self.authors if change.authors is None else change.authors,
            modified=change.at if change.stamp_modified else self.modified,
            path=change.moved_to or self.path,
            old_paths=(*self.old_paths, self.path) if change.moved_to else self.old_paths,
            gone=None if change.back else change.gone or self.gone,
            dress=self.dress | {change.dress} if change.dress else self.dress,
            touched=change.at,
        )


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return an aware UTC time."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def stable_number(*parts: object) -> int:
    """Return the same 32-bit number for the same parts in every process (unlike `hash`)."""
    return int.from_bytes(hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=4).digest(), "big")
