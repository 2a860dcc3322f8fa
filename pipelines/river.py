"""Reads a fetched page into all that can be known of it without the archive: article, topics, signature."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from archive.frontier import LinkRow
from archive.records import Article, Page, TopicHit
from pipelines.extract import extract
from pipelines.topics import Topic, match


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
    is_article_url: bool = True


def read(fetched: FetchedPage, topics: tuple[Topic, ...]) -> tuple[Article, tuple[TopicHit, ...]]:
    """Extract the article of a page and match its topics. Pure, and made to run in a worker that can be killed."""
    article = extract(fetched.page, zone=fetched.zone, hint=fetched.link.hint())
    published = article.published_at.date() if article.published_at else None
    hits = match(topics, article.title or "", article.text, language=article.language, published=published)
    return article, hits
