"""Stores what a page turned out to be: article, version, topics, story, link and capture, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from archive import articles, pages, times, tombstones
from archive.articles import StoredArticle
from archive.database import Database
from archive.db import write
from archive.frontier import LinkRow, alias, settle, settle_forgotten
from archive.records import LinkState, Page
from archive.search.functions import at_hand
from archive.stories import Role
from archive.warc import WarcWriter
from archive.warc_format import encode_page, payload_sha256
from pipelines import presence, versions
from pipelines.canonical import canonical_url, url_key
from pipelines.items import Reading
from pipelines.presence import Absence, Known

if TYPE_CHECKING:
    from pipelines.dedupe.signature import Signature

OutcomeKind = Literal[
    "new", "known", "changed", "unchanged", "duplicate", "off-topic", "no-article", "missing", "gone", "forgotten"
]

NO_ARTICLE = "no article text"
RecheckRule = Callable[[datetime | None, datetime, datetime], datetime | None]
"""(published, first seen, now) -> when to look at a stored article again, or None for never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a page. `detail` is the absence, the reason or the story's role, for counters and people."""

    kind: OutcomeKind
    article_id: int | None = None
    detail: str | None = None


def never(published: datetime | None, first_seen: datetime, now: datetime) -> datetime | None:
    """Never look again: the rule for archives that are filled from files."""
    return None


