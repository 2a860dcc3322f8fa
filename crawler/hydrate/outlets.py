"""Which outlet an article of a shared list belongs to: one of the sources file, or one made for its domain."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from archive.hydrations import ListedArticle
from crawler.discovery.probe import place_of
from crawler.hydrate.shared import Shared
from crawler.source import Source
from crawler.sources import Sources
from pipelines.canonical import BadURL, canonical_url, registered_domain, url_key

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""What an outlet of a list may be called: its name becomes that of files."""


class Outlets:
    """Finds the outlet of each article; `sources` are those that were needed so far, by id."""

    def __init__(self, known: Sources) -> None:
        self._known = list(known)
        self._by_id = {source.id: source for source in self._known}
        self._of_domain: dict[str, Source] = {}
        for source in self._known:
            for domain in source.domains:
                self._of_domain.setdefault(domain, source)
        self.sources: dict[str, Source] = {}
        self.unusable = 0

    def place(self, shared: Shared) -> ListedArticle | None:
        """Return the article with its outlet, or None for an address that cannot be fetched (counted)."""
        try:
            address, domain = canonical_url(shared.url), registered_domain(shared.url)
        except BadURL:
            self.unusable += 1
            return None
        source = self._source(shared, domain)
        self.sources.setdefault(source.id, source)
        return ListedArticle(key=url_key(address), url=address, source_id=source.id, text_sha256=shared.text_sha256)

    def _source(self, shared: Shared, domain: str) -> Source:
        """Return the outlet: the one of the list's own name if the address is its, else the one of the domain."""
        named = self._by_id.get(shared.source_id or "")
        if named is not None and domain in named.domains:
            return named
        found = self._of_domain.get(domain)
        if found is None:
            found = self._of_domain[domain] = _made(self._free_id(shared.source_id, domain), domain)
            self._by_id[found.id] = found
        return found

    def _free_id(self, wanted: str | None, domain: str) -> str:
        """Return the list's name for an outlet that the sources file does not have, unless another one has it."""
        made = re.sub(r"[^a-z0-9]+", "-", domain.lower()).strip("-")[:40]
        return wanted if wanted and ID.fullmatch(wanted) and wanted not in self._by_id else made


def _made(source_id: str, domain: str) -> Source:
    """Return an outlet that nothing is known of but its domain: asked with the same manners, and never polled."""
    country, zone = place_of(domain, country="")
    return Source(
        id=source_id,
        name=source_id,
        homepage=f"https://{domain}/",
        languages=(),
        country=country,
        kind=None,
        timezone=ZoneInfo(zone),
        entries=(),
        enabled=False,
        domains=(domain,),
    )
