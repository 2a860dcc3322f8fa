"""Reads a fetched page into all that can be known of it without the archive: article, topics, signature."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from archive.frontier import LinkRow
from archive.records import Article, Page, TopicHit
from pipelines.dedupe.signature import Signature, signature
from pipelines.extract import extract
from pipelines.topic_file import Topic
from pipelines.topics import match


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """A response on its way down the river: the item that a spider yields.

    `is_article_url` tells whether the address it was answered at fits the source's article patterns.
    """

    page: Page
    link: LinkRow
    zone: ZoneInfo
    is_article_url: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A page with what was read from it; `hits` is empty where no topic matches."""

    page: Page
    link: LinkRow
    article: Article
    hits: tuple[TopicHit, ...]
    signature: Signature | None = None
    is_article_url: bool = True


def read(fetched: FetchedPage, topics: tuple[Topic, ...]) -> Reading:
    """Extract the article of a page, match its topics and sign its text.

    Pure, and made to run in a worker that can be killed. A text that is on no topic is signed only where its
    link is a stored article's: no other one is compared.
    """
    article = extract(fetched.page, zone=fetched.zone, hint=fetched.link.hint())
    hits = match_article(article, topics)
    wanted = bool(hits) or fetched.link.article_id is not None
    return Reading(
        page=fetched.page,
        link=fetched.link,
        article=article,
        hits=hits,
        signature=signature(article.text) if wanted else None,
        is_article_url=fetched.is_article_url,
    )


def match_article(article: Article, topics: tuple[Topic, ...]) -> tuple[TopicHit, ...]:
    """Return the topics of an article."""
    published = article.published_at.date() if article.published_at else None
    return match(topics, article.title, article.text, language=article.language, published=published)