class Store:
    """The one writer of articles, for crawls and imports alike.

    Each call, but for those that say otherwise, is one transaction that takes the write lock at its start, so that two
    crawls which bring the same text at the same moment see each other. A page is in the WARC file, on the disk, before
    the row that points at it is committed.
    """

    def __init__(self, db: Database, captures: WarcWriter, *, recheck: RecheckRule = never, extractor: str) -> None:
        self._db = db
        self._captures = captures
        self._recheck = recheck
        self._extractor = extractor
        self._made: dict[int, tuple[Page, bytes, str]] = {}
        self._loaded = False

    def put(self, reading: Reading) -> Outcome:
        """Store a page that was read, in a transaction of its own; return what became of it."""
        self.prepare(reading)
        with write(self._db):
            return self.take(reading)

    def prepare(self, reading: Reading) -> None:
        """Do what needs no archive before the transaction: pack the page, load what placing takes. While a transaction
        lasts no other crawl can store anything."""
        if reading.link.article_id is not None or not reading.article.text or not (reading.hits or reading.wanted):
            return
        if not self._loaded:
            _stories().load()
            self._loaded = True
        page = reading.page
        if page.body:
            sha256 = payload_sha256(page.body)
            self._made[id(page)] = page, encode_page(page, sha256), sha256

    def take(self, reading: Reading) -> Outcome:
        """Store a page that was read, or that a web archive kept, inside the caller's transaction."""
        try:
            with at_hand(reading.indexed or {}):
                return self._recover(reading) if reading.captured else self._put(reading)
        finally:
            self._made.pop(id(reading.page), None)

    def _put(self, reading: Reading) -> Outcome:
        link = reading.link
        if self._is_forgotten(reading):
            settle_forgotten(self._db, link.url)
            return Outcome(kind="forgotten")
        if link.article_id is not None:
            return self._look_again(reading, articles.get(self._db, link.article_id))
        if not reading.article.text:
            return self._settle(reading, "failed", Outcome(kind="no-article"), error=NO_ARTICLE)
        reading, known = self._whose(reading)
        if known is not None:
            return self._look_again(reading, known)
        if not reading.hits and not reading.wanted:
            return self._settle(reading, "off-topic", Outcome(kind="off-topic"))
        return self._add(reading)

    def _recover(self, reading: Reading) -> Outcome:
        """Store a page that a web archive kept, as of the time of its capture; nothing is replaced.

        An article that a crawl has seen later is not given an earlier version: versions are states that were seen one
        after the other, and their numbers are cited. `links` tells what became of addresses on the live site, so
        nothing is written there; when the site lists the address, a crawl compares its page with what is stored.
        """
        if not reading.article.text:
            return Outcome(kind="no-article")
        return self._bring(reading, reading.wanted)

    def add(self, readings: Iterable[Reading], *, all_topics: bool = True) -> list[Outcome]:
        """Store articles that come from a file, inside the caller's transaction: nothing is replaced.

        A page that was fetched after the last look at a known article is held against it like a crawl's, but never
        as a sign of its removal. Two articles of one outlet with the same text stay two where a file says so; two
        pages are one. Without `all_topics` what matches none is off topic.
        """
        unsigned = list(readings)
        made = iter(_stories().signatures(reading.article.text for reading in unsigned if reading.signature is None))
        return [
            self._bring(reading if reading.signature else replace(reading, signature=next(made)), all_topics)
            for reading in unsigned
        ]

    def _bring(self, reading: Reading, all_topics: bool) -> Outcome:
        if self._is_forgotten(reading):
            return Outcome(kind="forgotten")
        reading, known = self._whose(reading)
        if known is not None:
            return self._later(reading, known)
        if not reading.hits and not all_topics:
            return Outcome(kind="off-topic")
        article, source_id = reading.article, reading.link.source_id
        if reading.page.body:
            twin = articles.twin(self._db, source_id=source_id, title=article.title, text=article.text)
            if twin is not None:
                return Outcome(kind="duplicate", article_id=twin.id, detail=twin.url)
        stored, role = self._insert(reading)
        return Outcome(kind="new", article_id=stored.id, detail=role)

    def _later(self, reading: Reading, old: StoredArticle) -> Outcome:
        """Make a page of a file a version of a known article where it is later than all that is known of it."""
        at = reading.page.fetched_at
        known = Outcome(kind="known", article_id=old.id)
        last = max(filter(None, [times.stored(old.last_seen_at), old.gone_at]))
        if not reading.page.body or times.stored(at) <= last:
            return known
        if not presence.same_article(_known(old), reading.article):
            return known
        articles.seen(self._db, old.id, at)
        outcome = self._compare(reading, old)
        return outcome if outcome.kind == "changed" else known

    def _whose(self, reading: Reading) -> tuple[Reading, StoredArticle | None]:
        """Return the stored article that a page is of, and the reading with an address of its own where it is of none.

        Sites declare one canonical address on pages of different texts; the text decides.
        """
        addresses = _addresses(reading)
        known = articles.find(self._db, addresses)
        if known:
            return reading, known[0]
        declared = articles.find(self._db, {url_key(reading.article.canonical_url)}.difference(addresses))
        if not declared:
            return reading, None
        if presence.same_article(_known(declared[0]), reading.article):
            return reading, declared[0]
        own = replace(reading.article, canonical_url=canonical_url(reading.page.url))
        return replace(reading, article=own), None

    def unchanged(self, link: LinkRow, at: datetime) -> Outcome:
        """Record that the site says a stored article is as it was (304, or the same bytes)."""
        with write(self._db) as db:
            if link.article_id is None:
                raise ValueError(f"{link.url}: not modified, but never stored")
            if tombstones.lies_on(db, [url_key(link.url)]):
                return Outcome(kind="forgotten")
            article = articles.get(db, link.article_id)
            articles.seen(db, article.id, at)
            settle(
                db,
                link.url,
                state="stored",
                article_id=article.id,
                next_check_at=self._next(article, at),
                etag=link.etag,
                last_modified=link.last_modified,
            )
            return Outcome(kind="unchanged", article_id=article.id)

    def absent(self, link: LinkRow, absence: Absence, at: datetime) -> Outcome:
        """Record that the site does not have the page of a link, in its own transaction."""
        with write(self._db):
            if tombstones.lies_on(self._db, [url_key(link.url)]):
                return Outcome(kind="forgotten")
            return self._absent(link, absence, at)

    def same_bytes(self, link: LinkRow, page: Page) -> bool:
        """Return whether a page is, byte for byte, the one from which its stored article was last read."""
        if link.article_id is None or link.missing_since is not None:
            return False
        if tombstones.lies_on(self._db, [url_key(link.url)]):
            return False
        article = articles.get(self._db, link.article_id)
        return article.page_id is not None and pages.digest_of(self._db, article.page_id) == payload_sha256(page.body)

    def _is_forgotten(self, reading: Reading) -> bool:
        """Tell whether an article of this address was forgotten, by the address asked for, answered or declared."""
        return tombstones.lies_on(self._db, [*_addresses(reading), url_key(reading.article.canonical_url)])

    def _add(self, reading: Reading) -> Outcome:
        article, source_id = reading.article, reading.link.source_id
        twin = articles.twin(self._db, source_id=source_id, title=article.title, text=article.text)
        if twin is not None:
            outcome = Outcome(kind="duplicate", article_id=twin.id, detail=twin.url)
            return self._settle(reading, "duplicate", outcome, article_id=twin.id)
        stored, role = self._insert(reading)
        outcome = Outcome(kind="new", article_id=stored.id, detail=role)
        next_check_at = self._next(stored, reading.page.fetched_at)
        return self._settle(reading, "stored", outcome, article_id=stored.id, next_check_at=next_check_at)

    def _insert(self, reading: Reading) -> tuple[StoredArticle, Role]:
        """Add an article with its topics and its place in a story."""
        article, page = reading.article, reading.page
        article_id = articles.insert(
            self._db,
            article,
            url_key=url_key(article.canonical_url),
            source_id=reading.link.source_id,
            found_in=reading.link.found_in,
            page_id=self._keep(page),
            extractor=self._extractor,
            seen_at=page.fetched_at,
            opens_story=True,
        )
        articles.set_topics(self._db, article_id, reading.hits)
        stored = articles.get(self._db, article_id)
        placement = _stories().place(self._db, **_placed(stored), made=reading.signature, opened=stored.story_id)
        return stored, placement.role

    def _look_again(self, reading: Reading, old: StoredArticle) -> Outcome:
        """Hold a page against the article that its address belongs to."""
        article, page, link = reading.article, reading.page, reading.link
        why = presence.absence(
            _known(old),
            requested=link.url,
            final=page.url,
            article=article,
            is_article_url=reading.is_article_url,
            final_is_other=any(other.id != old.id for other in articles.find(self._db, [url_key(page.url)])),
        )
        if why is not None and link.article_id is not None:
            return self._absent(link, why, page.fetched_at)
        outcome = Outcome(kind="unchanged", article_id=old.id)
        if why is None and article.text:
            articles.seen(self._db, old.id, page.fetched_at)
            if article.reserved is not None:
                articles.reserve(self._db, old.id, article.reserved)
            outcome = self._compare(reading, old)
        # An alias of the article's own address is settled for good; only the address that was stored is
        # looked at again, or both would be asked for the same changes.
        own = link.article_id is not None or url_key(link.url) == url_key(old.url)
        next_check_at = self._next(old, page.fetched_at) if own else None
        return self._settle(reading, "stored", outcome, article_id=old.id, next_check_at=next_check_at)

    def _compare(self, reading: Reading, old: StoredArticle) -> Outcome:
        article, page = reading.article, reading.page
        earlier = [(version.title, version.text) for version in articles.versions(self._db, old.id)]
        change = versions.change(earlier, article.title, article.text)
        if change is None:
            return Outcome(kind="unchanged", article_id=old.id)
        articles.add_version(
            self._db,
            old,
            article,
            chars_added=change.chars_added,
            chars_removed=change.chars_removed,
            page_id=self._keep(page),
            extractor=self._extractor,
            seen_at=page.fetched_at,
        )
        if reading.hits:
            # an article that lost its topic keeps what it was collected for
            articles.set_topics(self._db, old.id, reading.hits)
        stored = articles.get(self._db, old.id)
        _stories().replace(self._db, **_placed(stored), made=reading.signature)
        return Outcome(kind="changed", article_id=old.id, detail="headline" if change.title_changed else None)

    def _absent(self, link: LinkRow, absence: Absence, at: datetime) -> Outcome:
        if link.article_id is None:
            settle(self._db, link.url, state="gone", article_id=None, next_check_at=None, error=absence)
            return Outcome(kind="gone", detail=absence)
        article = articles.get(self._db, link.article_id)
        if article.gone_at is None and not presence.confirmed(absence, link.missing_since, at):
            look_again = at + presence.confirm_after(absence)
            articles.missing(self._db, link.url, status=absence, at=at, next_check_at=look_again)
            return Outcome(kind="missing", article_id=article.id, detail=absence)
        # a removed article is looked at on the same ladder, for it may come back
        articles.gone(self._db, article.id, link.url, status=absence, at=at, next_check_at=self._next(article, at))
        return Outcome(kind="gone", article_id=article.id, detail=absence)

    def _settle(
        self,
        reading: Reading,
        state: LinkState,
        outcome: Outcome,
        *,
        article_id: int | None = None,
        next_check_at: datetime | None = None,
        error: str | None = None,
    ) -> Outcome:
        page, link = reading.page, reading.link
        settle(
            self._db,
            link.url,
            state=state,
            article_id=article_id,
            next_check_at=next_check_at,
            # validators belong to one address: after a redirect they are another page's
            etag=page.header("etag") if page.url == link.url else None,
            last_modified=page.header("last-modified") if page.url == link.url else None,
            error=error,
        )
        if state == "stored" and article_id is not None:
            for address in {page.url, reading.article.canonical_url} - {link.url}:
                alias(self._db, address, url_key(address), of=link, article_id=article_id, at=page.fetched_at)
        return outcome

    def _keep(self, page: Page) -> int | None:
        """Keep the bytes of a page and return the id of its row; an article from a file may have none."""
        if not page.body:
            return None
        _, record, sha256 = self._made.pop(id(page), (page, None, None))
        return pages.insert(self._db, page, self._captures.write(page, record, sha256=sha256))

    def _next(self, article: StoredArticle, now: datetime) -> datetime | None:
        return self._recheck(
            times.parsed(article.published_at) if article.published_at else None,
            times.parsed(article.first_seen_at),
            now,
        )


def _stories() -> ModuleType:
    """Return the module that places articles; it needs numpy, which a crawl that stores nothing need not load."""
    from pipelines.dedupe import placing

    return placing


def _placed(article: StoredArticle) -> dict[str, Any]:
    """Return what a story is told of an article, as it is stored."""
    return {
        "article_id": article.id,
        "title": article.title,
        "text": article.text,
        "language": article.language,
        "source_id": article.source_id,
        "published_at": article.published_at,
        "first_seen_at": article.first_seen_at,
    }


def place_new(db: Database, article_id: int) -> None:
    """Place an article in the stories whose row was written otherwise, inside the caller's transaction."""
    _stories().place(db, **_placed(articles.get(db, article_id)))


def place_again(db: Database, article_id: int, *, made: Signature | None) -> None:
    """Place an article in the stories again whose row has changed, inside the caller's transaction."""
    _stories().replace(db, **_placed(articles.get(db, article_id)), made=made)


def _known(article: StoredArticle) -> Known:
    return Known(title=article.title, text=article.text)


def _addresses(reading: Reading) -> list[str]:
    """Return the identities under which a page was asked for and answered."""
    return list(dict.fromkeys([url_key(reading.link.url), url_key(reading.page.url)]))
