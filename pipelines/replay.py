"""Extracts again from the kept captures, without fetching: what a better reader makes of pages fetched long ago."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from archive import articles, jobs, rereading, warc
from archive.database import Database
from archive.db import write
from archive.frontier import LinkRow
from archive.records import Link
from archive.rereading import KeptArticle, KeptVersion
from archive.times import now
from archive.warc import Capture, WarcError, folder_of
from pipelines.items import FetchedPage, TopicChoice, chosen_topics
from pipelines.outlets import Outlets
from pipelines.reader import READER
from pipelines.reading import match_article, read
from pipelines.replanning import Difference, Plan, Reread, planned
from pipelines.store import place_again
from pipelines.worker import Poisoned, Worker

BATCH = 20
"""Articles in one transaction: crawls may write between two."""
WAITING = 6
"""Articles for each process that are read ahead."""
LARGEST = 10
"""Differences that are told."""
MAX_PROBLEMS_TOLD = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRules:
    """What is read again: all, or what was seen since a moment, or of one source; and for which topics.

    `topics_of` names the topics of sources that are not watched for all; `dry` writes nothing.
    """

    topics: TopicChoice
    topics_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: datetime | None = None
    source_id: str | None = None
    dry: bool = False

    def choice(self, source_id: str) -> TopicChoice:
        """Return the topics that articles of a source are matched against."""
        return replace(self.topics, ids=self.topics_of.get(source_id, ()))

    def key(self) -> str:
        """Return a digest of all that the outcome depends on beside the archive."""
        asked = (READER, sorted(self.topics_of.items()), self.since, self.source_id)
        return hashlib.sha256(repr(asked).encode() + self.topics.file.read_bytes()).hexdigest()


@dataclass(slots=True, kw_only=True)
class Replayed:
    """What a replay changed, or with `dry` would change.

    `counts`: articles read, changed, and captures that were lost, missing or too much for their reader; `fields`:
    field -> articles in which it changes; `largest`: the largest differences between texts.
    """

    counts: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    largest: list[Difference] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    resumed_after: int = 0

    def take(self, plan: Plan) -> None:
        """Count a plan."""
        self.counts["articles"] += 1
        self.counts["changed"] += bool(plan.fields)
        self.fields.update(plan.fields)
        self.largest = heapq.nlargest(LARGEST, [*self.largest, *plan.differences], key=lambda one: (one.size, one.n))

    def fault(self, outcome: str, problem: str) -> None:
        """Count a capture that could not be read, and keep the first ones for the user."""
        self.counts[outcome] += 1
        if len(self.problems) < MAX_PROBLEMS_TOLD:
            self.problems.append(problem)


Waiting = tuple[KeptArticle, dict[int, "Future[Reread | None]"]]


def replay(
    archive: Path,
    db: Database,
    outlets: Outlets,
    rules: ReplayRules,
    worker: Worker,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Replayed:
    """Read every version again from its own capture and make the results part of the same versions.

    With `rules.dry` nothing is written, and what is returned is what the same call would do. A replay that was
    stopped goes on where it was. A version keeps what it has where its capture is gone, says no article any more or
    is too much for `worker`; each is counted and told.
    """
    chosen_topics(rules.topics)
    job = None if rules.dry else jobs.begin(db, "replay", rules.key(), _name(rules), now())
    after = job.position if job else 0
    done = Replayed(resumed_after=after)
    total = rereading.count(db, since=rules.since, source_id=rules.source_id, after=after)
    kept = rereading.kept_articles(db, since=rules.since, source_id=rules.source_id, after=after)
    plans = _plans(folder_of(archive), kept, outlets, rules, worker, done)
    while batch := list(islice(plans, BATCH)):
        if job is not None:
            with write(db):
                for plan in batch:
                    if not _apply(db, plan):
                        done.counts["left alone"] += 1
                jobs.advance(db, job.id, position=batch[-1].article_id, counts=done.counts, at=now())
        for plan in batch:
            done.take(plan)
        if progress is not None:
            progress(done.counts["articles"], total)
    if job is not None:
        jobs.end(db, job.id, now())
    return done


def reread(
    folder: Path, capture: Capture, hint: LinkRow, zone: ZoneInfo, choice: TopicChoice, sign: bool
) -> Reread | None:
    """Read one capture again; the function that the workers run. None when the page says no article."""
    page = warc.read(folder, capture.file, capture.offset, capture.length)
    reading = read(FetchedPage(page=page, link=hint, zone=zone), choice, all_topics=sign)
    if not reading.article.text:
        return None
    return Reread(article=reading.article, hits=reading.hits, signature=reading.signature if sign else None)


def _plans(
    folder: Path, kept: Iterator[KeptArticle], outlets: Outlets, rules: ReplayRules, worker: Worker, done: Replayed
) -> Iterator[Plan]:
    """Yield a plan for each article, in order, while the next ones are being read."""
    waiting: deque[Waiting] = deque()
    for article in kept:
        waiting.append((article, _begun(folder, article, outlets, rules, worker)))
        while len(waiting) > WAITING * worker.processes:
            yield _planned(*waiting.popleft(), rules, done)
    while waiting:
        yield _planned(*waiting.popleft(), rules, done)


def _begun(
    folder: Path, article: KeptArticle, outlets: Outlets, rules: ReplayRules, worker: Worker
) -> dict[int, Future[Reread | None]]:
    source_id = article.row["source_id"]
    zone, choice, link = outlets.zone(source_id), rules.choice(source_id), _link(article)
    last = article.versions[-1].n
    return {
        version.n: worker.submit(reread, folder, version.capture, link, zone, choice, version.n == last)
        for version in article.versions
        if version.capture is not None
    }


def _planned(
    article: KeptArticle, futures: Mapping[int, Future[Reread | None]], rules: ReplayRules, done: Replayed
) -> Plan:
    found: dict[int, Reread] = {}
    for version in article.versions:
        if version.n in futures:
            done.counts["captures"] += 1
            result = _result(article, version, futures[version.n], done)
            if result is not None:
                found[version.n] = result
    topics = chosen_topics(rules.choice(article.row["source_id"]))
    return planned(article, found, partial(match_article, topics=topics))


def _result(article: KeptArticle, version: KeptVersion, future: Future[Reread | None], done: Replayed) -> Reread | None:
    place = f"{article.row['url']} version {version.n}"
    try:
        result = future.result()
    except WarcError as error:
        done.fault("no capture", f"{place}: {error}")
        return None
    except Poisoned as error:
        done.fault("poisoned", f"{place}: {error}")
        return None
    except Exception as error:  # one page's bug must not cost the pages after it
        done.fault("unreadable", f"{place}: {type(error).__name__}: {error}"[:500])
        return None
    if result is None:
        done.fault("no article", f"{place}: the page says no article any more; what was read of it before is kept")
    return result


def _apply(db: Database, plan: Plan) -> bool:
    """Do what a plan says; return False where the article has changed or gone since it was made."""
    try:
        old = articles.get(db, plan.article_id)
    except LookupError:
        return False
    if (old.versions, old.text_sha256) != plan.seen:
        return False
    if plan.article is not None:
        articles.update(db, old.id, plan.article, page_id=None, extractor=READER, redate=plan.redate)
    for version in plan.rewritten:
        rereading.rewrite_version(db, old.id, version, current=version.n == old.versions)
    if plan.topics is not None:
        articles.set_topics(db, old.id, plan.topics)
    if plan.article is not None:
        place_again(db, old.id, made=plan.signature)
    rereading.name_reader(db, old.id, READER)
    return True


def _link(article: KeptArticle) -> LinkRow:
    """Return the link that led to an article, with its hints and nothing else that reading asks for."""
    hint = article.hint or Link(url=article.row["url"], found_in="")
    return LinkRow(
        url=hint.url, source_id=article.row["source_id"], found_in=hint.found_in, title_hint=hint.title_hint,
        published_hint=hint.published_hint, hint_from=hint.hint_from, attempts=0, article_id=None, etag=None,
        last_modified=None, missing_since=None, missing_status=None,
    )  # fmt: skip


def _name(rules: ReplayRules) -> str:
    since = f" since {rules.since.isoformat()}" if rules.since else ""
    return f"{rules.source_id or 'all sources'}{since}"
