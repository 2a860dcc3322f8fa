"""An outlet as the crawler knows it: where its news is listed and which addresses are its articles."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from archive.records import EntryKind, SourceKind
from crawler.patterns import MAX_SUBJECT, AddressPattern
from pipelines.canonical import BadURL, canonical_url, registered_domain, url_key

DEFAULT_DELAY_S = 3.0
"""Seconds between two requests to one outlet: gentle with a small newsroom's server, and still 1,200 pages an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One place where an outlet lists its articles.

    `url` is fetched as it stands. A `fallback` is polled only while no earlier entry of the same `language` answers;
    `language` (None: all the outlet's) is the edition it lists. `pages` is how many pages of a section are followed.
    """

    kind: EntryKind
    url: str
    fallback: bool = False
    language: str | None = None
    pages: int = 1

    def same_edition(self, language: str | None) -> bool:
        """Tell whether this entry lists what one in `language` lists, or a part or the whole of it."""
        return None in (language, self.language) or language == self.language


@dataclass(frozen=True, kw_only=True)
class Source:
    """One outlet of `sources.toml`; the keys are told in docs/add-an-outlet.md.

    `allow` and `deny` are searched in the canonical address, which is ASCII and has no tracking and no AMP; without
    `allow` every page of `domains` may be an article. `topics` empty means all. `delay` is in seconds.
    """

    id: str
    name: str
    homepage: str
    languages: tuple[str, ...]
    country: str
    kind: SourceKind | None
    """None for an outlet that only a shared list has brought."""
    timezone: ZoneInfo
    entries: tuple[Entry, ...]
    allow: tuple[AddressPattern, ...] = ()
    deny: tuple[AddressPattern, ...] = ()
    delay: float = DEFAULT_DELAY_S
    enabled: bool = True
    spider: str | None = None
    topics: tuple[str, ...] = ()
    tls_verify: bool = True
    domains: tuple[str, ...] = ()
    """Registered domains that are the outlet's own; never empty when read from a file."""

    @cached_property
    def _listed(self) -> frozenset[str]:
        """Return the keys of the home page and the entries: pages that list, and are no article."""
        return frozenset(map(url_key, (self.homepage, *(entry.url for entry in self.entries))))

    def owns(self, url: str) -> bool:
        """Tell whether `url` is a web address on one of the outlet's domains."""
        try:
            return registered_domain(url) in self.domains
        except BadURL:
            return False

    def wants(self, url: str, *, by_pattern: bool = True) -> bool:
        """Tell whether `url` may be an article: the outlet's own, allowed, not denied, no listing.

        Without `by_pattern` it need not be allowed: a feed and a news sitemap list articles and nothing else, and an
        outlet that changes its addresses must not fall silent because of an old pattern.
        """
        if not self.owns(url) or url_key(url) in self._listed:
            return False
        canonical = canonical_url(url)
        if len(canonical) > MAX_SUBJECT:
            return False
        if by_pattern and self.allow and not any(pattern.search(canonical) for pattern in self.allow):
            return False
        return not any(pattern.search(canonical) for pattern in self.deny)

    def earlier(self, entry: Entry) -> tuple[Entry, ...]:
        """Return the entries before `entry` that list the same edition: those that silence it when it is a fallback."""
        before = self.entries[: self.entries.index(entry)]
        return tuple(other for other in before if other.same_edition(entry.language))

    def polled(self, answering: Collection[str]) -> tuple[Entry, ...]:
        """Return the entries to poll now, in order; `answering` holds the addresses of entries that last answered.

        Every entry but the fallbacks, and each fallback while none of the entries before it answers.
        """
        return tuple(
            entry
            for entry in self.entries
            if not entry.fallback or not any(other.url in answering for other in self.earlier(entry))
        )
