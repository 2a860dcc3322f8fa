"""Makes a synthetic archive: sixty outlets, ten years, three languages, texts of 3-4 kB in real words.

Word frequencies follow Zipf, and each text repeats a few words of its own. One article in seven is a copy of one of
the last days, one in thirty is changed later and one in two hundred removed. Everything goes through the store, fifty
articles a transaction, as an import does; the links that a crawl would have found are there as well.

usage: python -m benchmarks.synthetic FILE [--articles 100000] [--seed 1] [--bulk]
"""

from __future__ import annotations

import argparse
import random
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import numpy as np

from archive import articles, sketches, stories
from archive.database import Database
from archive.db import open_archive, write
from archive.frontier import EntryRow, Frontier, LinkRow, SourceRow, settle
from archive.records import Article, Link, Page, Script, TopicHit
from archive.stories import Standing
from archive.times import stored
from archive.warc import WarcWriter, folder_of
from benchmarks.vocabulary import LANGUAGES, vocabulary
from pipelines.canonical import url_key
from pipelines.items import Reading
from pipelines.store import Store

BATCH = 50
"""Articles in one transaction, as in an import."""
BULK = 1_000
OUTLETS = 60
DAYS = 3_652
LAST = datetime(2026, 4, 1, tzinfo=UTC)
"""Day after the last articles: the archive ends with the weeks of the referendum."""
SHARES = {"ru": 0.55, "kk": 0.35, "en": 0.10}
CHARS = {"ru": 1_950, "kk": 1_900, "en": 3_400}
"""Characters of a text on average, some 3.5 kB each: a Cyrillic letter takes two bytes."""
COPY_SHARE = 0.14
CHANGED_SHARE = 1 / 30
GONE_SHARE = 1 / 200
RECENT = 400
"""Texts back from which copies are taken."""
TOPICS = ("referendum", "constitution", "elections")
TOPIC_SHARES = (0.6, 0.4, 0.15)
OWN_WORDS = 6
"""Words that a text is about, each of which it repeats."""
TOKENS = 250
CHECKPOINTS = frozenset((1_000, 3_000, *range(10_000, 100_000, 10_000), *range(100_000, 5_000_001, 100_000)))
HEAD = (
    "| articles | articles a second | CPU an article, ms | database, bytes an article | text, bytes an article |\n"
    "| ---: | ---: | ---: | ---: | ---: |"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One synthetic article, and the address of the one it is a copy of."""

    article: Article
    source_id: str
    hits: tuple[TopicHit, ...]
    copy_of: str | None


class Words:
    """Draws words of one language, as often as Zipf's law has them."""

    def __init__(self, language: str, seed: int) -> None:
        self.all = np.array(vocabulary(language), dtype=object)
        weights = 1 / (np.arange(len(self.all)) + 2.7) ** 1.05
        self._cumulated = np.cumsum(weights / weights.sum())
        self._draw = np.random.default_rng((seed, LANGUAGES.index(language)))

    def some(self, count: int) -> list[str]:
        """Return `count` words."""
        ranks = np.searchsorted(self._cumulated, self._draw.random(count))
        return list(self.all[np.minimum(ranks, len(self.all) - 1)])

    def rarer(self, count: int) -> list[str]:
        """Return `count` words a text may be about: none of the commonest two hundred."""
        ranks = 200 * (len(self.all) / 200) ** self._draw.random(count)
        return list(self.all[ranks.astype(int).clip(0, len(self.all) - 1)])


class Press:
    """Writes articles, the same for the same seed and number, in the order of ten years."""

    def __init__(self, articles: int, seed: int = 1) -> None:
        self._articles = articles
        self._rng = random.Random(seed)
        self._words = {language: Words(language, seed) for language in LANGUAGES}
        self._recent: deque[tuple[Article, str]] = deque(maxlen=RECENT)

    def written(self) -> Iterator[Written]:
        """Yield the articles, the oldest first."""
        rng = self._rng
        for number in range(self._articles):
            when = LAST - timedelta(days=DAYS) + timedelta(days=DAYS) * (number / self._articles)
            when = when.replace(microsecond=0)
            source = int(OUTLETS * rng.random() ** 1.7)
            earlier = rng.choice(self._recent) if self._recent and rng.random() < COPY_SHARE else None
            if earlier is not None and earlier[1] != f"outlet-{source:02}":
                language, text, title = str(earlier[0].language), self._copied(earlier[0]), str(earlier[0].title)
            else:
                earlier = None
                language = rng.choices(list(SHARES), list(SHARES.values()))[0]
                title, text = self._new(language)
            source_id = f"outlet-{source:02}"
            url = f"https://{source_id}.example/{when:%Y/%m/%d}/{number}"
            article = Article(
                url=url, canonical_url=url, title=title, text=text, language=language,
                script=_script(language), published_at=when, published_precision="second", published_from="json-ld",
                authors=(f"Author {source}-{rng.randrange(12)}",), section="news",
            )  # fmt: skip
            if earlier is None:
                self._recent.append((article, source_id))
            yield Written(
                article=article,
                source_id=source_id,
                hits=tuple(
                    TopicHit(topic_id=topic, score=round(1 + 9 * rng.random(), 2), terms={topic: 2}, in_title=True)
                    for topic, share in zip(TOPICS, TOPIC_SHARES, strict=True)
                    if rng.random() < share
                ),
                copy_of=earlier[0].url if earlier else None,
            )

    def _new(self, language: str) -> tuple[str, str]:
        rng, words = self._rng, self._words[language]
        chars = CHARS[language] * min(max(rng.lognormvariate(-0.12, 0.5), 0.2), 6)
        drawn = words.some(max(20, int(chars / (5.6 if language == "en" else 6.6))))
        own = words.rarer(OWN_WORDS)
        for at in rng.sample(range(len(drawn)), min(len(drawn) // 4, OWN_WORDS * 3)):
            drawn[at] = own[int(OWN_WORDS * rng.random() ** 2)]
        for at in range(11, len(drawn), 41):
            drawn[at] = str(rng.randint(1, 99_999))
        for at in range(0, len(drawn) - 1, 13):
            drawn[at] = drawn[at].capitalize()
            drawn[at - 1] += "."
        for at in range(52, len(drawn) - 1, 52):
            drawn[at] = "\n" + drawn[at]
        title = " ".join([*own[:3], *words.some(4)]).capitalize()
        return title, " ".join(drawn).replace(" \n", "\n") + "."

    def _copied(self, article: Article) -> str:
        words = article.text.split(" ")
        fresh = self._words[str(article.language)].some(len(words) // 40)
        for at, word in zip(self._rng.sample(range(len(words)), len(fresh)), fresh, strict=True):
            words[at] = word
        return " ".join(words)


def _script(language: str) -> Script:
    return "Latn" if language == "en" else "Cyrl"


class Filling:
    """Fills an archive with what a press writes."""

    def __init__(self, db: Database, captures: WarcWriter, *, seed: int = 1) -> None:
        self._db = db
        self._store = Store(db, captures, extractor="synthetic")
        self._frontier = Frontier(db)
        self._rng = random.Random(seed + 1)

    def begin(self) -> None:
        """List the outlets."""
        for number in range(OUTLETS):
            name = f"outlet-{number:02}"
            self._frontier.register(
                SourceRow(
                    id=name, name=f"Outlet {number}", homepage=f"https://{name}.example/", languages=LANGUAGES,
                    country="KZ", kind="private",
                ),
                [EntryRow(url=f"https://{name}.example/feed", kind="feed")],
            )  # fmt: skip

    def add(self, batch: list[Written]) -> None:
        """Store articles as a crawl and an import would."""
        readings = [self._reading(one) for one in batch]
        by_source: dict[str, list[Link]] = {}
        for one in batch:
            url = one.article.url
            by_source.setdefault(one.source_id, []).append(
                Link(url=url, found_in=f"https://{one.source_id}.example/feed")
            )
        at = batch[-1].article.published_at or LAST
        for source_id, links in by_source.items():
            self._frontier.add(source_id, {url_key(link.url): link for link in links}, at=at)
        outcomes = self._store.add(readings)
        with write(self._db):
            for reading, outcome in zip(readings, outcomes, strict=True):
                settle(self._db, reading.link.url, state="stored", article_id=outcome.article_id, next_check_at=None)
        for reading, outcome in zip(readings, outcomes, strict=True):
            link = replace(reading.link, article_id=outcome.article_id)
            if self._rng.random() < CHANGED_SHARE:
                self._change(replace(reading, link=link))
            elif self._rng.random() < GONE_SHARE:
                missing = replace(link, missing_since=reading.page.fetched_at)
                self._store.absent(missing, "410", reading.page.fetched_at + timedelta(days=3))

    def _reading(self, one: Written) -> Reading:
        url, at = one.article.url, one.article.published_at or LAST
        return Reading(
            page=Page(url=url, fetched_at=at + timedelta(minutes=10), source_id=one.source_id),
            link=LinkRow(
                url=url, source_id=one.source_id, found_in=f"https://{one.source_id}.example/feed", title_hint=None,
                published_hint=None, hint_from=None, attempts=0, article_id=None, etag=None, last_modified=None,
                missing_since=None, missing_status=None,
            ),
            article=one.article,
            hits=one.hits,
        )  # fmt: skip

    def _change(self, reading: Reading) -> None:
        article, page = reading.article, reading.page
        later = replace(page, fetched_at=page.fetched_at + timedelta(hours=2))
        headline = self._rng.random() < 0.5
        self._store.put(replace(reading, page=later, article=_changed(article, headline=headline), signature=None))


def _changed(article: Article, *, headline: bool) -> Article:
    """Return an article as its outlet changes it: another headline, or a paragraph more."""
    if headline:
        return replace(article, title=f"{article.title} ({len(article.text)})")
    return replace(article, text=f"{article.text}\n{article.text[:120]}.")


class Bulk(Filling):
    """Fills the same tables with the archive's own functions in a third of the time, for measuring what reads them.

    Stories are those that the press planted: nothing is looked for, and there is no story index.
    """

    def begin(self) -> None:
        """List the outlets."""
        super().begin()
        self._db.execute("pragma synchronous = off")  # nobody's archive: it is made anew after a power cut
        self._told: dict[str, tuple[int, int]] = {}

    def add(self, batch: list[Written]) -> None:
        """Store articles in one transaction."""
        db, links = self._db, []
        with write(db):
            for one in batch:
                article, at = one.article, (one.article.published_at or LAST) + timedelta(minutes=10)
                feed, key = f"https://{one.source_id}.example/feed", url_key(article.url)
                number = articles.insert(
                    db, article, url_key=key, source_id=one.source_id, found_in=feed, page_id=None,
                    extractor="synthetic", seen_at=at,
                )  # fmt: skip
                articles.set_topics(db, number, one.hits)
                links.append((article.url, key, one.source_id, stored(at.replace(minute=0)), feed, number))
                self._tell(number, one)
            db.conn.executemany(
                "insert into links (url, url_key, source_id, first_seen_at, found_in, state, article_id)"
                " values (?, ?, ?, ?, ?, 'stored', ?)",
                links,
            )
            for one, (url, *_, number) in zip(batch, links, strict=True):
                at = (one.article.published_at or LAST) + timedelta(hours=2)
                if self._rng.random() < CHANGED_SHARE:
                    later = _changed(one.article, headline=self._rng.random() < 0.5)
                    articles.add_version(
                        db, articles.get(db, number), later, chars_added=120, chars_removed=0, page_id=None,
                        extractor="synthetic", seen_at=at,
                    )  # fmt: skip
                elif self._rng.random() < GONE_SHARE:
                    articles.gone(db, number, url, status="410", at=at, next_check_at=None)

    def _tell(self, number: int, one: Written) -> None:
        """Write down the story of an article."""
        db, when = self._db, one.article.published_at or LAST
        first, story = self._told.get(one.copy_of or "", (None, None))
        if first is None or story is None:
            story = stories.open_story(db, number, stored(when))
            standing = Standing(article_id=number, story_id=story, role="first", similarity=None)
        else:
            standing = Standing(article_id=number, story_id=story, role="reprint", similarity=0.95)
        body = sketches.add_body(db, number, TOKENS, story)
        sketches.add_member(db, number, body, int(when.timestamp()))
        stories.stand(db, [standing])
        if first is not None:
            stories.describe_story(db, story, first)
        else:
            self._told[one.article.url] = (number, story)
            if len(self._told) > 4 * RECENT:
                self._told = dict(list(self._told.items())[-2 * RECENT :])


def fill(path: Path, count: int, *, seed: int = 1, bulk: bool = False) -> Iterator[str]:
    """Fill the archive at `path`, which must not exist, and yield a row of the table at every checkpoint."""
    press = Press(count, seed).written()
    with closing(open_archive(path)) as db, WarcWriter(folder_of(path), "synthetic") as captures:
        filling = (Bulk if bulk else Filling)(db, captures, seed=seed)
        filling.begin()
        done = since = chars = 0
        begun, cpu = time.perf_counter(), time.process_time()
        while batch := list(islice(press, BULK if bulk else BATCH)):
            filling.add(batch)
            done += len(batch)
            chars += sum(len(one.article.text.encode()) for one in batch)
            if done in CHECKPOINTS or done == count:
                spent, busy = time.perf_counter() - begun, time.process_time() - cpu
                size = (path.stat().st_size + path.with_name(path.name + "-wal").stat().st_size) / done
                yield (
                    f"| {done:,} | {(done - since) / spent:,.0f} | {busy / (done - since) * 1000:.2f} |"
                    f" {size:,.0f} | {chars / done:,.0f} |"
                )
                since, begun, cpu = done, time.perf_counter(), time.process_time()


def main() -> None:
    """Fill an archive and print its curve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bulk", action="store_true", help="large transactions, planted stories, no story index")
    options = parser.parse_args()
    if options.file.exists():
        parser.error(f"{options.file} exists; name a new file")
    print(HEAD)
    for row in fill(options.file, options.articles, seed=options.seed, bulk=options.bulk):
        print(row, flush=True)


if __name__ == "__main__":
    main()
